#include <cmath>

#include "compiler/layer_graph/layers/weights.hpp"
#include "simulator/layers/steps.hpp"
#include "simulator/products.hpp"

namespace ntkc::simulator {
namespace {

using layer_graph::LayerNode;

/// h = m_w W a + m_b 1 b. Before the widths are known, the multipliers are W_std and b_std.
class DenseStep final : public Step {
 public:
  /// `has_bias_rate`: the biases are as they are trained, in any parametrization.
  DenseStep(StepId operand, std::optional<std::int64_t> stated_width, LayerParameters parameters,
            bool has_bias_rate, bool is_standard, std::optional<std::int64_t> stated_inputs)
      : Step({operand}, {Channels::Rule::own, stated_width}),
        parameters_(parameters),
        has_bias_rate_(has_bias_rate),
        is_standard_(is_standard),
        stated_inputs_(stated_inputs) {}

  /// Where a layer of the standard parametrization reads n' units instead of the n of the graph, the learning
  /// rate of its weights is multiplied by n/n': what they add to Θ is n Σ at any width.
  void set_channels(const std::vector<std::int64_t>& of_operands) override {
    LayerParameters& p = parameters_;
    p.inputs = of_operands[0];
    p.outputs = channels;
    p.weights.multiplier /= std::sqrt(static_cast<double>(p.inputs));
    if (!is_standard_) return;
    p.weights.rate *= static_cast<double>(stated_inputs_.value_or(p.inputs)) / static_cast<double>(p.inputs);
    std::swap(p.weights.multiplier, p.weights.standard_deviation);
    if (p.bias && !has_bias_rate_) std::swap(p.bias->multiplier, p.bias->standard_deviation);
  }

  [[nodiscard]] const LayerParameters* parameters() const override { return &parameters_; }

  [[nodiscard]] Matrix forward(const ForwardPass& pass) const override {
    return apply_layer(parameters_, pass.weights, pass.values[operands[0]], pass.threads);
  }

  void backward(const BackwardPass& pass, Matrix signal) const override {
    pass.visit(parameters_, pass.values[operands[0]], signal);
    if (pass.trained[operands[0]])
      pass.pass(operands[0], apply_transposed(parameters_, pass.weights, signal, pass.threads));
  }

 private:
  LayerParameters parameters_;
  bool has_bias_rate_;
  bool is_standard_;
  std::optional<std::int64_t> stated_inputs_;
};

}  // namespace

std::unique_ptr<Step> layers::dense(PlanContext& context, const layer_graph::Node& node) {
  const auto& layer = std::get<LayerNode>(node.node);
  const auto learning_rate = layer_graph::learning_rate(node);
  const double rate = learning_rate ? context.value(*learning_rate) : 0;
  LayerParameters parameters;
  parameters.number = context.layers_with_parameters++;
  parameters.weights = {1, context.value(weight_std(layer)), rate};
  const auto bias_rate = layer_graph::bias_rate(layer);
  if (has_bias(context.graph, layer)) {
    parameters.bias = ParameterArray{1, context.value(bias_std(layer)), rate};
    if (bias_rate)
      parameters.bias = ParameterArray{context.value(bias_std(layer)), 1, context.value(*bias_rate)};
  }
  return std::make_unique<DenseStep>(context.images[layer.operand], stated_width(layer), parameters,
                                     bias_rate.has_value(),
                                     context.graph.parametrization == layer_graph::Parametrization::standard,
                                     context.graph.nodes[layer.operand].type.channels);
}

}  // namespace ntkc::simulator
