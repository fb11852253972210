#include "compiler/derivation/layers/layer_rules.hpp"

#include "compiler/layer_graph/layers/weights.hpp"

namespace ntkc::derivation {

using kernel_ir::NodeId;
using layer_graph::LayerNode;
using layer_graph::Parametrization;

namespace {

/// What the weights and biases add to Θ, before the learning rate. Under the NTK parametrization ∂f/∂W ·
/// ∂f/∂W is W_std²/n h·h' and that of b is b_std², together Σ' (Jacot et al. 2018, Theorem 1). Under the
/// standard one, f = W h + b: h·h' = n Σ, and 1 if there is a bias (Sohl-Dickstein et al. 2020, eq. 5). n is
/// the number of units that one unit reads. Biases with a learning rate of their own are left out.
NodeId seed(const RuleContext& context, const LayerNode& layer, NodeId mean, std::int64_t taps,
            NodeId result) {
  kernel_ir::Program& program = context.program;
  if (context.graph.parametrization != Parametrization::standard) return program.cross(result);
  const auto read = context.graph.nodes[layer.operand].type.channels.value() * taps;
  const NodeId weights = program.multiply(program.literal(static_cast<double>(read)), program.cross(mean));
  const bool with_biases = has_bias(context.graph, layer) && !bias_rate(layer);
  return with_biases ? program.add(weights, program.literal(1)) : weights;
}

}  // namespace

/// In any parametrization. Biases that are drawn from N(0, b_std²) and trained at a rate of their own add that
/// rate to Θ: with b_std = 0 and the rate β², Θ' = W_std² Θ + Σ' + β² (Geifman et al. 2020, "On the similarity
/// between the Laplace and neural tangent kernels", section 3).
NodeId RuleContext::weighted(const layer_graph::Node& node, NodeId mean, std::int64_t taps,
                             Weights weights) const {
  const auto& layer = std::get<LayerNode>(node.node);
  if (graph.parametrization == Parametrization::cntk) mean = multiple(static_cast<double>(taps), mean);
  const NodeId by_weights = program.multiply(program.square(scalar(weight_std(layer))), mean);
  const NodeId bias = scalar(bias_std(layer));
  const auto separated = [&](NodeId a) {
    return weights == Weights::local ? program.apply(kernel_ir::Operation::separate, {a}) : a;
  };
  const NodeId result =
      separated(program.is_literal(bias, 0) ? by_weights : program.add(by_weights, program.square(bias)));
  if (!layer_graph::learning_rate(node)) return result;
  if (const auto rate = bias_rate(layer)) {
    NodeId of_biases = scalar(*rate);
    if (weights == Weights::local) of_biases = separated(program.broadcast(of_biases, program[result].place));
    return trained(node, result, separated(seed(*this, layer, mean, taps, by_weights)), of_biases);
  }
  return trained(node, result, separated(seed(*this, layer, mean, taps, result)));
}

NodeId RuleContext::trained(const layer_graph::Node& layer, NodeId sigma, NodeId seed,
                            std::optional<NodeId> of_biases) const {
  const NodeId rate = scalar(layer_graph::learning_rate(layer).value());
  if (!program.is_literal(rate, 1)) seed = program.multiply(rate, seed);
  if (of_biases) seed = program.add(seed, *of_biases);
  return program.trainable(sigma, seed, trainable_.number(layer));
}

NodeId RuleContext::normalized(NodeId dual, NodeId phi, std::int64_t taps) const {
  if (graph.parametrization != Parametrization::cntk) return dual;
  const NodeId share = program.literal(1 / static_cast<double>(taps));
  return program.multiply(program.divide(share, program.moment(program.literal(1), phi, phi)), dual);
}

}  // namespace ntkc::derivation
