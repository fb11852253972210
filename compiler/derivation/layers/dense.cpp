#include "compiler/derivation/layers/layer_rules.hpp"

namespace ntkc::derivation {

/// Σ' = W_std² Σ + b_std²: on positions, the same weights at all of them.
kernel_ir::NodeId layers::dense(const RuleContext& context, const layer_graph::Node& node) {
  return context.weighted(node, context.sigma(std::get<layer_graph::LayerNode>(node.node).operand));
}

}  // namespace ntkc::derivation
