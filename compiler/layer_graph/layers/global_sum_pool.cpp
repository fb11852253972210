// The sum over all positions, in each channel.
#include "compiler/layer_graph/layers/pools.hpp"

namespace ntkc::layer_graph::layers {

LayerTraits global_sum_pool() {
  return global_pool("global_sum_pool", "the sum over all positions, in each channel");
}

}  // namespace ntkc::layer_graph::layers
