// What gradient descent does to the parameters of a network.
#pragma once

#include <vector>

#include "ntkc/matrix.hpp"
#include "simulator/plan.hpp"
#include "simulator/weights.hpp"

namespace ntkc::simulator {

/// A direction in the space of parameters, by dense layer; layers that are not trained have empty matrices.
struct Direction {
  std::vector<Matrix> weights;  ///< outputs × inputs
  std::vector<Matrix> biases;   ///< 1 × outputs
};

/// What gradient flow follows: −r_p ∂L/∂p of every parameter p with its learning rate r_p, for the loss
/// L = ‖f(X) − Y‖²/(2N), N = n × outputs. `residual` is f(X) − Y, n × outputs.
struct Descent {
  Direction direction;
  Matrix residual;
};
Descent descent(const Plan& plan, const Weights& weights, MatrixView<const double> inputs,
                MatrixView<const double> targets, int threads);

/// weights += step · direction.
void move(const Plan& plan, StoredWeights& weights, double step, const Direction& direction);

}  // namespace ntkc::simulator
