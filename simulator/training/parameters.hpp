// What gradient descent does to the parameters of a network.
#pragma once

#include <vector>

#include "ntkc/matrix.hpp"
#include "simulator/plan.hpp"
#include "simulator/weights.hpp"

namespace ntkc::simulator {

/// A direction in the space of the parameters of one layer: weight_factor · signalᵀ · input (outputs ×
/// inputs) for the weights, and bias_factor times the column sums of `signal` for the biases. For n inputs
/// both matrices have n rows, while their product would be as large as the weights themselves.
struct LayerDirection {
  double weight_factor = 0;  ///< 0: not trained
  double bias_factor = 0;
  Matrix signal;  ///< n × outputs
  Matrix input;   ///< n × inputs
};
/// One for each layer with parameters. It has no matrices where nothing is trained.
using Direction = std::vector<LayerDirection>;

/// What gradient flow follows: −r_p ∂L/∂p of every parameter p with its learning rate r_p, for the loss
/// L = ‖f(X) − Y‖²/(2N), N = n × outputs. `residual` is f(X) − Y, n × outputs.
struct Descent {
  Direction direction;
  Matrix residual;
};
Descent descent(const Plan& plan, const Weights& weights, MatrixView<const double> inputs,
                MatrixView<const double> targets, int threads);

/// Computes weights += step · direction.
void move(const Plan& plan, StoredWeights& weights, double step, const Direction& direction, int threads);

}  // namespace ntkc::simulator
