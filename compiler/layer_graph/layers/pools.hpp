// What the pooling layers have in common.
#pragma once

#include "compiler/layer_graph/layers/windows.hpp"

namespace ntkc::layer_graph {

/// A layer that adds up or averages over a window, `window` by name.
LayerTraits window_pool(std::string_view name, std::string_view formula);
/// One that does so over all positions.
LayerTraits global_pool(std::string_view name, std::string_view formula);

}  // namespace ntkc::layer_graph
