#include "compiler/derivation/layers/windows.hpp"

namespace ntkc::derivation {

/// Σ'[p, p'] = W_std²/k Σ_t Σ[s(p) + t, s(p') + t] + b_std² over the k taps t (Garriga-Alonso, Rasmussen, Aitchison
/// 2019, "Deep convolutional networks as shallow Gaussian processes", eq. 7; Novak et al. 2019, "Bayesian deep
/// convolutional networks with many channels are Gaussian processes", eq. 5). A tap that reads beyond an edge counts
/// as one that reads 0.
kernel_ir::NodeId layers::conv(const RuleContext& context, const layer_graph::Node& node) {
  const auto& layer = std::get<layer_graph::LayerNode>(node.node);
  return convolved(context, node, layer_graph::windows(context.graph, layer, "k"));
}

}  // namespace ntkc::derivation
