#include "compiler/derivation/layers/layer_rules.hpp"
#include "compiler/derivation/layers/windows.hpp"

namespace ntkc::derivation {

/// The average of Σ[p, p] over the positions; under `cntk` their sum.
kernel_ir::NodeId layers::flatten(const RuleContext& context, const layer_graph::Node& node) {
  const auto& layer = std::get<layer_graph::LayerNode>(node.node);
  const layer_graph::ValueType& type = context.graph.nodes[layer.operand].type;
  const kernel_ir::NodeId mean =
      context.program.coupled(context.sigma(layer.operand), {whole(type.positions), true});
  if (context.graph.parametrization != layer_graph::Parametrization::cntk) return mean;
  return context.multiple(static_cast<double>(position_count(type)), mean);
}

}  // namespace ntkc::derivation
