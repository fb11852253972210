#include "simulator/layers/position_steps.hpp"

namespace ntkc::simulator {

std::unique_ptr<Step> layers::global_sum_pool(PlanContext& context, const layer_graph::Node& node) {
  const auto& layer = std::get<layer_graph::LayerNode>(node.node);
  const std::int64_t positions = position_count(context.graph.nodes[layer.operand].type);
  return map_step(context, node, total(positions, 1));
}

}  // namespace ntkc::simulator
