// An expanded program's loop, evaluated in double precision for pairs of inputs of one norm.
#pragma once

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "compiler/duals/numeric_function.hpp"
#include "compiler/hermite/terms.hpp"
#include "compiler/kernel_ir/evaluator.hpp"

namespace ntkc::analysis {

/// What to evaluate: values of one input are enough for variances, and have no part in expansions'
/// contractions.
enum class Part : std::uint8_t { samples, all };

/// Holds what a base class refers to.
struct ProgramOwner {
  kernel_ir::Program owned;
};

/// Arithmetic node by node: a few microseconds for an iteration, where machine code would take milliseconds
/// to make. Both inputs of a pair having one norm, a sample value is one number.
class LoopEvaluator final : ProgramOwner, kernel_ir::Evaluator<double> {
 public:
  /// Precondition: the program is expanded, and its last outermost loop is the one that is meant.
  explicit LoopEvaluator(kernel_ir::Program program);

  /// What the loop carries into its first iteration, for inputs with |x|²/d = q and these complements of
  /// their correlation, (1 - u)/2 and (1 + u)/2.
  std::vector<double> enter(double q, double complement, double cocomplement);
  /// One iteration; of `samples` only what is carried of one input counts. Precondition: `enter` was called.
  std::vector<double> iterate(const std::vector<double>& carried, Part part);

  /// The largest share that an expansion leaves out of a kernel entry, as stated; 0 if there is none.
  [[nodiscard]] double remainder() const;
  /// What expansions have taken so far, in products of a coefficient and a node.
  [[nodiscard]] double work() const { return work_; }

 private:
  struct Input {
    double q = 1;
    double complement = 0;
    double cocomplement = 1;
  };
  /// The coefficients of the last roots that were asked for.
  struct Memo {
    double root = 0;
    std::vector<double> values;
  };

  [[nodiscard]] bool is_wanted(kernel_ir::NodeId id) const override;
  double evaluate(kernel_ir::NodeId id) override;
  [[nodiscard]] double contract_sparse(const kernel_ir::Node& node) const;
  [[nodiscard]] double contract(const kernel_ir::Node& node) const;
  const std::vector<double>& expansion(kernel_ir::NodeId id, double root);
  hermite::Quadrature quadrature(const hermite::Rule& rule, double root);
  const duals::NumericFunction& function(kernel_ir::NodeId id);

  kernel_ir::NodeId loop_ = kernel_ir::no_node;
  Input input_;
  Part part_ = Part::all;
  double work_ = 0;
  std::map<kernel_ir::NodeId, std::vector<double>> series_;
  std::map<kernel_ir::NodeId, std::vector<Memo>> memos_;
  std::map<std::tuple<bool, int, double>, hermite::Quadrature> rules_;
  std::map<kernel_ir::NodeId, duals::NumericFunction> functions_;
};

}  // namespace ntkc::analysis
