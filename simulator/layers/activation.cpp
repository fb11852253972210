#include <cmath>

#include "compiler/layer_graph/layers/weights.hpp"
#include "simulator/combination.hpp"
#include "simulator/layers/steps.hpp"

namespace ntkc::simulator {
namespace {

/// scale · φ(z).
class ActivationStep final : public Step {
 public:
  ActivationStep(StepId operand, std::shared_ptr<const ActivationFunction> function, double scale)
      : Step({operand}, {}), function_(std::move(function)), scale_(scale) {}

  [[nodiscard]] Matrix forward(const ForwardPass& pass) const override {
    const Matrix& z = pass.values[operands[0]];
    Matrix result(z.rows(), z.columns(), Uninitialized{});
    function_->evaluate(z.data(), z.rows() * z.columns(), result.data(), nullptr);
    return scale_ == 1 ? std::move(result) : scaled(scale_, std::as_const(result).view());
  }

  void backward(const BackwardPass& pass, Matrix signal) const override {
    const Matrix& z = pass.values[operands[0]];
    Matrix slope(z.rows(), z.columns(), Uninitialized{});
    function_->evaluate(z.data(), z.rows() * z.columns(), nullptr, slope.data());
    const std::ptrdiff_t functions = signal.rows() / z.rows();
    for (std::ptrdiff_t i = 0; i < signal.rows(); ++i) {
      const std::ptrdiff_t row = value_row(i, functions, positions);
      for (std::ptrdiff_t j = 0; j < signal.columns(); ++j) signal(i, j) *= scale_ * slope(row, j);
    }
    pass.pass(operands[0], std::move(signal));
  }

 private:
  std::shared_ptr<const ActivationFunction> function_;
  double scale_;
};

}  // namespace

/// Under `cntk` (Arora et al. 2019) an activation is φ(z)/√E[φ(z)²], z ~ N(0, 1), behind a convolution of k taps
/// also divided by √k.
std::unique_ptr<Step> layers::activation(PlanContext& context, const layer_graph::Node& node) {
  const auto& activation = std::get<layer_graph::ActivationNode>(node.node);
  const auto [entry, is_new] = context.functions.try_emplace(activation.function, nullptr, 1.0);
  auto& [function, scale] = entry->second;
  if (is_new) {
    function = std::make_shared<const ActivationFunction>(context.graph, activation.function);
    if (context.graph.parametrization == layer_graph::Parametrization::cntk)
      scale = 1 / std::sqrt(mean_square(*function));
  }
  const bool is_cntk = context.graph.parametrization == layer_graph::Parametrization::cntk;
  const double taps = is_cntk ? static_cast<double>(taps_behind(context.graph, activation.operand)) : 1;
  return std::make_unique<ActivationStep>(context.images[activation.operand], function,
                                          scale / std::sqrt(taps));
}

}  // namespace ntkc::simulator
