#include "simulator/layers/position_steps.hpp"

namespace ntkc::simulator {

std::unique_ptr<Step> layers::conv_transpose(PlanContext& context, const layer_graph::Node& node) {
  const auto& layer = std::get<layer_graph::LayerNode>(node.node);
  return tap_step(context, node, tap_map(layer_graph::transposed_windows(context.graph, layer)));
}

}  // namespace ntkc::simulator
