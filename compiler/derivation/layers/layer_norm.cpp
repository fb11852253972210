#include <algorithm>

#include "compiler/derivation/layers/layer_rules.hpp"
#include "compiler/derivation/layers/windows.hpp"

namespace ntkc::derivation {

/// Σ'[p, p'] = Σ[p, p']/√((ε + v[p])(ε + v'[p'])), v the variance at the position or the mean of those of all (Yang 2019,
/// "Scaling limits of wide neural networks", appendix B). That it depends on the weights is of order 1/width.
kernel_ir::NodeId layers::layer_norm(const RuleContext& context, const layer_graph::Node& node) {
  using kernel_ir::Operation;
  kernel_ir::Program& program = context.program;
  const auto& layer = std::get<layer_graph::LayerNode>(node.node);
  const auto& axes = std::get<std::vector<layer_graph::ChoiceArgument>>(argument(layer, "axes"));
  const bool over_positions = std::ranges::any_of(
      axes, [](const layer_graph::ChoiceArgument& axis) { return axis.name == "positions"; });
  const kernel_ir::NodeId sigma = context.sigma(layer.operand);
  kernel_ir::NodeId v = program.variance(sigma);
  if (over_positions) v = program.coupled(v, {whole(node.type.positions), true});
  const kernel_ir::NodeId eps = context.scalar(std::get<layer_graph::ScalarId>(argument(layer, "eps")));
  const kernel_ir::NodeId root = program.square_root(program.real(Operation::add, {v, eps}));
  return program.apply(Operation::scaled, {sigma, program.real(Operation::reciprocal_or_zero, {root})});
}

}  // namespace ntkc::derivation
