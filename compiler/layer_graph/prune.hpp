// Leaves out what the output does not depend on.
#pragma once

#include "compiler/layer_graph/layer_graph.hpp"

namespace ntkc::layer_graph {

/// The graph with the nodes, carried values and loops that `output` depends on, and the input; ids keep their
/// order.
LayerGraph prune(const LayerGraph& graph);

}  // namespace ntkc::layer_graph
