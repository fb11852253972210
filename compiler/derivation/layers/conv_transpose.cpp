#include "compiler/derivation/layers/windows.hpp"

namespace ntkc::derivation {

/// As a convolution; a tap that reads one of the zeros between the positions counts.
kernel_ir::NodeId layers::conv_transpose(const RuleContext& context, const layer_graph::Node& node) {
  const auto& layer = std::get<layer_graph::LayerNode>(node.node);
  return convolved(context, node, transposed_windows(context.graph, layer));
}

}  // namespace ntkc::derivation
