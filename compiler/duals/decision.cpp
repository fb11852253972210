#include "compiler/duals/decision.hpp"

#include <algorithm>
#include <cmath>

#include "compiler/duals/numeric_function.hpp"
#include "compiler/kernel_ir/function.hpp"

namespace ntkc::duals {

Decision DecisionMaker::decide(kernel_ir::NodeId phi, DeviationRange deviations, Asked asked) {
  Decision result = {.deviations = deviations};
  result.closed = ClosedForm::find(program_, phi, std::min(options_.unit_roundoff, double_roundoff));
  if (result.closed && deviations.high > result.closed->largest_deviation()) result.closed.reset();
  if (!result.closed) {
    result.value =
        asked.value ? planner_.find(phi, deviations) : PlannedExpansion{phi, planner_.plan(phi, deviations)};
    if (asked.slope) result.slope = planner_.find(slope_of(program_, phi), deviations);
    return result;
  }
  if (!options_.state_losses) return result;
  if (const auto loss = RoundingLoss::find(program_, phi, asked.slope))
    result.rounding = find_loss_bounds(*loss, options_.tolerance);
  return result;
}

namespace {

/// NaN wins.
double larger(double a, double b) { return std::isnan(a) || a > b ? a : b; }

bool splits(const PlannedExpansion& expansion) {
  return expansion.sparse ? expansion.sparse->s != kernel_ir::no_node : expansion.split.has_value();
}

bool expands_jump(const kernel_ir::Program& program, const PlannedExpansion& expansion) {
  return !splits(expansion) && expansion.remainder() != 0 &&
         kernel_ir::Function(program, expansion.function).has_jump(furthest_jump);
}

}  // namespace

Statement state(const kernel_ir::Program& program, const Decision& decision, Asked needed, double tolerance) {
  Statement result;
  result.largest_q = decision.deviations.high * decision.deviations.high;
  if (decision.closed) {
    result.name = decision.closed->name();
    if (std::ranges::any_of(decision.closed->parts(), &ClosedPart::by_calculus))
      result.mechanism = Mechanism::calculus;
    if (decision.rounding) result.rounding = describe(decision.rounding->range, tolerance);
    return result;
  }
  bool is_split = false;
  if (needed.value) {
    const PlannedExpansion& value = decision.value.value();
    result.remainder_of_value = result.remainder = value.remainder();
    result.terms = value.plan().terms.count;
    result.parity = value.plan().terms.parity;
    if (value.sparse) {
      const hermite::Terms& terms = value.sparse->plan.r[0];
      result.is_sparse = true;
      result.terms = static_cast<int>(value.sparse->plan.r.size()) * terms.count + terms.order;
    }
    result.expands_jump = expands_jump(program, value);
    is_split = splits(value);
  }
  if (const auto& slope = decision.slope; slope && needed.slope) {
    result.remainder_of_slope = slope->remainder();
    result.remainder = larger(slope->remainder(), result.remainder);
    result.expands_jump = result.expands_jump || expands_jump(program, *slope);
    is_split = is_split || splits(*slope);
  }
  result.mechanism = is_split ? Mechanism::split : Mechanism::expansion;
  result.name =
      is_split ? "Gaussian moments of what breaks, Hermite expansion of the rest" : "Hermite expansion";
  return result;
}

}  // namespace ntkc::duals
