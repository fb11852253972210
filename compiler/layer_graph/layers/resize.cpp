// Other numbers of positions, by the nearest position or by linear interpolation.
#include <fmt/format.h>

#include "compiler/layer_graph/layers/windows.hpp"

namespace ntkc::layer_graph::layers {

LayerTraits resize() {
  BuiltinParameter shape = axis_parameter("shape", std::nullopt, 1, "number of positions, for each axis");
  shape.optional = false;
  shape.positional = true;
  return {
      .builtin =
          BuiltinInfo{.name = "resize",
                      .kind = BuiltinKind::layer,
                      .parameters = {shape,
                                     {.name = "method",
                                      .type = ParameterType::choice,
                                      .default_value = "linear",
                                      .choices = {"linear", "nearest"},
                                      .purpose = "what lies between positions"},
                                     {.name = "antialias",
                                      .type = ParameterType::boolean,
                                      .default_value = "true",
                                      .purpose = "`method = linear`: whether fewer positions are made by "
                                                 "averages over what they stand for"}},
                      .formula = "h at `shape` positions, evenly over the same range"},
      .shape = [](const LayerGraph& graph, const LayerNode& layer) -> std::variant<ValueType, LayerMistake> {
        if (auto mistake = check_axes(graph, layer, {"shape"})) return *mistake;
        return ValueType{.positions = axis_numbers(graph, layer, "shape").value(),
                         .channels = graph.nodes[layer.operand].type.channels};
      },
      .keeps_gaussian = true,
      .linear_in = all_operands};
}

}  // namespace ntkc::layer_graph::layers
