// The locally connected layer: a convolution with weights and biases of its own at each position.
#include "compiler/layer_graph/layers/windows.hpp"

namespace ntkc::layer_graph::layers {

LayerTraits conv_local() {
  return convolution("conv_local", "a convolution whose weights and biases differ from position to position");
}

}  // namespace ntkc::layer_graph::layers
