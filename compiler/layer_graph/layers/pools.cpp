#include "compiler/layer_graph/layers/pools.hpp"

namespace ntkc::layer_graph {

LayerTraits window_pool(std::string_view name, std::string_view formula) {
  return {
      .builtin = BuiltinInfo{.name = name,
                             .kind = BuiltinKind::layer,
                             .parameters = {window_parameter("window", "size of the window, for each axis"),
                                            stride_parameter(std::nullopt), padding_parameter()},
                             .formula = formula},
      .shape =
          [](const LayerGraph& graph, const LayerNode& layer) {
            return windowed(read_windows(graph, layer, "window"), graph.nodes[layer.operand].type.channels);
          },
      .keeps_gaussian = true,
      .linear_in = all_operands};
}

LayerTraits global_pool(std::string_view name, std::string_view formula) {
  return {
      .builtin = BuiltinInfo{.name = name, .kind = BuiltinKind::layer, .parameters = {}, .formula = formula},
      .shape = [](const LayerGraph& graph, const LayerNode& layer) -> std::variant<ValueType, LayerMistake> {
        if (auto mistake = check_axes(graph, layer, {})) return *mistake;
        return ValueType{.positions = {}, .channels = graph.nodes[layer.operand].type.channels};
      },
      .keeps_gaussian = true,
      .linear_in = all_operands};
}

}  // namespace ntkc::layer_graph
