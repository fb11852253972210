// Activations on arrays: value and derivative, from their definition in the layer graph.
#pragma once

#include <cstdint>

#include "compiler/layer_graph/layer_graph.hpp"

namespace ntkc::simulator {

class ActivationFunction {
 public:
  ActivationFunction(const layer_graph::LayerGraph& graph, const layer_graph::LayerNode& node);

  /// value[i] = φ(z[i]) and derivative[i] = φ'(z[i]), the almost-everywhere derivative that gradient descent
  /// uses. Either may be null; `value` may be `z`.
  void evaluate(const double* z, std::int64_t count, double* value, double* derivative) const;

 private:
  layer_graph::Builtin builtin_;
  double alpha_ = 0;
};

/// E[φ(z)²], z ~ N(0, 1), by adaptive quadrature to a relative 1e-10.
double mean_square(const ActivationFunction& function);

}  // namespace ntkc::simulator
