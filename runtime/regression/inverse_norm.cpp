#include <algorithm>
#include <cmath>

#include "runtime/regression/blocked_cholesky.hpp"

namespace ntkc::runtime {

namespace {

double one_norm(const Array<double>& x) {
  double sum = 0;
  for (const double value : x) sum += std::abs(value);
  return sum;
}

}  // namespace

double estimate_inverse_norm(MatrixView<const double> l, int threads) {
  const auto n = static_cast<std::size_t>(l.rows);
  Array<double> x(n, 1.0 / static_cast<double>(n));
  // A is symmetric, so that Hager's solves with A and with Aᵀ are the same.
  const auto solve = [&](Array<double>& b) {
    const MatrixView<double> column(b.data(), l.rows, 1);
    solve_lower(l, column, threads);
    solve_lower_transposed(l, column, threads);
  };
  solve(x);
  double estimate = one_norm(x);
  std::size_t unit = n;  // the unit vector that was tried last
  for (int step = 0; step < 2 && n > 1; ++step) {
    for (double& value : x) value = std::copysign(1.0, value);
    solve(x);  // the gradient of ‖A⁻¹ x‖₁
    const auto largest =
        std::max_element(x.begin(), x.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
    const auto next = static_cast<std::size_t>(largest - x.begin());
    if (next == unit) break;
    unit = next;
    std::fill(x.begin(), x.end(), 0.0);
    x[unit] = 1;
    solve(x);
    const double norm = one_norm(x);
    if (norm <= estimate) break;
    estimate = norm;
  }
  // Higham's safeguard against cancellation in the starting vector.
  for (std::size_t i = 0; i < n; ++i) {
    x[i] =
        (i % 2 == 0 ? 1.0 : -1.0) * (n > 1 ? 1.0 + static_cast<double>(i) / static_cast<double>(n - 1) : 1.0);
  }
  solve(x);
  return std::max(estimate, 2 * one_norm(x) / (3 * static_cast<double>(n)));
}

}  // namespace ntkc::runtime
