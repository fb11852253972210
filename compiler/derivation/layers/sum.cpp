#include "compiler/derivation/layers/layer_rules.hpp"

namespace ntkc::derivation {

/// Σ' = Σ_i s_i² Σ_i for uncorrelated branches.
kernel_ir::NodeId layers::sum(const RuleContext& context, const layer_graph::Node& node) {
  kernel_ir::Program& program = context.program;
  kernel_ir::NodeId result = kernel_ir::no_node;
  for (const auto& term : std::get<layer_graph::SumNode>(node.node).terms) {
    const kernel_ir::NodeId coefficient = context.scalar(term.coefficient);
    kernel_ir::NodeId summand = context.sigma(term.value);
    if (!program.is_literal(coefficient, 1)) summand = program.multiply(program.square(coefficient), summand);
    result = result == kernel_ir::no_node ? summand : program.add(result, summand);
  }
  return result;
}

}  // namespace ntkc::derivation
