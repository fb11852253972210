// The transposed convolution: positions come to stand apart by the stride, with zeros between them.
#include "compiler/layer_graph/layers/weights.hpp"
#include "compiler/layer_graph/layers/windows.hpp"

namespace ntkc::layer_graph::layers {

LayerTraits conv_transpose() {
  std::vector<BuiltinParameter> parameters = {window_parameter("k", "size of the filter, for each axis"),
                                              stride_parameter("1"), padding_parameter()};
  for (const BuiltinParameter& parameter : weight_parameters()) parameters.push_back(parameter);
  return {
      .builtin = BuiltinInfo{.name = "conv_transpose",
                             .kind = BuiltinKind::layer,
                             .parameters = std::move(parameters),
                             .formula = "the convolution of h with stride - 1 zeros between its positions"},
      .shape =
          [](const LayerGraph& graph, const LayerNode& layer) {
            return windowed(read_transposed_windows(graph, layer), stated_width(layer));
          },
      .draws_weights = true,
      .taps = [](const LayerGraph& graph,
                 const LayerNode& layer) { return tap_count(transposed_windows(graph, layer)); },
      .variation = variation_behind_weights};
}

}  // namespace ntkc::layer_graph::layers
