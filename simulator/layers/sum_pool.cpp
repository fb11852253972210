#include "simulator/layers/position_steps.hpp"

namespace ntkc::simulator {

std::unique_ptr<Step> layers::sum_pool(PlanContext& context, const layer_graph::Node& node) {
  const auto& layer = std::get<layer_graph::LayerNode>(node.node);
  std::vector<PositionMap> axes;
  for (const layer_graph::AxisWindow& window : layer_graph::windows(context.graph, layer, "window"))
    axes.push_back(window_sum(window, [](std::int64_t /*present*/) { return 1.0; }));
  return map_step(context, node, product(axes));
}

}  // namespace ntkc::simulator
