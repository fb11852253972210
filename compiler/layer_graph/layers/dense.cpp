// The fully connected layer: at each position the same weights.
#include "compiler/layer_graph/layers/weights.hpp"

namespace ntkc::layer_graph::layers {

LayerTraits dense() {
  return {
      .builtin = BuiltinInfo{.name = "dense",
                             .kind = BuiltinKind::layer,
                             .parameters = weight_parameters(),
                             .formula = "W_std/sqrt(n)*W*h + b_std*b, entries of W and b drawn from N(0, 1)"},
      .shape = [](const LayerGraph& graph, const LayerNode& layer) -> std::variant<ValueType, LayerMistake> {
        return ValueType{.positions = graph.nodes[layer.operand].type.positions,
                         .channels = stated_width(layer)};
      },
      .draws_weights = true,
      .variation = variation_behind_weights};
}

}  // namespace ntkc::layer_graph::layers
