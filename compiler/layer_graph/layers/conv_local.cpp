// The locally connected layer: a convolution with weights and biases of its own at each position.
#include "compiler/layer_graph/layers/weights.hpp"
#include "compiler/layer_graph/layers/windows.hpp"

namespace ntkc::layer_graph::layers {

LayerTraits conv_local() {
  std::vector<BuiltinParameter> parameters = {window_parameter("k", "size of the filter, for each axis"),
                                              stride_parameter("1"), padding_parameter()};
  for (const BuiltinParameter& parameter : weight_parameters()) parameters.push_back(parameter);
  return {
      .builtin =
          BuiltinInfo{.name = "conv_local",
                      .kind = BuiltinKind::layer,
                      .parameters = std::move(parameters),
                      .formula = "a convolution whose weights and biases differ from position to position"},
      .shape =
          [](const LayerGraph& graph, const LayerNode& layer) {
            return windowed(read_windows(graph, layer, "k"), stated_width(layer));
          },
      .draws_weights = true,
      .taps = [](const LayerGraph& graph,
                 const LayerNode& layer) { return tap_count(windows(graph, layer, "k")); },
      .variation = variation_behind_weights};
}

}  // namespace ntkc::layer_graph::layers
