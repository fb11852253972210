#include "compiler/kernel_ir/interpreter.hpp"
#include "compiler/kernel_ir/rewriter.hpp"
#include "compiler/passes/pipeline.hpp"

namespace ntkc::passes {
namespace {

using kernel_ir::Dependence;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;

/// Parameters and means become literals, arithmetic on them stays.
class BindParameters final : public kernel_ir::Rewriter {
  using Rewriter::Rewriter;

  NodeId rewrite(NodeId id) override {
    const Node& node = source_[id];
    if (node.operation == Operation::parameter)
      return target_.literal(source_.parameters[source_.parameter_number(node)].value);
    const bool is_mean = node.operation == Operation::moment && node.dependence == Dependence::constant;
    return is_mean ? target_.literal(mean(node)) : copy(id);
  }

  /// E[f(t)g(t)], t ~ N(0, q): once for each activation, so by the oracle's formulas and quadrature.
  double mean(const Node& node) {
    const kernel_ir::Quad q = kernel_ir::Function(target_, image(node.operands[0])).value(0);
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
