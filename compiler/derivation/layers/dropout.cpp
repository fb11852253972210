#include "compiler/derivation/layers/layer_rules.hpp"

namespace ntkc::derivation {

/// A unit is h m/keep with m = 1 with probability `keep` and m = 0 otherwise, drawn for each unit, position and sample:
/// E[m²]/keep² = 1/keep, and E[m m']/keep² = 1 where the draws are two. So Σ of a sample with itself at one position is
/// divided by `keep`, and nothing else changes. That is training mode; `neural-tangents` has the same.
kernel_ir::NodeId layers::dropout(const RuleContext& context, const layer_graph::Node& node) {
  const auto& layer = std::get<layer_graph::LayerNode>(node.node);
  const kernel_ir::NodeId keep = context.scalar(std::get<layer_graph::ScalarId>(argument(layer, "keep")));
  return context.program.apply(kernel_ir::Operation::dropout, {context.sigma(layer.operand), keep});
}

}  // namespace ntkc::derivation
