// How large the residual of a solve may be, whatever the order in which BLAS adds.
#pragma once

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

#include "ntkc/regression.hpp"

namespace ntkc::test {

inline double euclidean_norm(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  return std::sqrt(sum);
}

/// An upper bound on SolveReport::relative_residual, ‖(K + λI)α − Y‖/‖Y‖ in Frobenius norms. K is n × n,
/// positive semidefinite, and has this trace. With A = K + λI and u = 2⁻⁵³, the α of Cholesky's
/// method solves (A + E)α = Y exactly, |E| <= (3n + 1)u |L||Lᵀ| (Higham, Accuracy and Stability, 2nd ed., Th.
/// 10.4), and ‖|L||Lᵀ|‖₂ <= ‖L‖² = tr(A). Computing the residual adds (n + 1)u (‖A‖‖α‖ + ‖Y‖) with ‖A‖ <=
/// tr(A). Terms in u² are left out.
inline double residual_bound(double trace, const SolveReport& report, const Matrix& alpha,
                             std::span<const double> targets) {
  constexpr double u = std::numeric_limits<double>::epsilon() / 2;
  const auto n = static_cast<double>(alpha.rows());
  const double trace_solved = trace + n * report.ridge;
  const double alpha_norm =
      euclidean_norm({alpha.data(), static_cast<std::size_t>(alpha.rows() * alpha.columns())});
  return (4 * n + 2) * u * trace_solved * alpha_norm / euclidean_norm(targets) + (n + 1) * u;
}

}  // namespace ntkc::test
