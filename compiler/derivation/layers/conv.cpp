#include "compiler/derivation/layers/layer_rules.hpp"
#include "compiler/derivation/layers/windows.hpp"

namespace ntkc::derivation {

/// Σ'[p, p'] = W_std²/k Σ_t Σ[s(p) + t, s(p') + t] + b_std² over the k taps t (Garriga-Alonso, Rasmussen, Aitchison
/// 2019, "Deep convolutional networks as shallow Gaussian processes", eq. 7; Novak et al. 2019, "Bayesian deep
/// convolutional networks with many channels are Gaussian processes", eq. 5). A tap that reads beyond an edge counts
/// as one that reads 0.
kernel_ir::NodeId layers::conv(const RuleContext& context, const layer_graph::Node& node) {
  const auto& layer = std::get<layer_graph::LayerNode>(node.node);
  const std::vector<layer_graph::AxisWindow> windows = layer_graph::windows(context.graph, layer, "k");
  const kernel_ir::NodeId mean =
      context.program.coupled(context.sigma(layer.operand), {windows_of(windows), false});
  return context.weighted(node, mean, tap_count(windows));
}

}  // namespace ntkc::derivation
