#include "compiler/derivation/layers/layer_rules.hpp"
#include "compiler/layer_graph/layers/weights.hpp"

namespace ntkc::derivation {
namespace {

using kernel_ir::NodeId;
using layer_graph::LayerNode;

/// What the weights and biases add to Θ, before the learning rate. Under the NTK parametrization ∂f/∂W ·
/// ∂f/∂W is W_std²/n h·h' and that of b is b_std², together Σ' (Jacot et al. 2018, Theorem 1). Under the
/// standard one, f = W h + b: h·h' = n Σ, and 1 if there is a bias (Sohl-Dickstein et al. 2020, eq. 5). n is
/// the number of units in front.
NodeId seed(const RuleContext& context, const LayerNode& layer, NodeId sigma, NodeId result) {
  kernel_ir::Program& program = context.program;
  if (context.graph.parametrization != layer_graph::Parametrization::standard) return program.cross(result);
  const auto width = context.graph.nodes[layer.operand].type.channels.value();
  const NodeId weights = program.multiply(program.literal(static_cast<double>(width)), program.cross(sigma));
  return has_bias(context.graph, layer) ? program.add(weights, program.literal(1)) : weights;
}

}  // namespace

/// Σ' = W_std² Σ + b_std², in any parametrization.
NodeId layers::dense(const RuleContext& context, const layer_graph::Node& node) {
  kernel_ir::Program& program = context.program;
  const auto& layer = std::get<LayerNode>(node.node);
  const NodeId sigma = context.sigma(layer.operand);
  NodeId result = program.multiply(program.square(context.scalar(weight_std(layer))), sigma);
  const NodeId bias = context.scalar(bias_std(layer));
  if (!program.is_literal(bias, 0)) result = program.add(result, program.square(bias));
  if (!layer_graph::learning_rate(node)) return result;
  return context.trained(node, result, seed(context, layer, sigma, result));
}

}  // namespace ntkc::derivation
