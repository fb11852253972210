// Kernel ridge regression: the prediction of the infinitely wide network after training.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "ntkc/errors.hpp"
#include "ntkc/execution.hpp"
#include "ntkc/matrix.hpp"

namespace ntkc {

/// λ of K + λI. Relative: in units of tr(K)/n.
struct Ridge {
  double value = 1e-6;
  bool relative = true;
};

/// What a solve says about itself.
struct SolveReport {
  double ridge = 0;   ///< λ as added, absolute
  double jitter = 0;  ///< added on top of λ because the factorisation failed without; 0 normally
  double reciprocal_condition = 0;  ///< estimate of 1/κ₁(K + λI) (Hager and Higham's, as LAPACK's dpocon)
  double relative_residual = 0;     ///< ‖(K + λI)α − Y‖ / ‖Y‖, Frobenius
};

struct RidgeSolution {
  Matrix dual_coefficients;  ///< α = (K + λI)⁻¹ Y, n × outputs
  SolveReport report;
};

/// Solves (K + λI) α = Y by Cholesky. `k` (n × n, symmetric) is overwritten; targets n × outputs. The same to
/// the last bit for any number of threads, and for any place in memory that begins on a cache line, as that of
/// a Matrix does. Jitter policy: if a pivot is not positive with λ alone, 1e-14·tr(K)/n is added, then ten
/// times more, up to 1e-10·tr(K)/n, and reported; beyond that NumericalError names the pivot.
RidgeSolution solve_ridge(MatrixView<double> k, MatrixView<const double> targets, const Ridge& ridge,
                          const Execution& execution = {});

/// How long solve_ridge may take on a matrix of so many rows, from the speed of a small product on this machine, now.
double expected_solve_seconds(std::ptrdiff_t rows, const Execution& execution = {});

}  // namespace ntkc
