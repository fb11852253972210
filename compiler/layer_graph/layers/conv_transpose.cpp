// The transposed convolution: positions come to stand apart by the stride, with zeros between them.
#include "compiler/layer_graph/layers/weights.hpp"
#include "compiler/layer_graph/layers/windows.hpp"

namespace ntkc::layer_graph::layers {

LayerTraits conv_transpose() {
  LayerTraits result =
      convolution("conv_transpose", "the convolution of h with stride - 1 zeros between its positions");
  result.shape = [](const LayerGraph& graph, const LayerNode& layer) {
    return windowed(read_transposed_windows(graph, layer), stated_width(layer));
  };
  result.taps = [](const LayerGraph& graph, const LayerNode& layer) {
    return tap_count(transposed_windows(graph, layer));
  };
  return result;
}

}  // namespace ntkc::layer_graph::layers
