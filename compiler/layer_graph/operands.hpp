// The operands of a node, for whoever walks the graph.
#pragma once

#include <type_traits>
#include <variant>
#include <vector>

#include "compiler/layer_graph/layer_graph.hpp"

namespace ntkc::layer_graph {

/// Appends what the node itself reads: of a loop the initial values (what its body reads is the body's
/// affair), of a loop's argument or result nothing.
inline void append_operands(const Node& node, std::vector<NodeId>& operands) {
  if (const auto* layer = std::get_if<LayerNode>(&node.node)) {
    operands.push_back(layer->operand);
  } else if (const auto* activation = std::get_if<ActivationNode>(&node.node)) {
    operands.push_back(activation->operand);
  } else if (const auto* sum = std::get_if<SumNode>(&node.node)) {
    for (const SumTerm& term : sum->terms) operands.push_back(term.value);
  } else if (const auto* product = std::get_if<ProductNode>(&node.node)) {
    operands.insert(operands.end(), product->factors.begin(), product->factors.end());
  } else if (const auto* concat = std::get_if<ConcatNode>(&node.node)) {
    operands.insert(operands.end(), concat->values.begin(), concat->values.end());
  } else if (const auto* loop = std::get_if<LoopNode>(&node.node)) {
    operands.insert(operands.end(), loop->initial.begin(), loop->initial.end());
  }
}

}  // namespace ntkc::layer_graph
