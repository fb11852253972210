#include "simulator/layers/weighted_step.hpp"

#include <cmath>
#include <utility>

namespace ntkc::simulator {

using layer_graph::LayerNode;
using layer_graph::Parametrization;

WeightedStep::WeightedStep(PlanContext& context, const layer_graph::Node& node, std::int64_t taps,
                           std::int64_t sets)
    : Step({context.images[std::get<LayerNode>(node.node).operand]},
           {Channels::Rule::own, stated_width(std::get<LayerNode>(node.node))}),
      taps_(taps),
      has_bias_rate_(layer_graph::bias_rate(std::get<LayerNode>(node.node)).has_value()),
      parametrization_(context.graph.parametrization),
      stated_channels_(context.graph.nodes[std::get<LayerNode>(node.node).operand].type.channels) {
  const auto& layer = std::get<LayerNode>(node.node);
  const auto learning_rate = layer_graph::learning_rate(node);
  const double rate = learning_rate ? context.value(*learning_rate) : 0;
  LayerParameters each;
  each.weights = {1, context.value(weight_std(layer)), rate};
  const auto bias_rate = layer_graph::bias_rate(layer);
  if (has_bias(context.graph, layer)) {
    each.bias = ParameterArray{1, context.value(bias_std(layer)), rate};
    if (bias_rate) each.bias = ParameterArray{context.value(bias_std(layer)), 1, context.value(*bias_rate)};
  }
  for (std::int64_t i = 0; i < sets; ++i) {
    each.number = context.layers_with_parameters++;
    parameters_.push_back(each);
  }
}

/// Under `cntk` the taps are added up, not averaged (Arora et al. 2019, section 4). Where a layer of the standard
/// parametrization reads n' units instead of the n of the graph, the learning rate of its weights is multiplied by
/// n/n': what they add to Θ is n Σ at any width.
void WeightedStep::set_channels(const std::vector<std::int64_t>& of_operands) {
  const auto read = static_cast<double>(of_operands[0]);
  for (LayerParameters& p : parameters_) {
    p.inputs = of_operands[0] * taps_;
    p.outputs = channels;
    p.weights.multiplier /=
        std::sqrt(parametrization_ == Parametrization::cntk ? read : read * static_cast<double>(taps_));
    if (parametrization_ != Parametrization::standard) continue;
    p.weights.rate *= stated_channels_ ? static_cast<double>(*stated_channels_) / read : 1;
    std::swap(p.weights.multiplier, p.weights.standard_deviation);
    if (p.bias && !has_bias_rate_) std::swap(p.bias->multiplier, p.bias->standard_deviation);
  }
}

}  // namespace ntkc::simulator
