// The values that a node reads, for whoever walks the graph.
#pragma once

#include <vector>

#include "compiler/layer_graph/layer_graph.hpp"
#include "compiler/layer_graph/visitor.hpp"

namespace ntkc::layer_graph {

/// Calls `visit` with the id of each value that the node reads, a reference that may be written to if the
/// node may be. A loop reads its initial values (what its body reads is the affair of the body); the argument
/// and the result of a loop read nothing. A kind of node that is missing here is a compile error.
template <typename AnyNode, typename Visit>
void visit_operands(AnyNode& node, Visit visit) {
  const auto visit_all = [&](auto& ids) {
    for (auto& id : ids) visit(id);
  };
  std::visit(Visitor{[&](auto& layer)
                       requires requires { layer.operand; }
                                { visit(layer.operand); },
                                [&](auto& sum)
                                  requires requires { sum.terms; }
                                           {
                                             for (auto& term : sum.terms) visit(term.value);
                                           },
                                           [&](auto& product)
                                             requires requires { product.factors; }
                                                      { visit_all(product.factors); },
                                                      [&](auto& concat)
                                                        requires requires { concat.values; }
                                                                 { visit_all(concat.values); },
                                                                 [&](auto& loop)
                                                                   requires requires { loop.initial; }
                     { visit_all(loop.initial); },
                     [](const InputNode&) {}, [](const LoopArgumentNode&) {}, [](const LoopResultNode&) {}},
             node.node);
}

inline std::vector<NodeId> operands_of(const Node& node) {
  std::vector<NodeId> operands;
  visit_operands(node, [&](NodeId operand) { operands.push_back(operand); });
  return operands;
}

/// The values that a value is made of: its operands; for a value that a loop carries, the initial one and
/// that of the iteration before; for the result of a loop, that of the last iteration.
std::vector<NodeId> parts_of(const LayerGraph& graph, const Node& node);

}  // namespace ntkc::layer_graph
