// Activations on arrays: value and derivative, from the definition in the layer graph, in forward mode.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "compiler/layer_graph/layer_graph.hpp"

namespace ntkc::simulator {

class ActivationFunction {
 public:
  /// φ is the scalar `function` of the graph, at the values that the network parameters have in it.
  ActivationFunction(const layer_graph::LayerGraph& graph, layer_graph::ScalarId function);

  /// value[i] = φ(z[i]) and derivative[i] = φ'(z[i]), the almost-everywhere derivative that gradient descent
  /// uses (that of sign, step and comparisons is 0; at a kink of max or min, the mean of both sides). Either
  /// may be null; both may be `z`.
  void evaluate(const double* z, std::int64_t count, double* value, double* derivative) const;

 private:
  using Slot = std::size_t;
  /// One operation; instruction i writes slot i. Of a constant, `operation` is literal.
  struct Instruction {
    layer_graph::ScalarOperation operation;
    Slot operands[3];
    double constant;
  };

  std::vector<Instruction> instructions_;  // operands first; the last is φ
};

/// E[φ(z)²], z ~ N(0, 1), by adaptive quadrature to a relative 1e-10.
double mean_square(const ActivationFunction& function);

}  // namespace ntkc::simulator
