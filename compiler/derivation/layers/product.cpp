#include "compiler/derivation/layers/layer_rules.hpp"

namespace ntkc::derivation {

/// Σ' = Σ_a Σ_b for independent factors.
kernel_ir::NodeId layers::product(const RuleContext& context, const layer_graph::Node& node) {
  const auto& factors = std::get<layer_graph::ProductNode>(node.node).factors;
  return context.program.multiply(context.sigma(factors[0]), context.sigma(factors[1]));
}

}  // namespace ntkc::derivation
