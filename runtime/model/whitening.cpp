#include "ntkc/whitening.hpp"

#include <fmt/format.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "ntkc/dataset.hpp"
#include "ntkc/errors.hpp"

namespace ntkc {

namespace {

using Square = Eigen::MatrixXd;

/// The lower triangle of the covariance.
Square covariance(MatrixView<const double> inputs, const std::vector<double>& means) {
  constexpr std::ptrdiff_t block_rows = 512;
  Square result = Square::Zero(inputs.columns, inputs.columns);
  Eigen::MatrixXd centred(inputs.columns, std::min(block_rows, inputs.rows));
  for (std::ptrdiff_t begin = 0; begin < inputs.rows; begin += block_rows) {
    const std::ptrdiff_t rows = std::min(block_rows, inputs.rows - begin);
    for (std::ptrdiff_t i = 0; i < rows; ++i)
      for (std::ptrdiff_t j = 0; j < inputs.columns; ++j)
        centred(j, i) = inputs(begin + i, j) - means[static_cast<std::size_t>(j)];
    result.selfadjointView<Eigen::Lower>().rankUpdate(centred.leftCols(rows));
  }
  return result / static_cast<double>(inputs.rows);
}

}  // namespace

Matrix learn_whitening(MatrixView<const double> inputs, const std::vector<double>& means,
                       double regularization) {
  const std::ptrdiff_t d = inputs.columns;
  constexpr double arrays = 4;  // the covariance, its eigenvectors, work, the result
  require_memory(arrays * 8 * static_cast<double>(d) * static_cast<double>(d),
                 fmt::format("whitening inputs of {} numbers", d));
  const Square c = covariance(inputs, means);
  const double shift = regularization * c.trace() / static_cast<double>(d);
  if (!std::isfinite(shift) || !(shift > 0))
    throw InputError(
        "the training inputs have no finite, positive variance in double precision, which whitening needs; "
        "rescale "
        "their values");
  const Eigen::SelfAdjointEigenSolver<Square> eigen(c);
  // An eigenvalue of 0 may have been rounded below it.
  const Eigen::VectorXd fourth_roots = (eigen.eigenvalues().array().max(0) + shift).rsqrt().sqrt().matrix();
  const Square scaled = eigen.eigenvectors() * fourth_roots.asDiagonal();
  Square product = Square::Zero(d, d);
  product.selfadjointView<Eigen::Lower>().rankUpdate(scaled);
  Matrix whitening(d, d);
  for (std::ptrdiff_t i = 0; i < d; ++i)
    for (std::ptrdiff_t j = 0; j <= i; ++j) whitening(i, j) = whitening(j, i) = product(i, j);
  return whitening;
}

void apply_whitening(const Matrix& whitening, const std::vector<double>& means, MatrixView<double> inputs) {
  // So many rows share a pass over W. Each entry is the same sum in the same order whatever stands beside it.
  constexpr std::ptrdiff_t block_rows = 16;
  const std::ptrdiff_t d = inputs.columns;
  Matrix sums(block_rows, d);
  for (std::ptrdiff_t begin = 0; begin < inputs.rows; begin += block_rows) {
    const std::ptrdiff_t rows = std::min(block_rows, inputs.rows - begin);
    std::fill_n(sums.data(), block_rows * d, 0.0);
    for (std::ptrdiff_t k = 0; k < d; ++k) {
      const double* const row = &whitening(k, 0);
      for (std::ptrdiff_t i = 0; i < rows; ++i) {
        const double factor = inputs(begin + i, k) - means[static_cast<std::size_t>(k)];
        double* const sum = &sums(i, 0);
        for (std::ptrdiff_t j = 0; j < d; ++j) sum[j] += factor * row[j];
      }
    }
    for (std::ptrdiff_t i = 0; i < rows; ++i) std::copy_n(&sums(i, 0), d, &inputs(begin + i, 0));
  }
}

}  // namespace ntkc
