#include "compiler/duals/decision.hpp"

#include <algorithm>
#include <cmath>

#include "compiler/duals/log_sum.hpp"
#include "compiler/duals/numeric_function.hpp"
#include "compiler/hermite/work.hpp"
#include "compiler/kernel_ir/function.hpp"

namespace ntkc::duals {
namespace {

/// What rounding may take of a closed form before an expansion, which takes seconds to plan, is looked for.
constexpr double largest_rounding = 1e-9;
/// √q below which that is not looked at.
constexpr double least_lossy_deviation = 300;
/// What an expansion may leave out where nothing is known of the closed form.
constexpr double largest_remainder = 1e-3;
/// What looking for an expansion may take, in products of hermite::WorkLimit.
constexpr double most_work_of_choice = 1e9;

/// φ or φ' in a form that is finite wherever quadrature may look, at |z| up to 48 deviations, if there is one.
template <typename Derive>
kernel_ir::NodeId finite_form(kernel_ir::Program& program, kernel_ir::NodeId phi, DeviationRange deviations,
                              const Derive& derive) {
  constexpr double furthest = 48;
  const auto is_finite = [&](kernel_ir::NodeId id) {
    const NumericFunction function(program, id);
    return std::isfinite(function(furthest * deviations.high)) &&
           std::isfinite(function(-furthest * deviations.high));
  };
  const kernel_ir::NodeId f = derive(phi);
  if (is_finite(f)) return f;
  const kernel_ir::NodeId other = derive(without_overflow(program, phi));
  return is_finite(other) ? other : f;
}

}  // namespace

Decision DecisionMaker::decide(kernel_ir::NodeId phi, DeviationRange deviations, Asked asked) {
  Decision result = {.deviations = deviations};
  result.closed = ClosedForm::find(program_, phi, std::min(options_.unit_roundoff, double_roundoff));
  if (result.closed && deviations.high > result.closed->largest_deviation()) result.closed.reset();
  if (!result.closed) {
    const auto value_of = [](kernel_ir::NodeId f) { return f; };
    const kernel_ir::NodeId value = finite_form(program_, phi, deviations, value_of);
    result.value = asked.value ? planner_->find(value, deviations)
                               : PlannedExpansion{value, planner_->plan(value, deviations)};
    if (asked.slope) {
      const auto slope = [&](kernel_ir::NodeId f) { return slope_of(program_, f); };
      result.slope = planner_->find(finite_form(program_, phi, deviations, slope), deviations);
    }
    return result;
  }
  if (!options_.state_losses) return result;
  std::optional<RoundingLoss> loss = RoundingLoss::find(program_, phi, {.value = true, .slope = asked.slope});
  // Derivatives by parameters are those of the closed form.
  if (loss && options_.derivatives.empty() && deviations.high >= least_lossy_deviation) {
    result.value = find_better(phi, {.value = true}, phi, deviations);
    if (asked.slope) result.slope = find_better(phi, {.slope = true}, slope_of(program_, phi), deviations);
    if (result.value || result.slope)
      loss =
          RoundingLoss::find(program_, phi, {.value = !result.value, .slope = asked.slope && !result.slope});
  }
  if (loss) result.rounding = find_loss_bounds(*loss, options_.tolerance);
  return result;
}

std::optional<PlannedExpansion> DecisionMaker::find_better(kernel_ir::NodeId phi, Asked part,
                                                           kernel_ir::NodeId f, DeviationRange deviations) {
  const auto loss = RoundingLoss::find(program_, phi, part);
  if (!loss) return std::nullopt;
  const double lost = loss->at(deviations.high * deviations.high);
  if (lost <= std::max(largest_rounding, options_.tolerance)) return std::nullopt;
  try {
    const hermite::WorkLimit work(most_work_of_choice);
    PlannedExpansion found = planner_->find(f, deviations);
    if (found.remainder() < (std::isnan(lost) ? largest_remainder : lost)) return found;
  } catch (const hermite::TooMuchWork&) {
    planner_.emplace(program_, options_);  // what was not finished is not kept
  }
  return std::nullopt;
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
  const bool is_expanded = (needed.value && decision.value) || (needed.slope && decision.slope);
  if (decision.closed && !is_expanded) {
    result.name = decision.closed->name();
    if (std::ranges::any_of(decision.closed->parts(), &ClosedPart::by_calculus))
      result.mechanism = Mechanism::calculus;
    if (decision.rounding) result.rounding = describe(decision.rounding->range, tolerance);
    return result;
  }
  bool is_split = false;
  if (needed.value && (decision.value || !decision.closed)) {
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
