// The sum over a window, in each channel.
#include "compiler/layer_graph/layers/pools.hpp"

namespace ntkc::layer_graph::layers {

LayerTraits sum_pool() { return window_pool("sum_pool", "the sum over a window, in each channel"); }

}  // namespace ntkc::layer_graph::layers
