#include "compiler/derivation/layers/layer_rules.hpp"
#include "compiler/layer_graph/layers/weights.hpp"

namespace ntkc::derivation {

/// Σ' = E[φ(u)φ(v)], u and v Gaussian with the covariance Σ.
kernel_ir::NodeId layers::activation(const RuleContext& context, const layer_graph::Node& node) {
  kernel_ir::Program& program = context.program;
  const auto& activation = std::get<layer_graph::ActivationNode>(node.node);
  const kernel_ir::NodeId sigma = context.sigma(activation.operand);
  const kernel_ir::NodeId phi = context.scalar(activation.function);
  if (phi == program.variable()) return sigma;
  return context.normalized(program.dual(sigma, phi), phi, taps_behind(context.graph, activation.operand));
}

}  // namespace ntkc::derivation
