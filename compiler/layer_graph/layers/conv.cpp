// The convolution: at each output position the same weights, one matrix for each tap of the filter.
#include "compiler/layer_graph/layers/windows.hpp"

namespace ntkc::layer_graph::layers {

LayerTraits conv() {
  return convolution("conv", "W_std/sqrt(k*n)*(sum of W[t]*h[p + t] over the k taps t) + b_std*b",
                     {dilation_parameter()});
}

}  // namespace ntkc::layer_graph::layers
