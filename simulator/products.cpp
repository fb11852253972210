#include "simulator/products.hpp"

#include <cblas.h>

#include <algorithm>

#include "runtime/gram/parallel.hpp"
#include "runtime/regression/blas_threads.hpp"

namespace ntkc::simulator {
namespace {

std::ptrdiff_t blocks_of(std::ptrdiff_t size) { return (size + weight_block - 1) / weight_block; }

Range block_range(std::ptrdiff_t block, std::ptrdiff_t size) {
  const std::ptrdiff_t first = block * weight_block;
  return {first, std::min(weight_block, size - first)};
}

int integer(std::ptrdiff_t value) { return static_cast<int>(value); }

/// Computes C = alpha · A op(B) + beta · C.
void multiply(double alpha, MatrixView<const double> a, CBLAS_TRANSPOSE op, MatrixView<const double> b,
              double beta, MatrixView<double> c) {
  if (c.rows == 0 || c.columns == 0) return;
  cblas_dgemm(CblasRowMajor, CblasNoTrans, op, integer(c.rows), integer(c.columns), integer(a.columns), alpha,
              a.data, integer(a.stride), b.data, integer(b.stride), beta, c.data, integer(c.stride));
}

/// Some columns of a matrix.
template <typename M>
auto columns_of(M& m, Range columns) {
  auto view = m.view();
  view.data += columns.first;
  view.columns = columns.size;
  return view;
}

Array<double> make_room() { return Array<double>(weight_block * weight_block); }

void add_biases(const LayerParameters& layer, const Weights& weights, Matrix& result) {
  std::vector<double> bias(static_cast<std::size_t>(layer.outputs));
  weights.bias(layer, bias.data());
  for (std::ptrdiff_t i = 0; i < result.rows(); ++i) {
    for (std::ptrdiff_t j = 0; j < result.columns(); ++j)
      result(i, j) += layer.bias->multiplier * bias[static_cast<std::size_t>(j)];
  }
}

}  // namespace

Matrix apply_layer(const LayerParameters& layer, const Weights& weights, const Matrix& input, int threads) {
  threads = runtime::blas_threads(threads);
  Matrix result(input.rows(), layer.outputs, Uninitialized{});
  runtime::parallel_for(blocks_of(layer.outputs), threads, [&](std::ptrdiff_t task, int /*worker*/) {
    Array<double> room = make_room();
    const Range rows = block_range(task, layer.outputs);
    for (std::ptrdiff_t k = 0; k < blocks_of(layer.inputs); ++k) {
      const Range columns = block_range(k, layer.inputs);
      multiply(layer.weights.multiplier, columns_of(input, columns), CblasTrans,
               weights.block(layer, rows, columns, room.data()), k == 0 ? 0 : 1, columns_of(result, rows));
    }
  });
  if (layer.bias) add_biases(layer, weights, result);
  return result;
}

Matrix apply_transposed(const LayerParameters& layer, const Weights& weights, const Matrix& signal,
                        int threads) {
  threads = runtime::blas_threads(threads);
  Matrix result(signal.rows(), layer.inputs, Uninitialized{});
  runtime::parallel_for(blocks_of(layer.inputs), threads, [&](std::ptrdiff_t task, int /*worker*/) {
    Array<double> room = make_room();
    const Range columns = block_range(task, layer.inputs);
    for (std::ptrdiff_t k = 0; k < blocks_of(signal.columns()); ++k) {
      const Range rows = block_range(k, signal.columns());
      multiply(layer.weights.multiplier, columns_of(signal, rows), CblasNoTrans,
               weights.block(layer, rows, columns, room.data()), k == 0 ? 0 : 1, columns_of(result, columns));
    }
  });
  return result;
}

void add_transposed_product(double alpha, const Matrix& signal, const Matrix& input, Matrix& result,
                            int threads) {
  threads = runtime::blas_threads(threads);
  runtime::parallel_for(blocks_of(signal.columns()), threads, [&](std::ptrdiff_t task, int /*worker*/) {
    const Range rows = block_range(task, signal.columns());
    if (input.columns() == 0) return;
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, integer(rows.size), integer(input.columns()),
                integer(signal.rows()), alpha, signal.data() + rows.first, integer(signal.columns()),
                input.data(), integer(input.columns()), 1, &result(rows.first, 0), integer(input.columns()));
  });
}

Matrix product_of_rows(double alpha, const Matrix& a, Range rows, std::ptrdiff_t columns) {
  Matrix result(rows.size, columns, Uninitialized{});
  multiply(alpha, {&a(rows.first, 0), rows.size, a.columns()}, CblasTrans, {a.data(), columns, a.columns()},
           0, result.view());
  return result;
}

Matrix gram_product(double alpha, const Matrix& a, int threads) {
  threads = runtime::blas_threads(threads);
  constexpr std::ptrdiff_t tile = 64;
  const std::ptrdiff_t n = a.rows();
  Matrix result(n, n, Uninitialized{});
  runtime::parallel_for((n + tile - 1) / tile, threads, [&](std::ptrdiff_t task, int /*worker*/) {
    const std::ptrdiff_t first = task * tile;
    const std::ptrdiff_t end = std::min(n, first + tile);
    const MatrixView<const double> rows(a.data() + first * a.columns(), end - first, a.columns());
    const MatrixView<const double> others(a.data(), end, a.columns());
    multiply(alpha, rows, CblasTrans, others, 0, {&result(first, 0), end - first, end, n});
  });
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    for (std::ptrdiff_t j = 0; j < i; ++j) result(j, i) = result(i, j);
  }
  return result;
}

}  // namespace ntkc::simulator
