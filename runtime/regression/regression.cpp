#include "ntkc/regression.hpp"

#include <cblas.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/gram/parallel.hpp"
#include "runtime/regression/blas_threads.hpp"
#include "runtime/regression/blocked_cholesky.hpp"
#include "runtime/regression/minimum_norm.hpp"

namespace ntkc {

namespace {

using runtime::cholesky_block;
using runtime::parallel_for;

/// What the whole matrix tells before its lower triangle is overwritten.
struct MatrixSummary {
  std::vector<double> diagonal;
  std::vector<double> off_diagonal_sums;  ///< Σ_{j != i} |k_ij|
  double mean_diagonal = 0;               ///< tr(K)/n
};

void check_arguments(MatrixView<const double> k, MatrixView<const double> targets, const Ridge& ridge) {
  if (k.rows != k.columns) {
    throw InputError(fmt::format("the Gram matrix has shape ({}, {}); it must be square", k.rows, k.columns));
  }
  if (k.rows == 0) throw InputError("the Gram matrix is empty; regression needs at least one row");
  if (targets.rows != k.rows) {
    throw InputError(
        fmt::format("the targets have shape ({}, {}), but the Gram matrix has shape ({}, {}); they must "
                    "have as many rows",
                    targets.rows, targets.columns, k.rows, k.columns));
  }
  if (targets.columns == 0)
    throw InputError("the targets have no columns; regression needs at least one output");
  if (std::max({k.stride, targets.stride, targets.columns}) > std::numeric_limits<int>::max()) {
    throw InputError("the Gram matrix or the targets are wider than 2^31 - 1 columns");  // BLAS counts in int
  }
  if (!(ridge.value >= 0) || std::isinf(ridge.value)) {
    throw InputError(fmt::format("the ridge is {}; it must be finite and not negative", ridge.value));
  }
}

/// `contains`: the beginning of the message, what contains the value.
void check_entry(double value, const char* contains, std::ptrdiff_t i, std::ptrdiff_t j) {
  if (std::isfinite(value)) return;
  throw InputError(fmt::format("{} {} at row {}, column {} (counting from 0)", contains,
                               std::isnan(value) ? "NaN" : "infinity", i, j));
}

void check_targets(MatrixView<const double> targets) {
  for (std::ptrdiff_t i = 0; i < targets.rows; ++i) {
    for (std::ptrdiff_t j = 0; j < targets.columns; ++j)
      check_entry(targets(i, j), "the targets contain", i, j);
  }
}

/// Reads one row against its column: finite, symmetric to rounding. Returns Σ_{j != i} |k_ij|.
double examine_row(MatrixView<const double> k, std::ptrdiff_t i, std::ptrdiff_t begin, std::ptrdiff_t end) {
  constexpr double tolerance = 1e-10;  // far above the rounding of any way to compute K
  double sum = 0;
  for (std::ptrdiff_t j = begin; j < end; ++j) {
    const double value = k(i, j);
    check_entry(value, "the Gram matrix contains", i, j);
    if (j != i) sum += std::abs(value);
    const double mirrored = k(j, i);
    if (value == mirrored || !std::isfinite(mirrored)) continue;
    const double scale =
        std::max({std::abs(value), std::abs(mirrored), std::abs(k(i, i)), std::abs(k(j, j))});
    if (std::abs(value - mirrored) > tolerance * scale) {
      throw InputError(
          fmt::format("the Gram matrix is not symmetric: {} at ({}, {}) but {} at ({}, {}) (counting from "
                      "0)",
                      value, i, j, mirrored, j, i));
    }
  }
  return sum;
}

MatrixSummary examine(MatrixView<const double> k, int threads) {
  const std::ptrdiff_t n = k.rows;
  MatrixSummary summary;
  summary.diagonal.resize(static_cast<std::size_t>(n));
  summary.off_diagonal_sums.resize(static_cast<std::size_t>(n));
  constexpr std::ptrdiff_t rows_per_task = 64;
  parallel_for((n + rows_per_task - 1) / rows_per_task, threads, [&](std::ptrdiff_t task, int) {
    const std::ptrdiff_t first = task * rows_per_task;
    const std::ptrdiff_t last = std::min(n, first + rows_per_task);
    for (std::ptrdiff_t begin = 0; begin < n; begin += rows_per_task) {  // by tiles: columns are read, too
      const std::ptrdiff_t end = std::min(n, begin + rows_per_task);
      for (std::ptrdiff_t i = first; i < last; ++i) {
        summary.off_diagonal_sums[static_cast<std::size_t>(i)] += examine_row(k, i, begin, end);
      }
    }
  });
  double trace = 0;
  for (std::ptrdiff_t i = 0; i < n; ++i) trace += summary.diagonal[static_cast<std::size_t>(i)] = k(i, i);
  summary.mean_diagonal = trace / static_cast<double>(n);
  return summary;
}

/// Sets the lower triangle to that of K + shift · I, from the strict upper triangle and the diagonal.
void load_lower(MatrixView<double> k, const MatrixSummary& summary, double shift, int threads) {
  constexpr std::ptrdiff_t block = 32;
  parallel_for((k.rows + block - 1) / block, threads, [&](std::ptrdiff_t task, int) {
    const std::ptrdiff_t first = task * block;
    const std::ptrdiff_t last = std::min(k.rows, first + block);
    for (std::ptrdiff_t begin = 0; begin < last; begin += block) {
      for (std::ptrdiff_t i = first; i < last; ++i) {
        for (std::ptrdiff_t j = begin; j < std::min(i, begin + block); ++j) k(i, j) = k(j, i);
      }
    }
    for (std::ptrdiff_t i = first; i < last; ++i)
      k(i, i) = summary.diagonal[static_cast<std::size_t>(i)] + shift;
  });
}

/// λ as it is added to the diagonal.
double absolute_ridge(const Ridge& ridge, const MatrixSummary& summary) {
  const double mean = std::max(0.0, summary.mean_diagonal);
  const double absolute = ridge.relative ? ridge.value * mean : ridge.value;
  const double largest = *std::ranges::max_element(summary.diagonal);
  if (std::isfinite(absolute + std::max(0.0, largest))) return absolute;
  throw InputError(fmt::format(
      "the ridge, {:.3g}{}, overflows beside the Gram matrix, whose diagonal reaches {:.3g}; "
      "lower the ridge",
      ridge.value, ridge.relative ? fmt::format(" tr(K)/n with tr(K)/n = {:.3g}", mean) : "", largest));
}

bool is_zero(const MatrixSummary& summary) {
  const auto zero = [](double value) { return value == 0; };
  return std::ranges::all_of(summary.diagonal, zero) && std::ranges::all_of(summary.off_diagonal_sums, zero);
}

[[noreturn]] void refuse_zero_matrix(bool relative) {
  throw NumericalError(
      fmt::format("the Gram matrix is zero: the kernel is 0 at these inputs{}; give the network a bias "
                  "(b_std), check the "
                  "inputs, or give a ridge of its own (--ridge-absolute)",
                  relative ? ", and so is a ridge in units of tr(K)/n" : ""));
}

/// α_i / ((K + λI)⁻¹)_ii, from Cholesky's factor.
Matrix leave_one_out(MatrixView<const double> factor, const MatrixSummary& summary, double ridge,
                     const Matrix& alpha, int threads, runtime::ProgressMeter& progress) {
  // In units near those of the matrix: squares neither overflow nor vanish.
  const int exponent = std::ilogb(std::sqrt(summary.mean_diagonal + ridge));
  const std::vector<double> inverse = runtime::inverse_diagonal(factor, exponent, threads, progress);
  Matrix result(alpha.rows(), alpha.columns(), Uninitialized{});
  for (std::ptrdiff_t i = 0; i < alpha.rows(); ++i)
    for (std::ptrdiff_t j = 0; j < alpha.columns(); ++j)
      result(i, j) = std::ldexp(alpha(i, j), 2 * exponent) / inverse[static_cast<std::size_t>(i)];
  return result;
}

/// Below this condition Cholesky's method leaves fewer than four digits of α.
constexpr double least_reciprocal_condition = 1e-12;

/// α and what there is to say of it, of a matrix that Cholesky's method does not serve. `failed_row`: where it ended.
RidgeSolution solve_singular(MatrixView<double> k, const MatrixSummary& summary, double ridge,
                             MatrixView<const double> targets, std::optional<std::ptrdiff_t> failed_row,
                             int threads) {
  constexpr double tolerated = 1e-10;
  load_lower(k, summary, 0, threads);
  runtime::MinimumNormSolution least = runtime::solve_minimum_norm(k, targets, ridge);
  if (least.smallest_eigenvalue + ridge < -tolerated * std::abs(summary.mean_diagonal)) {
    const std::string pivot =
        failed_row ? fmt::format("the pivot of row {} (counting from 0) is not positive, ", *failed_row) : "";
    throw NumericalError(fmt::format(
        "the Gram matrix plus ridge {:.3g} is not positive definite: {}its least eigenvalue is {:.3g}, where "
        "rounding leaves {:.3g} at least; raise the ridge (--ridge), or remove duplicate inputs",
        ridge, pivot, least.smallest_eigenvalue + ridge, -tolerated * std::abs(summary.mean_diagonal)));
  }
  RidgeSolution solution;
  solution.dual_coefficients = std::move(least.dual_coefficients);
  solution.leave_one_out = std::move(least.leave_one_out);
  solution.report = {ridge, least.rank, (least.smallest_kept + ridge) / (least.largest_eigenvalue + ridge),
                     least.relative_residual};
  return solution;
}

/// Rows [first, first + count) of (K + ridge I) α - Y, from the upper triangle of K and its saved diagonal.
void residual_rows(MatrixView<const double> k, const MatrixSummary& summary, double ridge,
                   const Matrix& alpha, MatrixView<const double> targets, std::ptrdiff_t first,
                   std::ptrdiff_t count, double* result) {
  const auto outputs = static_cast<int>(alpha.columns());
  const auto rows = static_cast<int>(count);
  const auto stride = static_cast<int>(k.stride);
  Array<double> diagonal_block(static_cast<std::size_t>(count * count));
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    for (std::ptrdiff_t j = 0; j < count; ++j) {
      const double entry = i == j ? summary.diagonal[static_cast<std::size_t>(first + i)] + ridge
                                  : k(first + std::min(i, j), first + std::max(i, j));
      diagonal_block[static_cast<std::size_t>(i * count + j)] = entry;
    }
    std::transform(&targets(first + i, 0), &targets(first + i, 0) + outputs, result + i * outputs,
                   std::negate<>());
  }
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, outputs, rows, 1.0, diagonal_block.data(),
              rows, &alpha(first, 0), outputs, 1.0, result, outputs);
  for (std::ptrdiff_t other = 0; other < k.rows; other += cholesky_block) {
    if (other == first) continue;
    const auto size = static_cast<int>(std::min(cholesky_block, k.rows - other));
    const bool right = other > first;
    cblas_dgemm(CblasRowMajor, right ? CblasNoTrans : CblasTrans, CblasNoTrans, rows, outputs, size, 1.0,
                right ? &k(first, other) : &k(other, first), stride, &alpha(other, 0), outputs, 1.0, result,
                outputs);
  }
}

