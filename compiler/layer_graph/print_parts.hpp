// Parts of the text of a graph.
#pragma once

#include <string>
#include <vector>

#include "compiler/layer_graph/layer_graph.hpp"

namespace ntkc::layer_graph {

/// "%3"
std::string print_reference(NodeId id);
/// "%3, %4"
std::string print_references(const std::vector<NodeId>& ids);
/// The factor before a value: "2*", "(a + b)*", "-", or "" for 1.
std::string print_coefficient(const LayerGraph& graph, ScalarId coefficient);

}  // namespace ntkc::layer_graph
