#include <cblas.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ntkc/errors.hpp"
#include "ntkc/posterior.hpp"
#include "runtime/gram/parallel.hpp"
#include "runtime/regression/blas_threads.hpp"
#include "runtime/regression/blocked_cholesky.hpp"

namespace ntkc {
namespace {

/// New samples that are solved for at a time.
constexpr std::ptrdiff_t block_rows = 256;

void check_shape(MatrixView<const double> matrix, std::ptrdiff_t rows, std::ptrdiff_t columns,
                 const char* name) {
  if (matrix.rows != rows || matrix.columns != columns)
    throw InputError(fmt::format("{} has shape ({}, {}), where ({}, {}) is wanted", name, matrix.rows,
                                 matrix.columns, rows, columns));
}

/// Cholesky's factor of K + λI, in its lower triangle.
void factorise(MatrixView<double> k, double ridge, int threads, runtime::ProgressMeter& progress) {
  if (!(ridge >= 0) || std::isinf(ridge))
    throw InputError(fmt::format("the ridge is {}; it must be finite and not negative", ridge));
  for (std::ptrdiff_t i = 0; i < k.rows; ++i) k(i, i) += ridge;
  const runtime::CholeskyOutcome outcome = runtime::factorise(k, threads, progress);
  if (!outcome.succeeded)
    throw NumericalError(fmt::format(
        "the Gram matrix plus ridge {:.3g} is singular in double precision (row {}, counting from 0): the "
        "variance of a "
        "prediction is not determined; fit with a larger ridge (--ridge), or remove duplicate inputs",
        ridge, outcome.failed_row));
}

/// n × count: the transpose of rows `first`, … of a matrix.
Matrix transposed(MatrixView<const double> matrix, std::ptrdiff_t first, std::ptrdiff_t count) {
  Matrix result(matrix.columns, count, Uninitialized{});
  for (std::ptrdiff_t i = 0; i < count; ++i)
    for (std::ptrdiff_t j = 0; j < matrix.columns; ++j) result(j, i) = matrix(first + i, j);
  return result;
}

/// work(first, count) for blocks of `rows` rows, reported to `progress`.
template <typename Work>
void for_each_block(std::ptrdiff_t rows, double work_of_row, runtime::ProgressMeter& progress,
                    const Work& work) {
  for (std::ptrdiff_t first = 0; first < rows; first += block_rows) {
    const std::ptrdiff_t count = std::min(block_rows, rows - first);
    work(first, count);
    progress.add(work_of_row * static_cast<double>(count));
  }
  progress.finish();
}

}  // namespace

std::vector<double> posterior_variance(MatrixView<double> k, double ridge, MatrixView<const double> cross,
                                       std::span<const double> prior, const Execution& execution) {
  const std::ptrdiff_t n = k.rows;
  check_shape(k, n, n, "the Gram matrix");
  check_shape(cross, std::ssize(prior), n, "the cross Gram matrix");
  const int threads = runtime::blas_threads(runtime::thread_count(execution));
  const auto size = static_cast<double>(n);
  runtime::ProgressMeter progress(execution, size * size * (size / 6 + static_cast<double>(cross.rows)));
  factorise(k, ridge, threads, progress);
  std::vector<double> result(prior.begin(), prior.end());
  for_each_block(cross.rows, size * size, progress, [&](std::ptrdiff_t first, std::ptrdiff_t count) {
    Matrix v = transposed(cross, first, count);
    runtime::solve_lower(k, v.view(), threads);
    for (std::ptrdiff_t j = 0; j < n; ++j)
      for (std::ptrdiff_t i = 0; i < count; ++i)
        result[static_cast<std::size_t>(first + i)] -= v(j, i) * v(j, i);
  });
  for (double& variance : result) variance = std::max(variance, 0.0);
  return result;
}

std::vector<double> ensemble_variance(MatrixView<double> theta, double ridge,
                                      MatrixView<const double> cross_theta, MatrixView<const double> sigma,
                                      MatrixView<const double> cross_sigma,
                                      std::span<const double> prior_sigma, const Execution& execution) {
  const std::ptrdiff_t n = theta.rows;
  const std::ptrdiff_t m = std::ssize(prior_sigma);
  check_shape(theta, n, n, "the Gram matrix of Theta");
  check_shape(sigma, n, n, "the Gram matrix of Sigma");
  check_shape(cross_theta, m, n, "the cross Gram matrix of Theta");
  check_shape(cross_sigma, m, n, "the cross Gram matrix of Sigma");
  const int threads = runtime::blas_threads(runtime::thread_count(execution));
  const auto size = static_cast<double>(n);
  runtime::ProgressMeter progress(execution, size * size * (size / 6 + 4 * static_cast<double>(m)));
  factorise(theta, ridge, threads, progress);
  std::vector<double> result(prior_sigma.begin(), prior_sigma.end());
  for_each_block(m, 4 * size * size, progress, [&](std::ptrdiff_t first, std::ptrdiff_t count) {
    Matrix a = transposed(cross_theta, first, count);  // Aᵀ
    runtime::solve_lower(theta, a.view(), threads);
    runtime::solve_lower_transposed(theta, a.view(), threads);
    Matrix product(n, count, Uninitialized{});  // Σ Aᵀ
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, static_cast<int>(n), static_cast<int>(count),
                static_cast<int>(n), 1.0, sigma.data, static_cast<int>(sigma.stride), a.data(),
                static_cast<int>(count), 0.0, product.data(), static_cast<int>(count));
    for (std::ptrdiff_t j = 0; j < n; ++j)
      for (std::ptrdiff_t i = 0; i < count; ++i)
        result[static_cast<std::size_t>(first + i)] +=
            a(j, i) * (product(j, i) - 2 * cross_sigma(first + i, j));
  });
  for (double& variance : result) variance = std::max(variance, 0.0);
  return result;
}

}  // namespace ntkc
