// Leaves out the nodes that the output does not depend on.
#pragma once

#include "compiler/layer_graph/layer_graph.hpp"

namespace ntkc::layer_graph {

/// The graph with the input and with the nodes, carried values and loops that the output depends on. The
/// order of the nodes stays the same.
LayerGraph prune(const LayerGraph& graph);

}  // namespace ntkc::layer_graph
