#include <cmath>

#include "simulator/layers/steps.hpp"

namespace ntkc::simulator {
namespace {

class InputStep final : public Step {
 public:
  InputStep(std::int64_t input_channels, double scale)
      : Step({}, {Channels::Rule::as_data, input_channels}), scale_(scale) {}

  /// A row of the data is position after position.
  [[nodiscard]] Matrix forward(const ForwardPass& pass) const override {
    Matrix result(pass.inputs.rows * positions, channels, Uninitialized{});
    for (std::ptrdiff_t i = 0; i < pass.inputs.rows; ++i) {
      for (std::ptrdiff_t j = 0; j < pass.inputs.columns; ++j)
        result.data()[i * pass.inputs.columns + j] = scale_ * pass.inputs(i, j);
    }
    return result;
  }
  void backward(const BackwardPass& /*pass*/, Matrix /*signal*/) const override {}

 private:
  double scale_;
};

}  // namespace

/// The data. Under `cntk` (Arora et al. 2019) an input of d channels is multiplied by √d, which undoes the
/// division of Σ⁰ = x·x'/d by d: the first layer multiplies by 1/√d.
std::unique_ptr<Step> layers::input(PlanContext& context, const layer_graph::Node& node) {
  const std::int64_t channels = node.type.channels.value_or(1);
  const bool is_divided = context.graph.parametrization != layer_graph::Parametrization::cntk;
  return std::make_unique<InputStep>(channels, is_divided ? 1.0 : std::sqrt(static_cast<double>(channels)));
}

}  // namespace ntkc::simulator
