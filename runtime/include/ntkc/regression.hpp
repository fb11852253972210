// Kernel ridge regression: the prediction of the infinitely wide network after training.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "ntkc/errors.hpp"
#include "ntkc/execution.hpp"
#include "ntkc/matrix.hpp"

#pragma GCC visibility push(default)
namespace ntkc {

/// λ of K + λI. Relative: in units of tr(K)/n.
struct Ridge {
  double value = 1e-6;
  bool relative = true;
};

/// What a solve says about itself.
struct SolveReport {
  double ridge = 0;  ///< λ as added, absolute
  /// n, or less if K + λI is singular in double precision: how many eigenvalues of K are more than rounding.
  std::ptrdiff_t rank = 0;
  /// Estimate of 1/κ₁(K + λI) (Hager and Higham's, as LAPACK's dpocon); of less than full rank, the ratio of the least of
  /// the `rank` eigenvalues to the largest.
  double reciprocal_condition = 0;
  double relative_residual = 0;  ///< ‖(K + λI)α − Y‖ / ‖Y‖, Frobenius
};

struct RidgeSolution {
  Matrix dual_coefficients;  ///< α = (K + λI)⁻¹ Y, n × outputs
  /// n × outputs: each target less what a solution for all other samples, with the same λ, predicts there. By the
  /// formula α_i / ((K + λI)⁻¹)_ii (Rasmussen and Williams 2006, eq. (5.12)).
  Matrix leave_one_out;
  SolveReport report;
};

/// Solves (K + λI) α = Y by Cholesky. `k` (n × n, symmetric) is overwritten; targets n × outputs. The same to
/// the last bit for any number of threads, and for any place in memory that begins on a cache line, as that of
/// a Matrix does. If a pivot is not positive, or the reciprocal condition is below 1e-12, α is the solution of least
/// squares with the least norm, from the eigenvalues of K (runtime/regression/minimum_norm.hpp), and the report's rank
/// tells. NumericalError if K + λI has an eigenvalue below -1e-10·tr(K)/n.
RidgeSolution solve_ridge(MatrixView<double> k, MatrixView<const double> targets, const Ridge& ridge,
                          const Execution& execution = {});

/// How long solve_ridge may take on a matrix of so many rows, from the speed of a small product on this machine, now.
double expected_solve_seconds(std::ptrdiff_t rows, const Execution& execution = {});

}  // namespace ntkc
#pragma GCC visibility pop
