// The average over all positions, in each channel.
#include "compiler/layer_graph/layers/pools.hpp"

namespace ntkc::layer_graph::layers {

LayerTraits global_avg_pool() {
  return global_pool("global_avg_pool", "the average over all positions, in each channel");
}

}  // namespace ntkc::layer_graph::layers
