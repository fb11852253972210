#include "simulator/layers/position_steps.hpp"

namespace ntkc::simulator {

std::unique_ptr<Step> layers::slice(PlanContext& context, const layer_graph::Node& node) {
  const auto& layer = std::get<layer_graph::LayerNode>(node.node);
  const auto& positions = context.graph.nodes[layer.operand].type.positions;
  const auto starts = axis_numbers(context.graph, layer, "start").value();
  const auto stops = axis_numbers(context.graph, layer, "stop").value_or(positions);
  const auto steps = axis_numbers(context.graph, layer, "step").value();
  std::vector<PositionMap> axes;
  for (std::size_t axis = 0; axis < positions.size(); ++axis) {
    PositionMap& map = axes.emplace_back(PositionMap{.inputs = positions[axis], .rows = {}});
    for (std::int64_t p = starts[axis]; p < stops[axis]; p += steps[axis]) map.rows.push_back({{p, 1.0}});
  }
  return map_step(context, node, product(axes));
}

}  // namespace ntkc::simulator
