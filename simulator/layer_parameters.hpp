// The parameters of one layer of a finite network.
//
// A layer h = m_w W a + m_b 1 b draws the entries of W from N(0, s_w²), those of b from N(0, s_b²), and
// trains them at the rates r_w and r_b relative to the network's. With n the number of the layer's inputs:
//
// | parametrization | m_w       | s_w       | r_w, r_b | m_b   | s_b   |
// |-----------------|-----------|-----------|----------|-------|-------|
// | ntk, cntk       | W_std/√n  | 1         | lr       | b_std | 1     |
// | standard        | 1         | W_std/√n  | lr       | 1     | b_std |
//
// Biases with a learning rate of their own, `b_lr`, have m_b = 1, s_b = b_std and r_b = b_lr in any.
#pragma once

#include <cstdint>
#include <optional>

namespace ntkc::simulator {

/// One parameter array: how its entries are drawn, what multiplies them in the forward pass, and the learning
/// rate relative to the network's.
struct ParameterArray {
  double standard_deviation = 1;
  double multiplier = 0;
  double rate = 0;

  /// What Θ̂ gets for each unit of ∂f/∂h · ∂f'/∂h, times the product of what the array multiplies.
  [[nodiscard]] double kernel_weight() const { return rate * multiplier * multiplier; }
};

struct LayerParameters {
  std::uint32_t number =
      0;  ///< counts the layers of the plan that have parameters; random streams and stored arrays are found by it
  std::int64_t inputs = 0;
  std::int64_t outputs = 0;
  ParameterArray weights;  ///< outputs × inputs
  std::optional<ParameterArray> bias;

  [[nodiscard]] bool are_trained() const { return weights.rate > 0 || (bias && bias->rate > 0); }
};

}  // namespace ntkc::simulator
