#include "simulator/layers/steps.hpp"

namespace ntkc::simulator {
namespace {

/// h m/keep, m 1 with probability `keep` and 0 otherwise: another one for each unit, position and sample.
class DropoutStep final : public Step {
 public:
  DropoutStep(StepId operand, std::uint32_t number, double keep)
      : Step({operand}, {}), number_(number), keep_(keep) {}

  [[nodiscard]] Matrix forward(const ForwardPass& pass) const override {
    const Matrix& value = pass.values[operands[0]];
    Matrix result(value.rows(), value.columns(), Uninitialized{});
    std::vector<double> mask(static_cast<std::size_t>(value.columns()));
    for (std::ptrdiff_t row = 0; row < value.rows(); ++row) {
      pass.weights.mask(number_, row, keep_, mask);
      for (std::ptrdiff_t j = 0; j < value.columns(); ++j)
        result(row, j) = mask[static_cast<std::size_t>(j)] * value(row, j);
    }
    return result;
  }

  void backward(const BackwardPass& pass, Matrix signal) const override {
    const Matrix& value = pass.values[operands[0]];
    const std::ptrdiff_t functions = signal.rows() / value.rows();
    std::vector<double> mask(static_cast<std::size_t>(signal.columns()));
    for (std::ptrdiff_t i = 0; i < signal.rows(); ++i) {
      pass.weights.mask(number_, value_row(i, functions, positions), keep_, mask);
      for (std::ptrdiff_t j = 0; j < signal.columns(); ++j) signal(i, j) *= mask[static_cast<std::size_t>(j)];
    }
    pass.pass(operands[0], std::move(signal));
  }

 private:
  std::uint32_t number_;
  double keep_;
};

}  // namespace

std::unique_ptr<Step> layers::dropout(PlanContext& context, const layer_graph::Node& node) {
  const auto& layer = std::get<layer_graph::LayerNode>(node.node);
  return std::make_unique<DropoutStep>(
      context.images[layer.operand], context.dropouts++,
      context.value(std::get<layer_graph::ScalarId>(argument(layer, "keep"))));
}

}  // namespace ntkc::simulator
