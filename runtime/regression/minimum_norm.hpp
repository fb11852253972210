// Regression on a Gram matrix that is singular in double precision.
#pragma once

#include <cstddef>

#include "ntkc/matrix.hpp"

namespace ntkc::runtime {

/// What the eigenvalues of K say, and the solution that they give.
struct MinimumNormSolution {
  Matrix dual_coefficients;       ///< n × outputs
  Matrix leave_one_out;           ///< n × outputs, RidgeSolution
  std::ptrdiff_t rank = 0;        ///< eigenvalues that are more than rounding
  double largest_eigenvalue = 0;  ///< of K
  double smallest_eigenvalue = 0;
  double smallest_kept = 0;      ///< of the eigenvalues that are more than rounding
  double relative_residual = 0;  ///< ‖(K + λI)α − Y‖ / ‖Y‖, Frobenius
};

/// α = Σ v (vᵀY)/(w + λ) over the eigenpairs (w, v) of K whose w is more than rounding can make of 0: where λ = 0, of all α
/// that leave the least ‖Kα − Y‖ the one of the least norm. Along the others k(x)ᵀv is 0 up to rounding for each x, so
/// that they would add nothing to a prediction but rounding divided by λ. Rounding is taken to be 4 √n u ‖K‖, u = 2⁻⁵²,
/// or twice what the least eigenvalue is below 0, if that is more. By LAPACK's divide and conquer (dsyevd); about 9 n³
/// operations, 2 n² numbers besides K, on one thread, so that the result does not depend on their number. `k` is
/// overwritten; its upper triangle is read.
MinimumNormSolution solve_minimum_norm(MatrixView<double> k, MatrixView<const double> targets, double ridge);

}  // namespace ntkc::runtime
