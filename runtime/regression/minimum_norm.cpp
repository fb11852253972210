#include "runtime/regression/minimum_norm.hpp"

#include <cblas.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "ntkc/errors.hpp"
#include "runtime/regression/eigendecomposition.hpp"

namespace ntkc::runtime {

namespace {

double sum_of_squares(MatrixView<const double> values) {
  double sum = 0;
  for (std::ptrdiff_t i = 0; i < values.rows; ++i)
    for (std::ptrdiff_t j = 0; j < values.columns; ++j) sum += values(i, j) * values(i, j);
  return sum;
}

/// The limit of α_i / ((K + λI)⁻¹)_ii where eigenvalues before `first` are 0 and λ goes to 0: what is along their
/// eigenvectors counts alone, unless sample i has no part in them, so that the others cannot reach it.
Matrix leave_one_out(MatrixView<const double> eigenvectors, const std::vector<double>& eigenvalues,
                     std::ptrdiff_t first, double ridge, const Matrix& alpha, const Matrix& unreached) {
  const std::ptrdiff_t n = eigenvectors.rows;
  std::vector<double> of_zero(static_cast<std::size_t>(n));
  std::vector<double> of_inverse(static_cast<std::size_t>(n));
  for (std::ptrdiff_t k = 0; k < n; ++k) {
    for (std::ptrdiff_t i = 0; i < n; ++i) {
      const double square = eigenvectors(k, i) * eigenvectors(k, i);
      if (k < first)
        of_zero[static_cast<std::size_t>(i)] += square;
      else
        of_inverse[static_cast<std::size_t>(i)] +=
            square / (eigenvalues[static_cast<std::size_t>(k)] + ridge);
    }
  }
  constexpr double part_of_rounding = 1e-10;
  Matrix result(n, alpha.columns());
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    const double zero = of_zero[static_cast<std::size_t>(i)];
    const double inverse = of_inverse[static_cast<std::size_t>(i)];
    for (std::ptrdiff_t j = 0; j < alpha.columns(); ++j)
      result(i, j) = zero > part_of_rounding ? unreached(i, j) / zero
                     : inverse > 0           ? alpha(i, j) / inverse
                                             : 0;
  }
  return result;
}

}  // namespace

MinimumNormSolution solve_minimum_norm(MatrixView<double> k, MatrixView<const double> targets, double ridge) {
  // LAPACK counts its workspace of 1 + 6n + 2n² in int.
  constexpr std::ptrdiff_t most_rows = 32'000;
  const std::ptrdiff_t n = k.rows;
  if (n > most_rows)
    throw NumericalError(fmt::format(
        "the Gram matrix plus ridge is singular to rounding, and least squares are solved for at most {} "
        "samples; give a ridge (--ridge=1e-6), or remove duplicate inputs",
        most_rows));
  const std::vector<double> eigenvalues = eigendecompose(k);
  MinimumNormSolution result;
  result.smallest_eigenvalue = eigenvalues.front();
  result.largest_eigenvalue = eigenvalues.back();
  const double rounding = rounding_of(eigenvalues);
  const auto first =
      std::ranges::find_if(eigenvalues, [&](double w) { return w > rounding; }) - eigenvalues.begin();
  result.rank = n - first;
  result.smallest_kept = result.rank > 0 ? eigenvalues[static_cast<std::size_t>(first)] : 0;

  const auto size = static_cast<int>(n);
  const auto outputs = static_cast<int>(targets.columns);
  const auto stride = static_cast<int>(k.stride);
  Matrix parts(n, targets.columns);  // of the targets, along each eigenvector
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, size, outputs, size, 1.0, k.data, stride,
              targets.data, static_cast<int>(targets.stride), 0.0, parts.data(), outputs);
  Matrix unreached = parts;
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    const bool is_kept = i >= first;
    for (std::ptrdiff_t j = 0; j < targets.columns; ++j) {
      parts(i, j) = is_kept ? parts(i, j) / (eigenvalues[static_cast<std::size_t>(i)] + ridge) : 0;
      if (is_kept) unreached(i, j) = 0;
    }
  }
  const double all = sum_of_squares(targets);
  const double left = sum_of_squares(std::as_const(unreached).view());
  result.relative_residual = all > 0 ? std::sqrt(left / all) : 0;
  const auto recombine = [&](const Matrix& along) {
    Matrix at_samples(n, targets.columns);
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, size, outputs, size, 1.0, k.data, stride,
                along.data(), outputs, 0.0, at_samples.data(), outputs);
    return at_samples;
  };
  result.dual_coefficients = recombine(parts);
  result.leave_one_out =
      leave_one_out(k, eigenvalues, first, ridge, result.dual_coefficients, recombine(unreached));
  return result;
}

}  // namespace ntkc::runtime
