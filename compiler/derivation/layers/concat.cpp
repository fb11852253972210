#include "compiler/derivation/layers/layer_rules.hpp"
#include "compiler/derivation/layers/windows.hpp"

namespace ntkc::derivation {
namespace {

using kernel_ir::NodeId;
using layer_graph::ConcatNode;

/// Σ' = Σ_i f_i Σ_i, f_i the part of the channels: a unit of the next layer averages over all of them.
std::vector<NodeId> parts_of_channels(const RuleContext& context, const ConcatNode& concat) {
  const std::vector<double> fractions = channel_fractions(context.graph, concat);
  std::vector<NodeId> parts;
  for (std::size_t i = 0; i < concat.values.size(); ++i) {
    parts.push_back(
        context.program.multiply(context.program.literal(fractions[i]), context.sigma(concat.values[i])));
  }
  return parts;
}

/// Each value at its positions among all, and 0 elsewhere: they are uncorrelated, so that their sum is 0 between
/// positions of different ones.
std::vector<NodeId> parts_of_positions(const RuleContext& context, const layer_graph::Node& node,
                                       const ConcatNode& concat) {
  const std::size_t axis = *concat.axis;
  std::vector<NodeId> parts;
  std::int64_t before = 0;
  for (const auto value : concat.values) {
    const std::int64_t own = context.graph.nodes[value].type.positions[axis];
    kernel_ir::Coupled map{std::vector<kernel_ir::Window>(node.type.positions.size()), false};
    map.windows[axis].low = before;
    map.windows[axis].high = node.type.positions[axis] - before - own;
    parts.push_back(context.program.coupled(context.sigma(value), std::move(map)));
    before += own;
  }
  return parts;
}

}  // namespace

NodeId layers::concat(const RuleContext& context, const layer_graph::Node& node) {
  const auto& concat = std::get<ConcatNode>(node.node);
  NodeId result = kernel_ir::no_node;
  for (const NodeId part :
       concat.axis ? parts_of_positions(context, node, concat) : parts_of_channels(context, concat))
    result = result == kernel_ir::no_node ? part : context.program.add(result, part);
  return result;
}

}  // namespace ntkc::derivation
