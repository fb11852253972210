#include <algorithm>
#include <cmath>

#include "simulator/layers/position_steps.hpp"

namespace ntkc::simulator {
namespace {

/// y = h/√(ε + m), m the mean of h² over the channels, of `group` positions together.
class LayerNormStep final : public Step {
 public:
  LayerNormStep(StepId operand, double eps, std::int64_t group)
      : Step({operand}, {}), eps_(eps), group_(group) {}

  [[nodiscard]] Matrix forward(const ForwardPass& pass) const override {
    const Matrix& value = pass.values[operands[0]];
    Matrix result(value.rows(), value.columns(), Uninitialized{});
    for (std::ptrdiff_t row = 0; row < value.rows(); ++row) {
      const double scale = scale_of(value, row);
      for (std::ptrdiff_t j = 0; j < value.columns(); ++j) result(row, j) = scale * value(row, j);
    }
    return result;
  }

  /// ∂y_i/∂h_j = s δ_ij - s³ h_i h_j/N, N numbers in the mean.
  void backward(const BackwardPass& pass, Matrix signal) const override {
    const Matrix& value = pass.values[operands[0]];
    const std::ptrdiff_t functions = signal.rows() / value.rows();
    Matrix result(signal.rows(), value.columns());
    for (std::ptrdiff_t first = 0; first < signal.rows(); first += group_) {
      double inner = 0;
      for (std::ptrdiff_t i = first; i < first + group_; ++i) {
        const std::ptrdiff_t row = value_row(i, functions, positions);
        for (std::ptrdiff_t j = 0; j < signal.columns(); ++j) inner += signal(i, j) * value(row, j);
      }
      const double scale = scale_of(value, value_row(first, functions, positions));
      const double along = inner * scale * scale * scale / static_cast<double>(group_ * value.columns());
      for (std::ptrdiff_t i = first; i < first + group_; ++i) {
        const std::ptrdiff_t row = value_row(i, functions, positions);
        for (std::ptrdiff_t j = 0; j < value.columns(); ++j)
          result(i, j) = (j < signal.columns() ? scale * signal(i, j) : 0) - along * value(row, j);
      }
    }
    pass.pass(operands[0], std::move(result));
  }

 private:
  [[nodiscard]] double scale_of(const Matrix& value, std::ptrdiff_t row) const {
    const std::ptrdiff_t first = row / group_ * group_;
    double sum = 0;
    for (std::ptrdiff_t i = first; i < first + group_; ++i) {
      for (std::ptrdiff_t j = 0; j < value.columns(); ++j) sum += value(i, j) * value(i, j);
    }
    const double norm = std::sqrt(eps_ + sum / static_cast<double>(group_ * value.columns()));
    return norm > 0 ? 1 / norm : 0;
  }

  double eps_;
  std::int64_t group_;
};

}  // namespace

/// Units have mean zero in the limit, so that the variance of the channels is their mean square.
std::unique_ptr<Step> layers::layer_norm(PlanContext& context, const layer_graph::Node& node) {
  const auto& layer = std::get<layer_graph::LayerNode>(node.node);
  const auto& axes = std::get<std::vector<layer_graph::ChoiceArgument>>(argument(layer, "axes"));
  const bool over_positions = std::ranges::any_of(
      axes, [](const layer_graph::ChoiceArgument& axis) { return axis.name == "positions"; });
  return std::make_unique<LayerNormStep>(
      context.images[layer.operand], context.value(std::get<layer_graph::ScalarId>(argument(layer, "eps"))),
      over_positions ? position_count(node.type) : 1);
}

}  // namespace ntkc::simulator