double relative_residual(MatrixView<const double> k, const MatrixSummary& summary, double ridge,
                         const Matrix& alpha, MatrixView<const double> targets, int threads) {
  const std::ptrdiff_t blocks = (k.rows + cholesky_block - 1) / cholesky_block;
  Matrix residual(k.rows, alpha.columns());
  parallel_for(blocks, threads, [&](std::ptrdiff_t task, int) {
    const std::ptrdiff_t first = task * cholesky_block;
    residual_rows(k, summary, ridge, alpha, targets, first, std::min(cholesky_block, k.rows - first),
                  &residual(first, 0));
  });
  double residual_squares = 0;
  double target_squares = 0;
  for (std::ptrdiff_t i = 0; i < k.rows; ++i) {
    for (std::ptrdiff_t j = 0; j < alpha.columns(); ++j) {
      residual_squares += residual(i, j) * residual(i, j);
      target_squares += targets(i, j) * targets(i, j);
    }
  }
  return residual_squares == 0 ? 0 : std::sqrt(residual_squares / target_squares);
}

/// e with 2^e <= largest |value| < 2^(e + 1); 0 if all are zero.
int exponent_of_largest(MatrixView<const double> values) {
  double largest = 0;
  for (std::ptrdiff_t i = 0; i < values.rows; ++i)
    for (std::ptrdiff_t j = 0; j < values.columns; ++j) largest = std::max(largest, std::abs(values(i, j)));
  return largest == 0 ? 0 : std::ilogb(largest);
}

