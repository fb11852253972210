#include "simulator/training/parameters.hpp"

#include <cstddef>
#include <utility>

#include "simulator/combination.hpp"
#include "simulator/network.hpp"
#include "simulator/products.hpp"

namespace ntkc::simulator {
namespace {

/// f − Y.
Matrix residual_of(const Matrix& outputs, MatrixView<const double> targets) {
  Matrix residual(targets.rows, targets.columns, Uninitialized{});
  for (std::ptrdiff_t i = 0; i < targets.rows; ++i) {
    for (std::ptrdiff_t j = 0; j < targets.columns; ++j) residual(i, j) = outputs(i, j) - targets(i, j);
  }
  return residual;
}

/// Computes to += factor · (the sums of the columns of `from`), 1 × columns.
void add_column_sums(Matrix& to, double factor, const Matrix& from) {
  for (std::ptrdiff_t i = 0; i < from.rows(); ++i) {
    for (std::ptrdiff_t j = 0; j < from.columns(); ++j) to(0, j) += factor * from(i, j);
  }
}

}  // namespace

Descent descent(const Plan& plan, const Weights& weights, MatrixView<const double> inputs,
                MatrixView<const double> targets, int threads) {
  Descent result{Direction(static_cast<std::size_t>(plan.layers_with_parameters)), {}};
  const Values values = forward(plan, weights, inputs, threads);
  result.residual = residual_of(values[plan.output], targets);
  const double share = 1 / static_cast<double>(targets.rows * targets.columns);
  backward(plan, weights, values, scaled(share, std::as_const(result.residual).view()), threads,
           [&](const LayerParameters& layer, const Matrix& input, const Matrix& signal) {
             const double weight = -layer.weights.rate * layer.weights.multiplier;
             const double bias = layer.bias ? -layer.bias->rate * layer.bias->multiplier : 0;
             if (weight != 0 || bias != 0) result.direction[layer.number] = {weight, bias, signal, input};
           });
  return result;
}

void move(const Plan& plan, StoredWeights& weights, double step, const Direction& direction, int threads) {
  for (const auto& any : plan.steps) {
    for (const LayerParameters& layer : any->parameters()) {
      const LayerDirection& of_layer = direction[layer.number];
      if (of_layer.weight_factor != 0) {
        add_transposed_product(step * of_layer.weight_factor, of_layer.signal, of_layer.input,
                               weights.weights(layer), threads);
      }
      if (of_layer.bias_factor != 0)
        add_column_sums(weights.biases(layer), step * of_layer.bias_factor, of_layer.signal);
    }
  }
}

}  // namespace ntkc::simulator
