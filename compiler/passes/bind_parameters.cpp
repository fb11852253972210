#include "compiler/kernel_ir/interpreter.hpp"
#include "compiler/kernel_ir/rewriter.hpp"
#include "compiler/passes/fold.hpp"
#include "compiler/passes/pipeline.hpp"

namespace ntkc::passes {
namespace {

using kernel_ir::Dependence;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;

/// Every constant of the program, parameters and arithmetic on them, becomes a literal.
class BindParameters final : public kernel_ir::Rewriter {
  using Rewriter::Rewriter;

  NodeId rewrite(NodeId id) override {
    const Node& node = source_[id];
    if (node.operation == Operation::parameter) return target_.literal(source_.parameters[node.index].value);
    if (node.dependence != Dependence::constant || node.operation == Operation::literal) return copy(id);
    if (node.operation == Operation::moment) return target_.literal(mean(node));
    std::vector<double> operands;
    for (const NodeId operand : node.operands) operands.push_back(target_[image(operand)].value);
    return target_.literal(fold(node.operation, operands).value());
  }
  /// E[f(t)g(t)], t ~ N(0, q): once for each activation, so by the oracle's formulas and quadrature.
  double mean(const Node& node) {
    const kernel_ir::Quad q = target_[image(node.operands[0])].value;
    const kernel_ir::Function f(target_, image(node.operands[1]));
    const kernel_ir::Function g(target_, image(node.operands[2]));
    return static_cast<double>(kernel_ir::evaluate_moment(f, g, q, q, q));
  }
  void finish() override { target_.parameters.clear(); }
};

}  // namespace

kernel_ir::Program bind_parameters(const kernel_ir::Program& program) {
  return BindParameters(program).run();
}

}  // namespace ntkc::passes