Matrix times_power_of_two(MatrixView<const double> values, int exponent) {
  Matrix result(values.rows, values.columns, Uninitialized{});
  for (std::ptrdiff_t i = 0; i < values.rows; ++i)
    for (std::ptrdiff_t j = 0; j < values.columns; ++j) result(i, j) = std::ldexp(values(i, j), exponent);
  return result;
}

bool all_finite(const Matrix& values) {
  return std::all_of(values.data(), values.data() + values.rows() * values.columns(),
                     [](double value) { return std::isfinite(value); });
}

double reciprocal_condition(MatrixView<const double> factor, const MatrixSummary& summary, double shift,
                            int threads) {
  double norm = 0;
  for (std::size_t i = 0; i < summary.diagonal.size(); ++i) {
    norm = std::max(norm, summary.off_diagonal_sums[i] + std::abs(summary.diagonal[i] + shift));
  }
  return 1 / (norm * runtime::estimate_inverse_norm(factor, threads));
}

}  // namespace

RidgeSolution solve_ridge(MatrixView<double> k, MatrixView<const double> targets, const Ridge& ridge,
                          const Execution& execution) {
  check_arguments(k, targets, ridge);
  check_targets(targets);
  const int threads = runtime::blas_threads(runtime::thread_count(execution));
  const MatrixSummary summary = examine(k, threads);

  RidgeSolution solution;
  SolveReport& report = solution.report;
  report.ridge = absolute_ridge(ridge, summary);
  if (report.ridge == 0 && is_zero(summary)) refuse_zero_matrix(ridge.relative);
  const auto n = static_cast<double>(k.rows);
  const double solve_work =
      n * n * (2 * static_cast<double>(targets.columns) + 6);  // α, its residual, condition
  runtime::ProgressMeter progress(execution, n * n * n / 3 + solve_work);
  // In units of a power of two near the largest target, which rounds nothing: squares neither overflow nor vanish.
  const int exponent = exponent_of_largest(targets);
  const Matrix scaled = times_power_of_two(targets, -exponent);
  Matrix& alpha = solution.dual_coefficients;
  load_lower(k, summary, report.ridge, threads);
  const runtime::CholeskyOutcome outcome = runtime::factorise(k, threads, progress);
  if (outcome.succeeded)
    report.reciprocal_condition = reciprocal_condition(k, summary, report.ridge, threads);
  if (!(report.reciprocal_condition >= least_reciprocal_condition)) {
    const auto failed_row = outcome.succeeded ? std::nullopt : std::optional(outcome.failed_row);
    solution = solve_singular(k, summary, report.ridge, scaled.view(), failed_row, threads);
  } else {
    alpha = scaled;
    runtime::solve_lower(k, alpha.view(), threads);
    runtime::solve_lower_transposed(k, alpha.view(), threads);
    report.rank = k.rows;
    report.relative_residual = relative_residual(k, summary, report.ridge, alpha, scaled.view(), threads);
    solution.leave_one_out = leave_one_out(k, summary, report.ridge, alpha, threads, progress);
  }
  alpha = times_power_of_two(std::as_const(alpha).view(), exponent);
  solution.leave_one_out = times_power_of_two(std::as_const(solution.leave_one_out).view(), exponent);
  if (!std::isfinite(report.relative_residual) || !all_finite(alpha)) {
    throw NumericalError(
        "the solution of the regression overflows; raise the ridge (--ridge), or rescale the targets");
  }
  progress.finish();
  return solution;
}

double expected_solve_seconds(std::ptrdiff_t rows, const Execution& execution) {
  if (rows < 2 * cholesky_block) return 0;
  const int threads = runtime::blas_threads(runtime::thread_count(execution));
  constexpr int n = static_cast<int>(cholesky_block);
  const Matrix a(n, n);
  Matrix result(n, n);
  const auto multiply = [&] {
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, n, n, 1.0, a.data(), n, a.data(), n, 0.0,
                result.data(), n);
  };
  multiply();  // the library chooses and loads its kernels
  const auto start = std::chrono::steady_clock::now();
  constexpr int repetitions = 4;
  for (int i = 0; i < repetitions; ++i) multiply();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const double blocks = static_cast<double>(rows) / n;
  // A factorisation is blocks³/6 such products, and so is the diagonal of the inverse. The rest, from diagonal blocks and
  // triangles to the condition number, costs about a quarter of them.
  constexpr double with_the_rest = 1.25;
  return with_the_rest * blocks * blocks * blocks / 3 * seconds / repetitions / threads;
}

}  // namespace ntkc
