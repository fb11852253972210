// The channels of all positions as one vector.
#include <fmt/format.h>

#include "compiler/layer_graph/layers/windows.hpp"
#include "compiler/layer_graph/shapes.hpp"

namespace ntkc::layer_graph::layers {

LayerTraits flatten() {
  return {
      .builtin = BuiltinInfo{.name = "flatten",
                             .kind = BuiltinKind::layer,
                             .parameters = {},
                             .formula = "the channels of all positions, one position after the other"},
      .shape = [](const LayerGraph& graph, const LayerNode& layer) -> std::variant<ValueType, LayerMistake> {
        if (auto mistake = check_axes(graph, layer, {})) return *mistake;
        const ValueType& type = graph.nodes[layer.operand].type;
        return ValueType{.positions = {}, .channels = type.channels ? number_count(type) : std::nullopt};
      },
      .linear_in = all_operands};
}

}  // namespace ntkc::layer_graph::layers
