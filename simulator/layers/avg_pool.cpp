#include "simulator/layers/position_steps.hpp"

namespace ntkc::simulator {

/// The mean over the window, zeros beyond the edges among it; with `normalize_edges` over what there is.
std::unique_ptr<Step> layers::avg_pool(PlanContext& context, const layer_graph::Node& node) {
  const auto& layer = std::get<layer_graph::LayerNode>(node.node);
  const bool normalizes = std::get<bool>(argument(layer, "normalize_edges"));
  std::vector<PositionMap> axes;
  for (const layer_graph::AxisWindow& window : layer_graph::windows(context.graph, layer, "window")) {
    axes.push_back(window_sum(window, [&](std::int64_t present) {
      return 1 / static_cast<double>(normalizes ? present : window.size);
    }));
  }
  return map_step(context, node, product(axes));
}

}  // namespace ntkc::simulator
