#include <algorithm>
#include <cmath>

#include "simulator/layers/position_steps.hpp"

namespace ntkc::simulator {
namespace {

/// Along one axis, from n to m positions: each output takes its part of the input around its own middle, by a
/// triangle of this half width in input positions. Half widths below 1 take the nearest.
PositionMap resized(std::int64_t n, std::int64_t m, double half_width) {
  PositionMap map{.inputs = n, .rows = {}};
  const double scale = static_cast<double>(n) / static_cast<double>(m);
  for (std::int64_t output = 0; output < m; ++output) {
    const double middle = (static_cast<double>(output) + 0.5) * scale;  // positions are [i, i + 1)
    std::vector<PositionMap::Entry> row;
    double sum = 0;
    for (std::int64_t input = 0; input < n && half_width >= 1; ++input) {
      const double weight =
          std::max(0.0, 1 - std::abs(static_cast<double>(input) + 0.5 - middle) / half_width);
      if (weight > 0) row.push_back({input, weight});
      sum += weight;
    }
    if (row.empty()) row.push_back({std::min(n - 1, static_cast<std::int64_t>(std::floor(middle))), sum = 1});
    for (auto& entry : row) entry.weight /= sum;
    map.rows.push_back(std::move(row));
  }
  return map;
}

}  // namespace

std::unique_ptr<Step> layers::resize(PlanContext& context, const layer_graph::Node& node) {
  const auto& layer = std::get<layer_graph::LayerNode>(node.node);
  const auto& inputs = context.graph.nodes[layer.operand].type.positions;
  const bool is_nearest = std::get<layer_graph::ChoiceArgument>(argument(layer, "method")).name == "nearest";
  const bool antialias = std::get<bool>(argument(layer, "antialias"));
  std::vector<PositionMap> axes;
  for (std::size_t axis = 0; axis < inputs.size(); ++axis) {
    const std::int64_t n = inputs[axis];
    const std::int64_t m = node.type.positions[axis];
    const double shrinks = antialias ? std::max(1.0, static_cast<double>(n) / static_cast<double>(m)) : 1;
    axes.push_back(resized(n, m, is_nearest || n == m ? 0 : shrinks));
  }
  return map_step(context, node, product(axes));
}

}  // namespace ntkc::simulator
