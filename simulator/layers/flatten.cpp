#include <cmath>

#include "simulator/combination.hpp"
#include "simulator/layers/position_steps.hpp"

namespace ntkc::simulator {
namespace {

/// The rows of the positions of an input as one.
class FlattenStep final : public Step {
 public:
  FlattenStep(StepId operand, std::int64_t operand_positions, double scale)
      : Step({operand}, {Channels::Rule::sum_of_operands, std::nullopt, operand_positions}),
        operand_positions_(operand_positions),
        scale_(scale) {}

  [[nodiscard]] Matrix forward(const ForwardPass& pass) const override {
    const Matrix& value = pass.values[operands[0]];
    return scaled(scale_, MatrixView<const double>(value.data(), value.rows() / operand_positions_,
                                                   value.columns() * operand_positions_));
  }

  /// The signal may end within the channels: the rest of it is zero.
  void backward(const BackwardPass& pass, Matrix signal) const override {
    const std::ptrdiff_t width = pass.values[operands[0]].columns();
    Matrix result(signal.rows() * operand_positions_, width);
    for (std::ptrdiff_t i = 0; i < signal.rows(); ++i) {
      for (std::ptrdiff_t j = 0; j < signal.columns(); ++j)
        result.data()[i * operand_positions_ * width + j] = scale_ * signal(i, j);
    }
    pass.pass(operands[0], std::move(result));
  }

 private:
  std::int64_t operand_positions_;
  double scale_;
};

}  // namespace

/// Under `cntk` the positions are added up, not averaged: a `dense` that reads them divides by √P.
std::unique_ptr<Step> layers::flatten(PlanContext& context, const layer_graph::Node& node) {
  const auto& layer = std::get<layer_graph::LayerNode>(node.node);
  const std::int64_t positions = position_count(context.graph.nodes[layer.operand].type);
  const bool adds_up = context.graph.parametrization == layer_graph::Parametrization::cntk;
  return std::make_unique<FlattenStep>(context.images[layer.operand], positions,
                                       adds_up ? std::sqrt(static_cast<double>(positions)) : 1);
}

}  // namespace ntkc::simulator
