#include "compiler/derivation/layers/layer_rules.hpp"
#include "compiler/layer_graph/layers/weights.hpp"

namespace ntkc::derivation {
namespace {

using kernel_ir::NodeId;
using layer_graph::LayerNode;

/// What the weights and biases add to Θ, before the learning rate. Under the NTK parametrization ∂f/∂W ·
/// ∂f/∂W is W_std²/n h·h' and that of b is b_std², together Σ' (Jacot et al. 2018, Theorem 1). Under the
/// standard one, f = W h + b: h·h' = n Σ, and 1 if there is a bias (Sohl-Dickstein et al. 2020, eq. 5). n is
/// the number of units in front. Biases with a learning rate of their own are left out.
NodeId seed(const RuleContext& context, const LayerNode& layer, NodeId sigma, NodeId result) {
  kernel_ir::Program& program = context.program;
  const bool is_standard = context.graph.parametrization == layer_graph::Parametrization::standard;
  if (!is_standard) return program.cross(result);
  const auto width = context.graph.nodes[layer.operand].type.channels.value();
  const NodeId weights = program.multiply(program.literal(static_cast<double>(width)), program.cross(sigma));
  const bool with_biases = has_bias(context.graph, layer) && !bias_rate(layer);
  return with_biases ? program.add(weights, program.literal(1)) : weights;
}

}  // namespace

/// Σ' = W_std² Σ + b_std², in any parametrization. Biases that are drawn from N(0, b_std²) and trained at a rate
/// of their own add that rate to Θ: with b_std = 0 and the rate β², Θ' = W_std² Θ + Σ' + β² (Geifman et al. 2020,
/// "On the similarity between the Laplace and neural tangent kernels", section 3).
NodeId layers::dense(const RuleContext& context, const layer_graph::Node& node) {
  kernel_ir::Program& program = context.program;
  const auto& layer = std::get<LayerNode>(node.node);
  const NodeId sigma = context.sigma(layer.operand);
  const NodeId by_weights = program.multiply(program.square(context.scalar(weight_std(layer))), sigma);
  const NodeId bias = context.scalar(bias_std(layer));
  const NodeId result =
      program.is_literal(bias, 0) ? by_weights : program.add(by_weights, program.square(bias));
  if (!layer_graph::learning_rate(node)) return result;
  if (const auto rate = bias_rate(layer)) {
    return context.trained(node, result, seed(context, layer, sigma, by_weights), context.scalar(*rate));
  }
  return context.trained(node, result, seed(context, layer, sigma, result));
}

}  // namespace ntkc::derivation
