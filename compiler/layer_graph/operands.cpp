#include "compiler/layer_graph/operands.hpp"

namespace ntkc::layer_graph {

std::vector<NodeId> parts_of(const LayerGraph& graph, const Node& node) {
  if (const auto* argument = std::get_if<LoopArgumentNode>(&node.node)) {
    const Region& body = graph.regions[argument->body];
    const auto& loop = std::get<LoopNode>(graph.nodes[body.loop.value()].node);
    return {loop.initial[argument->index], body.results[argument->index]};
  }
  if (const auto* result = std::get_if<LoopResultNode>(&node.node)) {
    const auto& loop = std::get<LoopNode>(graph.nodes[result->loop].node);
    return {graph.regions[loop.body].results[result->index]};
  }
  return operands_of(node);
}

}  // namespace ntkc::layer_graph
