// What is compiled for the dual of a function: decided here, once, and read by whoever writes it or speaks of
// it.
#pragma once

#include <optional>

#include "compiler/duals/closed_form.hpp"
#include "compiler/duals/expansion.hpp"
#include "compiler/duals/options.hpp"
#include "compiler/duals/rounding.hpp"
#include "compiler/duals/statement.hpp"

namespace ntkc::duals {

/// E[φ(u)φ(v)] and E[φ'(u)φ'(v)] for u and v of deviations √q in a range. It refers to the program that it was
/// made for.
struct Decision {
  DeviationRange deviations = {};
  std::optional<ClosedForm> closed = {};       ///< what is compiled for what has no expansion
  std::optional<LossBounds> rounding = {};     ///< what rounding takes of that, where it is stated
  std::optional<PlannedExpansion> value = {};  ///< of φ, in full if that is asked for
  std::optional<PlannedExpansion> slope = {};  ///< and of φ' if that is
};

/// Decides for one program, to which it adds derivatives and parts of functions.
class DecisionMaker {
 public:
  DecisionMaker(kernel_ir::Program& program, const ExpansionOptions& options)
      : program_(program), options_(options) {
    planner_.emplace(program, options_);
  }

  /// The closed form where there is one and rounding leaves enough of it over all of the range, else
  /// expansions.
  Decision decide(kernel_ir::NodeId phi, DeviationRange deviations, Asked asked);
  /// Of expectations that are no duals.
  ExpansionPlanner& planner() { return *planner_; }

 private:
  /// The expansion of f, φ or φ', if rounding takes too much of this part of φ's closed form at the largest √q, and
  /// the expansion leaves out less.
  std::optional<PlannedExpansion> find_better(kernel_ir::NodeId phi, Asked part, kernel_ir::NodeId f,
                                              DeviationRange deviations);

  kernel_ir::Program& program_;
  ExpansionOptions options_;
  std::optional<ExpansionPlanner> planner_;
};

/// What is said of a decision for a tolerance, where so much of it is needed.
Statement state(const kernel_ir::Program& program, const Decision& decision, Asked needed, double tolerance);

}  // namespace ntkc::duals
