#include "compiler/derivation/layers/layer_rules.hpp"
#include "compiler/derivation/layers/windows.hpp"

namespace ntkc::derivation {

/// As a convolution; a tap that reads one of the zeros between the positions counts.
kernel_ir::NodeId layers::conv_transpose(const RuleContext& context, const layer_graph::Node& node) {
  const auto& layer = std::get<layer_graph::LayerNode>(node.node);
  const std::vector<layer_graph::AxisWindow> windows = transposed_windows(context.graph, layer);
  const kernel_ir::NodeId mean =
      context.program.coupled(context.sigma(layer.operand), {windows_of(windows), false});
  return context.weighted(node, mean, tap_count(windows));
}

}  // namespace ntkc::derivation
