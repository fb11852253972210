// What error messages tell of where a value comes from: where it has its shape, and where it ceased to be
// Gaussian.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/layer_graph/elaborator.hpp"
#include "compiler/layer_graph/layers/layer_traits.hpp"
#include "compiler/layer_graph/operands.hpp"

namespace ntkc::layer_graph {
namespace {

/// How many of the names are told through which a value came.
constexpr std::size_t most_steps_told = 3;

}  // namespace

std::optional<NodeId> Elaborator::carried_from(NodeId id) const {
  const Node& node = graph_.nodes[id];
  if (const auto* result = std::get_if<LoopResultNode>(&node.node)) {
    const auto& loop = std::get<LoopNode>(graph_.nodes[result->loop].node);
    return graph_.regions[loop.body].results[result->index];
  }
  if (const auto* carried = std::get_if<LoopArgumentNode>(&node.node)) {
    const NodeId loop = graph_.regions[carried->body].loop.value();
    return std::get<LoopNode>(graph_.nodes[loop].node).initial[carried->index];
  }
  return std::nullopt;
}

NodeId Elaborator::shape_origin(NodeId id, Dimension dimension) const {
  while (true) {
    const Node& node = graph_.nodes[id];
    std::vector<NodeId> operands;
    if (const std::optional<NodeId> carried = carried_from(id)) {
      operands = {*carried};
    } else if (dimension == Dimension::positions || !traits_of(node)->draws_weights) {
      operands = operands_of(node);
    }
    const auto next = std::ranges::find_if(operands, [&](NodeId operand) {
      const ValueType& type = graph_.nodes[operand].type;
      return dimension == Dimension::positions ? type.positions == node.type.positions
                                               : type.channels && type.channels == node.type.channels;
    });
    if (next == operands.end()) return id;
    id = *next;
  }
}

Note Elaborator::shape_note(NodeId id, Dimension dimension) const {
  const Node& origin = graph_.nodes[shape_origin(id, dimension)];
  ValueType type = graph_.nodes[id].type;
  type.gaussian = false;
  return {origin.range, fmt::format("the shape of `{}` comes from here", print_type(type))};
}

void Elaborator::report_non_gaussian(const ast::Identifier& callee, NodeId operand) {
  // The way goes back to where the value ceased to be Gaussian: through layers that keep it so, and from the
  // values of a loop to those of its body.
  std::vector<Note> way;
  const auto step = [this, &way](NodeId id) -> NodeId {
    const Node& node = graph_.nodes[id];
    const LayerTraits* layer = traits_of(node);
    if (layer != nullptr && layer->keeps_gaussian) {
      for (const NodeId read : operands_of(node)) {
        if (!graph_.nodes[read].type.gaussian) return read;
      }
    }
    const bool is_carried = std::holds_alternative<LoopResultNode>(node.node) ||
                            std::holds_alternative<LoopArgumentNode>(node.node);
    if (is_carried && way.size() < most_steps_told) {
      way.push_back({node.range, fmt::format("through `{}`, which a `repeat` carries", node.name)});
    }
    return carried_from(id).value_or(id);
  };
  NodeId origin = operand;
  for (NodeId next = step(origin); next != origin; next = step(origin)) origin = next;
  const Node& node = graph_.nodes[origin];
  const std::string what = traits_of(node)->described(node);
  std::vector<Note> notes = {{node.range, fmt::format("{} comes from here", what)}};
  notes.insert(notes.end(), way.begin(), way.end());
  diagnostics_.report(DiagnosticKind::non_gaussian_input, callee.range,
                      fmt::format("`{}` needs a Gaussian value of mean zero, got {}", callee.name, what),
                      std::move(notes), "put a `dense` between");
}

}  // namespace ntkc::layer_graph
