#include "compiler/layer_graph/layers/slice.hpp"

#include "compiler/derivation/layers/layer_rules.hpp"
#include "compiler/derivation/layers/windows.hpp"

namespace ntkc::derivation {

/// Σ at the positions that are kept. A window of one tap is a coupled map, which leaves the diagonal on the diagonal.
kernel_ir::NodeId layers::slice(const RuleContext& context, const layer_graph::Node& node) {
  const auto& layer = std::get<layer_graph::LayerNode>(node.node);
  const auto windows = std::get<0>(read_slice(context.graph, layer));
  return context.program.coupled(context.sigma(layer.operand), {windows_of(windows), false});
}

}  // namespace ntkc::derivation
