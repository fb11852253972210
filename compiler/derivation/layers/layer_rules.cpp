#include "compiler/derivation/layers/layer_rules.hpp"

#include "compiler/layer_graph/layers/weights.hpp"

namespace ntkc::derivation {

using kernel_ir::NodeId;

NodeId RuleContext::trained(const layer_graph::Node& layer, NodeId sigma, NodeId seed,
                            std::optional<NodeId> of_biases) const {
  const NodeId rate = scalar(layer_graph::learning_rate(layer).value());
  if (!program.is_literal(rate, 1)) seed = program.multiply(rate, seed);
  if (of_biases) seed = program.add(seed, *of_biases);
  return program.trainable(sigma, seed, trainable_.number(layer));
}

NodeId RuleContext::normalized(NodeId dual, NodeId phi) const {
  if (graph.parametrization != layer_graph::Parametrization::cntk) return dual;
  const NodeId one = program.literal(1);
  return program.multiply(program.divide(one, program.moment(one, phi, phi)), dual);
}

}  // namespace ntkc::derivation
