#include "simulator/training/parameters.hpp"

#include <cstddef>
#include <utility>

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

Matrix scaled(double factor, const Matrix& from) {
  Matrix result(from.rows(), from.columns(), Uninitialized{});
  const std::ptrdiff_t size = from.rows() * from.columns();
  for (std::ptrdiff_t i = 0; i < size; ++i) result.data()[i] = factor * from.data()[i];
  return result;
}

/// Sums of columns, 1 × columns.
Matrix column_sums(double factor, const Matrix& from) {
  Matrix result(1, from.columns());
  for (std::ptrdiff_t i = 0; i < from.rows(); ++i) {
    for (std::ptrdiff_t j = 0; j < from.columns(); ++j) result(0, j) += factor * from(i, j);
  }
  return result;
}

void add_scaled(Matrix& to, double factor, const Matrix& from) {
  for (std::ptrdiff_t i = 0; i < from.rows(); ++i) {
    for (std::ptrdiff_t j = 0; j < from.columns(); ++j) to(i, j) += factor * from(i, j);
  }
}

}  // namespace

Descent descent(const Plan& plan, const Weights& weights, MatrixView<const double> inputs,
                MatrixView<const double> targets, int threads) {
  const auto layers = static_cast<std::size_t>(plan.dense_steps);
  Descent result{{std::vector<Matrix>(layers), std::vector<Matrix>(layers)}, {}};
  const Values values = forward(plan, weights, inputs, threads);
  result.residual = residual_of(values[plan.output], targets);
  const double share = 1 / static_cast<double>(targets.rows * targets.columns);
  backward(plan, weights, values, scaled(share, result.residual), threads,
           [&](const DenseStep& layer, const Matrix& input, const Matrix& signal) {
             const ParameterArray& w = layer.weights;
             if (w.rate * w.multiplier > 0) {
               result.direction.weights[layer.number] =
                   transposed_product(-w.rate * w.multiplier, signal, input, threads);
             }
             if (layer.bias && layer.bias->rate * layer.bias->multiplier > 0) {
               result.direction.biases[layer.number] =
                   column_sums(-layer.bias->rate * layer.bias->multiplier, signal);
             }
           });
  return result;
}

void move(const Plan& plan, StoredWeights& weights, double step, const Direction& direction) {
  for (const Step& any : plan.steps) {
    const auto* const layer = std::get_if<DenseStep>(&any.operation);
    if (layer == nullptr) continue;
    add_scaled(weights.weights(*layer), step, direction.weights[layer->number]);
    add_scaled(weights.biases(*layer), step, direction.biases[layer->number]);
  }
}

}  // namespace ntkc::simulator
