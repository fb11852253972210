#include "compiler/derivation/layers/windows.hpp"

namespace ntkc::derivation {

/// As a convolution where p = p'; weights at different positions are independent, so that Σ' is 0 elsewhere (Novak et al.
/// 2019, "Bayesian deep convolutional networks with many channels are Gaussian processes", section 3.2).
kernel_ir::NodeId layers::conv_local(const RuleContext& context, const layer_graph::Node& node) {
  const auto& layer = std::get<layer_graph::LayerNode>(node.node);
  return convolved(context, node, layer_graph::windows(context.graph, layer, "k"), Weights::local);
}

}  // namespace ntkc::derivation
