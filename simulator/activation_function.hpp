// Activations on arrays: the value and the derivative, computed from the definition in the layer graph by
// differentiation in forward mode.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "compiler/layer_graph/layer_graph.hpp"

namespace ntkc::simulator {

class ActivationFunction {
 public:
  /// φ is the scalar `function` of the graph, with the network parameters at their values in it.
  ActivationFunction(const layer_graph::LayerGraph& graph, layer_graph::ScalarId function);

  /// Writes value[i] = φ(z[i]) and derivative[i] = φ'(z[i]). The derivative is the almost-everywhere one that
  /// gradient descent uses: that of sign, step and comparisons is 0, and at a kink of max or min it is the
  /// mean of both sides. Either array may be left out (null), and both may be `z` itself.
  void evaluate(const double* z, std::int64_t count, double* value, double* derivative) const;

 private:
  using Slot = std::size_t;
  /// One operation. Instruction i writes slot i; in that of a constant, `operation` is literal.
  struct Instruction {
    layer_graph::ScalarOperation operation;
    std::array<Slot, 4> operands;
    double constant;
  };

  std::vector<Instruction> instructions_;  // operands first; the last is φ
};

/// E[φ(z)²], z ~ N(0, 1), by adaptive quadrature to a relative 1e-10.
double mean_square(const ActivationFunction& function);

}  // namespace ntkc::simulator
