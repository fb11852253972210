#include "compiler/derivation/layers/layer_rules.hpp"
#include "compiler/layer_graph/layers/weights.hpp"

namespace ntkc::derivation {
namespace {

using kernel_ir::NodeId;
using layer_graph::LayerNode;

NodeId scaled(kernel_ir::Program& program, NodeId factor, NodeId value) {
  return program.is_literal(factor, 1) ? value : program.multiply(factor, value);
}

/// What the weights and biases add to Θ. ∂f/∂W · ∂f/∂W is W_std²/n h·h' under the NTK parametrization and that
/// of b is b_std², together Σ' (Jacot et al. 2018, Theorem 1). Under the standard one, f = W h + b: h·h' =
/// n Σ, and 1 if there is a bias (Sohl-Dickstein et al. 2020, eq. 5). n is the number of units in front. All
/// of it is times the learning rate of the layer; where that of the biases is stated, as b_lr, f = … + b and
/// they add b_lr.
NodeId seed(const RuleContext& context, const LayerNode& layer, NodeId rate, NodeId sigma, NodeId of_weights,
            NodeId result) {
  kernel_ir::Program& program = context.program;
  const bool is_standard = context.graph.parametrization == layer_graph::Parametrization::standard;
  const auto bias_rate = layer_graph::bias_rate(layer);
  if (!is_standard && !bias_rate) return scaled(program, rate, program.cross(result));
  NodeId weights = program.cross(is_standard ? sigma : of_weights);
  if (is_standard) {
    const auto width = context.graph.nodes[layer.operand].type.channels.value();
    weights = program.multiply(program.literal(static_cast<double>(width)), weights);
  }
  if (bias_rate) return program.add(scaled(program, rate, weights), context.scalar(*bias_rate));
  return scaled(program, rate,
                has_bias(context.graph, layer) ? program.add(weights, program.literal(1)) : weights);
}

}  // namespace

/// Σ' = W_std² Σ + b_std², in any parametrization.
NodeId layers::dense(const RuleContext& context, const layer_graph::Node& node) {
  kernel_ir::Program& program = context.program;
  const auto& layer = std::get<LayerNode>(node.node);
  const NodeId sigma = context.sigma(layer.operand);
  const NodeId of_weights = program.multiply(program.square(context.scalar(weight_std(layer))), sigma);
  NodeId result = of_weights;
  const NodeId bias = context.scalar(bias_std(layer));
  if (!program.is_literal(bias, 0)) result = program.add(result, program.square(bias));
  const auto rate = layer_graph::learning_rate(node);
  if (!rate) return result;
  return context.trained(node, result,
                         seed(context, layer, context.scalar(*rate), sigma, of_weights, result));
}

}  // namespace ntkc::derivation
