#include "compiler/derivation/layers/layer_rules.hpp"

namespace ntkc::derivation {

/// Σ' = Σ_i f_i Σ_i, f_i the part of the channels: a unit of the next layer averages over all of them.
kernel_ir::NodeId layers::concat(const RuleContext& context, const layer_graph::Node& node) {
  kernel_ir::Program& program = context.program;
  const auto& concat = std::get<layer_graph::ConcatNode>(node.node);
  const std::vector<double> fractions = channel_fractions(context.graph, concat);
  kernel_ir::NodeId result = kernel_ir::no_node;
  for (std::size_t i = 0; i < concat.values.size(); ++i) {
    const kernel_ir::NodeId part =
        program.multiply(program.literal(fractions[i]), context.sigma(concat.values[i]));
    result = result == kernel_ir::no_node ? part : program.add(result, part);
  }
  return result;
}

}  // namespace ntkc::derivation
