// The convolution: at each output position the same weights, one matrix for each tap of the filter.
#include "compiler/layer_graph/layers/weights.hpp"
#include "compiler/layer_graph/layers/windows.hpp"

namespace ntkc::layer_graph::layers {

LayerTraits conv() {
  std::vector<BuiltinParameter> parameters = {window_parameter("k", "size of the filter, for each axis"),
                                              stride_parameter("1"), padding_parameter(),
                                              dilation_parameter()};
  for (const BuiltinParameter& parameter : weight_parameters()) parameters.push_back(parameter);
  return {
      .builtin = BuiltinInfo{.name = "conv",
                             .kind = BuiltinKind::layer,
                             .parameters = std::move(parameters),
                             .formula = "W_std/sqrt(k*n)*(sum of W[t]*h[p + t] over the k taps t) + b_std*b"},
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
