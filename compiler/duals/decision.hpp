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

/// Which expectations of a pair are asked for; E[φ(u)²] always is.
struct Asked {
  bool value = false;  ///< E[φ(u)φ(v)]
  bool slope = false;  ///< E[φ'(u)φ'(v)]

  friend Asked operator|(Asked a, Asked b) { return {a.value || b.value, a.slope || b.slope}; }
};

/// E[φ(u)φ(v)] and E[φ'(u)φ'(v)] for u and v of deviations √q in a range. It refers to the program that it was
/// made for.
struct Decision {
  DeviationRange deviations = {};
  std::optional<ClosedForm> closed = {};       ///< what is compiled, where there is one
  std::optional<LossBounds> rounding = {};     ///< what rounding takes of that, where it is stated
  std::optional<PlannedExpansion> value = {};  ///< otherwise: of φ, in full if that is asked for
  std::optional<PlannedExpansion> slope = {};  ///< and of φ' if that is
};

/// Decides for one program, to which it adds derivatives and parts of functions.
class DecisionMaker {
 public:
  DecisionMaker(kernel_ir::Program& program, const ExpansionOptions& options)
      : program_(program), options_(options), planner_(program, options_) {}

  /// The closed form where there is one and rounding leaves enough of it over all of the range, else
  /// expansions.
  Decision decide(kernel_ir::NodeId phi, DeviationRange deviations, Asked asked);
  /// Of expectations that are no duals.
  ExpansionPlanner& planner() { return planner_; }

 private:
  kernel_ir::Program& program_;
  ExpansionOptions options_;
  ExpansionPlanner planner_;
};

/// What is said of a decision for a tolerance, where so much of it is needed.
Statement state(const kernel_ir::Program& program, const Decision& decision, Asked needed, double tolerance);

}  // namespace ntkc::duals
