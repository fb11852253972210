// Cholesky factorisation and its solves on tiles, in parallel, the same to the last bit for any number of
// threads.
#pragma once

#include <cstddef>
#include <vector>

#include "ntkc/matrix.hpp"
#include "runtime/gram/parallel.hpp"

namespace ntkc::runtime {

/// Rows per block; depends on nothing but this constant, so that every product has a shape fixed by n.
inline constexpr std::ptrdiff_t cholesky_block = 256;

struct CholeskyOutcome {
  bool succeeded = true;
  std::ptrdiff_t failed_row = 0;  ///< whose pivot is not positive beyond rounding
};

/// Overwrites the lower triangle of `a`, diagonal included, with L of A = L Lᵀ; the strict upper triangle is
/// neither read nor written. Right-looking (Golub & Van Loan, Matrix Computations, 4th ed., §4.2.6), n³/6
/// multiply-adds, which are counted in `progress`. A pivot l² that is not above 2⁻⁵² a_ii has no correct
/// digit and counts as not positive. Backward error: |L Lᵀ - A| <= (n + 1) ε |L||Lᵀ| entry by entry (Higham,
/// Accuracy and Stability, 2nd ed., Th. 10.3).
CholeskyOutcome factorise(MatrixView<double> a, int threads, ProgressMeter& progress);

/// b = L⁻¹ b, and b = L⁻ᵀ b, for the L that factorise() left; b has the rows of L.
void solve_lower(MatrixView<const double> l, MatrixView<double> b, int threads);
void solve_lower_transposed(MatrixView<const double> l, MatrixView<double> b, int threads);

/// The diagonal of 2^(2 exponent) (L Lᵀ)⁻¹, the sums of squares of the columns of 2^exponent L⁻¹; n³/6 multiply-adds, which are
/// counted in `progress`.
std::vector<double> inverse_diagonal(MatrixView<const double> l, int exponent, int threads,
                                     ProgressMeter& progress);

/// An estimate of ‖(L Lᵀ)⁻¹‖₁ from below, almost always within a factor of 3: the power method of Hager with
/// Higham's safeguard (Higham, Accuracy and Stability, 2nd ed., Algorithm 15.1 and eq. (15.6)), at most 6
/// solves with L Lᵀ.
double estimate_inverse_norm(MatrixView<const double> l, int threads);

}  // namespace ntkc::runtime
