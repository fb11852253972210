// The average over a window, in each channel.
#include "compiler/layer_graph/layers/pools.hpp"

namespace ntkc::layer_graph::layers {

LayerTraits avg_pool() {
  LayerTraits layer = window_pool("avg_pool", "the average over a window, in each channel");
  layer.builtin->parameters.push_back(
      {.name = "normalize_edges",
       .type = ParameterType::boolean,
       .default_value = "false",
       .purpose =
           "`padding = same`: whether the average is over the positions that there are, instead of the "
           "whole window with zeros"});
  return layer;
}

}  // namespace ntkc::layer_graph::layers
