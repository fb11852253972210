// Plans that serve derivatives as well: d/dθ Σ a_k b_k u^k is made of the a_k and b_k of f, zf' and ∂f and of
// Σ k a_k b_k u^(k-1), which is what f' expands to. The terms are as many as the slowest of them takes.
#include <algorithm>
#include <cmath>
#include <iterator>

#include "compiler/duals/expansion.hpp"
#include "compiler/moments/derivative.hpp"

namespace ntkc::duals {

using hermite::Parity;
using hermite::Plan;
using kernel_ir::NodeId;

namespace {

/// One more than the highest degree.
int degrees(const Plan& plan) { return plan.terms.degree(plan.terms.count - 1) + 1; }

hermite::Rule united(const hermite::Rule& a, const hermite::Rule& b) {
  std::vector<double> breaks;
  std::ranges::set_union(a.breaks, b.breaks, std::back_inserter(breaks));
  return {std::move(breaks), std::max(a.nodes, b.nodes), std::max(a.reach, b.reach)};
}

/// `joint` with terms enough for `other`, which is of one degree less if it is f'.
void include(Plan& joint, const Plan& other, bool is_slope) {
  joint.remainder = std::max(joint.remainder, other.remainder);
  joint.unseen = std::max(joint.unseen, other.unseen);
  if (std::isnan(other.remainder)) joint.remainder = other.remainder;
  const int needed = std::max(degrees(joint), degrees(other) + (is_slope ? 1 : 0));
  if (!is_slope && other.terms.parity != joint.terms.parity) joint.terms.parity = Parity::none;
  const bool has_parity = joint.terms.parity != Parity::none;
  joint.terms.count = has_parity ? needed / 2 + 1 : 2 * ((needed + 1) / 2);
  joint.terms.rule = united(joint.terms.rule, other.terms.rule);
  joint.mean = united(joint.mean, other.mean);
}

}  // namespace

const Plan& ExpansionPlanner::plan(NodeId f, DeviationRange deviations) {
  if (options_.derivatives.empty()) return plan_alone(f, deviations);
  const auto [position, inserted] = joint_plans_.try_emplace({f, deviations.low, deviations.high});
  if (!inserted) return position->second;
  Plan joint = plan_alone(f, deviations);
  const NodeId variable = program_.variable();
  const NodeId slope = moments::differentiate(program_, f, variable);
  include(joint, plan_alone(program_.multiply(variable, slope), deviations), false);
  include(joint, plan_alone(slope, deviations), true);
  for (const std::uint32_t parameter : options_.derivatives) {
    const NodeId by = moments::differentiate(program_, f, program_.parameter(parameter));
    if (!program_.is_literal(by, 0)) include(joint, plan_alone(by, deviations), false);
  }
  return position->second = joint;
}

}  // namespace ntkc::duals
