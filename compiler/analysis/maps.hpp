// The maps of a recursion: n values that an iteration makes of one another.
//
// A state holds, for two inputs of one norm, q_i = Σ_i(x, x) and the complements (1 ∓ u_i)/2 of the
// correlations u_i = Σ_i(x, x')/q_i. An iteration maps it to q' = Q(q) and c' = C(c; q), c_i = q_i u_i; Θ
// goes along as Θ' = J Θ + S with J = ∂C/∂c.
#pragma once

#include <Eigen/Core>
#include <memory>
#include <vector>

#include "compiler/analysis/loop_evaluator.hpp"
#include "compiler/analysis/step_program.hpp"
#include "compiler/passes/pipeline.hpp"

namespace ntkc::analysis {

using Eigen::MatrixXd;
using Eigen::VectorXd;

struct State {
  VectorXd q;
  VectorXd complement;    ///< (1 - u)/2, exact where u is near 1
  VectorXd cocomplement;  ///< (1 + u)/2

  [[nodiscard]] Eigen::Index size() const { return q.size(); }
  [[nodiscard]] VectorXd u() const { return cocomplement - complement; }
  [[nodiscard]] VectorXd c() const { return q.cwiseProduct(u()); }
  /// 1 - u
  [[nodiscard]] VectorXd distance() const { return 2 * complement; }

  static State with_distance(const VectorXd& q, const VectorXd& distance);
  /// u = 1: the state of one input.
  static State of_variances(const VectorXd& q) { return with_distance(q, VectorXd::Zero(q.size())); }
};

/// A state and what the weights so far add to the neural tangent kernels of its values.
struct StateWithTheta {
  State state;
  VectorXd theta;
};

class Maps {
 public:
  Maps(RecursionPrograms programs, const passes::ExpansionOptions& expansions);

  [[nodiscard]] Eigen::Index size() const { return size_; }
  /// What expansions have taken so far, in products of a coefficient and a node.
  [[nodiscard]] double work() const;

  /// What enters the first iteration, for two inputs with |x|²/d = 1 and this 1 - u.
  StateWithTheta enter(double distance);

  State iterate(const State& state);
  /// Θ' = J Θ + S
  StateWithTheta iterate(const StateWithTheta& from);
  /// Q(q)
  VectorXd variances(const VectorXd& q);
  /// J, ∂c'_i/∂c_j
  MatrixXd slopes(const State& state);

  /// What an expansion may leave out of an entry at these q, relative to the diagonal; 0 if all is closed.
  double remainder(const VectorXd& q) { return serve(q).remainder; }

 private:
  struct Evaluated {
    State state;
    VectorXd theta;
    VectorXd tangent;
  };
  /// Expansions serve variances up to a limit: an evaluator for each of a few limits, made when needed.
  struct Served {
    double limit;
    double remainder;  ///< stated, of a kernel entry
    std::unique_ptr<LoopEvaluator> evaluator;
  };

  Evaluated evaluate(const State& state, const VectorXd& theta, const VectorXd& tangent);
  Served& serve(const VectorXd& q);
  [[nodiscard]] Served make(double limit) const;
  [[nodiscard]] std::unique_ptr<LoopEvaluator> expand(const kernel_ir::Program& program, double limit) const;
  [[nodiscard]] std::vector<double> pack(const State& state, const VectorXd& theta,
                                         const VectorXd& tangent) const;
  [[nodiscard]] Evaluated unpack(const std::vector<double>& carried) const;

  RecursionPrograms programs_;
  passes::ExpansionOptions expansions_;
  Eigen::Index size_;
  std::unique_ptr<LoopEvaluator> entry_;
  std::vector<Served> steps_;
};

}  // namespace ntkc::analysis
