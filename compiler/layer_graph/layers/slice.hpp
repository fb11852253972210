// The positions that `slice` keeps.
#pragma once

#include "compiler/layer_graph/layers/windows.hpp"

namespace ntkc::layer_graph {

/// For each axis a window of one tap.
std::variant<std::vector<AxisWindow>, LayerMistake> read_slice(const LayerGraph& graph,
                                                               const LayerNode& layer);

}  // namespace ntkc::layer_graph
