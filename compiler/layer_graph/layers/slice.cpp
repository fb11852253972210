// Some of the positions: start, start + step, ... < stop of each axis.
#include "compiler/layer_graph/layers/slice.hpp"

#include <fmt/format.h>

namespace ntkc::layer_graph {

std::variant<std::vector<AxisWindow>, LayerMistake> read_slice(const LayerGraph& graph,
                                                               const LayerNode& layer) {
  if (auto mistake = check_axes(graph, layer, {"start", "stop", "step"})) return *mistake;
  const auto& positions = graph.nodes[layer.operand].type.positions;
  const auto starts = axis_numbers(graph, layer, "start").value();
  const auto stops = axis_numbers(graph, layer, "stop").value_or(positions);
  const auto steps = axis_numbers(graph, layer, "step").value();
  std::vector<AxisWindow> result;
  for (std::size_t axis = 0; axis < positions.size(); ++axis) {
    const std::int64_t n = positions[axis];
    if (stops[axis] > n || starts[axis] >= stops[axis]) {
      const bool ends_late = stops[axis] > n;
      return LayerMistake{
          DiagnosticKind::shape_mismatch,
          ends_late ? fmt::format("a slice up to {} of {} positions", stops[axis], n)
                    : fmt::format("a slice from {} to {} has no positions", starts[axis], stops[axis]),
          "positions are counted from 0, and `stop` is the first that is left out",
          ends_late ? "stop" : "start"};
    }
    result.push_back({.stride = steps[axis],
                      .low = -starts[axis],
                      .high = stops[axis] - n,
                      .inputs = n,
                      .outputs = (stops[axis] - starts[axis] - 1) / steps[axis] + 1});
  }
  return result;
}

LayerTraits layers::slice() {
  return {
      .builtin =
          BuiltinInfo{.name = "slice",
                      .kind = BuiltinKind::layer,
                      .parameters = {axis_parameter("start", "0", 0, "the first position, for each axis"),
                                     axis_parameter(
                                         "stop", std::nullopt, 1,
                                         "the position to stop before, for each axis; the end if left out"),
                                     axis_parameter("step", "1", 1, "from one position to the next")},
                      .formula = "the positions start, start + step, ... before stop"},
      .shape =
          [](const LayerGraph& graph, const LayerNode& layer) {
            return windowed(read_slice(graph, layer), graph.nodes[layer.operand].type.channels);
          },
      .keeps_gaussian = true,
      .linear_in = all_operands};
}

}  // namespace ntkc::layer_graph
