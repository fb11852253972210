#include "compiler/derivation/layers/layer_rules.hpp"
#include "compiler/derivation/layers/windows.hpp"

namespace ntkc::derivation {

/// As a convolution where p = p'; weights at different positions are independent, so that Σ' is 0 elsewhere (Novak et al.
/// 2019, "Bayesian deep convolutional networks with many channels are Gaussian processes", section 3.2).
kernel_ir::NodeId layers::conv_local(const RuleContext& context, const layer_graph::Node& node) {
  const auto& layer = std::get<layer_graph::LayerNode>(node.node);
  const std::vector<layer_graph::AxisWindow> windows = layer_graph::windows(context.graph, layer, "k");
  const kernel_ir::NodeId mean =
      context.program.coupled(context.sigma(layer.operand), {windows_of(windows), false});
  return context.weighted(node, mean, tap_count(windows), Weights::local);
}

}  // namespace ntkc::derivation
