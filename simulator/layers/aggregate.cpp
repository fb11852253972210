#include "simulator/layers/position_steps.hpp"

namespace ntkc::simulator {

std::unique_ptr<Step> layers::aggregate(PlanContext& context, const layer_graph::Node& node) {
  const auto& matrix =
      std::get<layer_graph::ListArgument>(argument(std::get<layer_graph::LayerNode>(node.node), "matrix"));
  const auto columns = static_cast<std::int64_t>(matrix.numbers.size() / matrix.rows);
  PositionMap map{.inputs = columns, .rows = {}};
  auto number = matrix.numbers.begin();
  for (std::size_t row = 0; row < matrix.rows; ++row) {
    auto& entries = map.rows.emplace_back();
    for (std::int64_t column = 0; column < columns; ++column)
      entries.push_back({column, context.value(*number++)});
  }
  return map_step(context, node, std::move(map));
}

}  // namespace ntkc::simulator
