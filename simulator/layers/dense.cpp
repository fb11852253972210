#include "simulator/layers/weighted_step.hpp"
#include "simulator/products.hpp"

namespace ntkc::simulator {
namespace {

/// At each position the same weights.
class DenseStep final : public WeightedStep {
 public:
  DenseStep(PlanContext& context, const layer_graph::Node& node) : WeightedStep(context, node, 1) {}

  [[nodiscard]] Matrix forward(const ForwardPass& pass) const override {
    return apply_layer(parameters()[0], pass.weights, pass.values[operands[0]], pass.threads);
  }

  void backward(const BackwardPass& pass, Matrix signal) const override {
    pass.visit(parameters()[0], pass.values[operands[0]], signal);
    if (pass.trained[operands[0]])
      pass.pass(operands[0], apply_transposed(parameters()[0], pass.weights, signal, pass.threads));
  }
};

}  // namespace

std::unique_ptr<Step> layers::dense(PlanContext& context, const layer_graph::Node& node) {
  return std::make_unique<DenseStep>(context, node);
}

}  // namespace ntkc::simulator
