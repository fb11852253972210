#include <cmath>

#include "simulator/combination.hpp"
#include "simulator/layers/steps.hpp"

namespace ntkc::simulator {
namespace {

class InputStep final : public Step {
 public:
  InputStep(std::int64_t size, double scale) : Step({}, {Channels::Rule::as_data, size}), scale_(scale) {}

  [[nodiscard]] Matrix forward(const ForwardPass& pass) const override { return scaled(scale_, pass.inputs); }
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
