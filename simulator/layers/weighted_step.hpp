// What the layers with weights have in common: their parameters.
#pragma once

#include "compiler/layer_graph/layers/weights.hpp"
#include "simulator/layers/steps.hpp"

namespace ntkc::simulator {

/// h = m_w W a + m_b 1 b, where a holds the channels that `taps` taps read, one tap after the other. Before the
/// widths are known, the multipliers are W_std and b_std.
class WeightedStep : public Step {
 public:
  /// `sets`: of weights and biases of their own, one or one for each position.
  WeightedStep(PlanContext& context, const layer_graph::Node& node, std::int64_t taps, std::int64_t sets = 1);

  void set_channels(const std::vector<std::int64_t>& of_operands) override;
  [[nodiscard]] std::span<const LayerParameters> parameters() const override { return parameters_; }

 private:
  std::vector<LayerParameters> parameters_;
  std::int64_t taps_;
  bool has_bias_rate_;
  layer_graph::Parametrization parametrization_;
  std::optional<std::int64_t> stated_channels_;  ///< of the operand, in the graph
};

}  // namespace ntkc::simulator
