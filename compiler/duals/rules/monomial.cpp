// φ = zⁿ and φ = zⁿ sign z: arc-cosine kernels of any order (Cho and Saul 2009, eq. 4) in their even and odd
// parts. With w = |u| = 1 - 2m, cos θ = w, s = √m:
//   E[uⁿvⁿ] = gⁿ A(u),   E[uⁿvⁿ sign u sign v] = gⁿ S(u),   A(1) = S(1) = N = (2n - 1)!!,
//   A(w) = Σ_k C(n, k)² k! ((n - k - 1)!!)² w^k over n - k even,
//   S(w) = A(w) - (2/π) W,   W = θ A(w) - sin θ B(w),
// each odd or even in u. dW/dw = n² W of n - 1 (Price's theorem) gives the polynomial B by
//   (1 - w²)B' - wB = n²(1 - w²)B_{n-1} - A.
// Complement of |u|: d = 1 - A(w)/N = 2m Σ_k (A_k/N)(1 + w + … + w^(k-1)), of positive terms; of S it is that
// plus (2/π)W/N, where W has an error of about s N 2⁻⁵³, so that |δ√d| is a few 2⁻⁵³.
#include <fmt/format.h>

#include "compiler/duals/rules/rules.hpp"

namespace ntkc::duals {
namespace {

// In quadruple precision: the recursion for B loses 11 digits up to n = 32.
using kernel_ir::Quad;
using Coefficients = std::vector<Quad>;  // by power of w

Quad double_factorial(int n) { return n <= 0 ? 1 : n * double_factorial(n - 2); }

Coefficients even_part(int n) {
  Coefficients result(static_cast<std::size_t>(n) + 1, 0);
  for (int k = n; k >= 0; k -= 2) {
    Quad binomial = 1;
    for (int i = 1; i <= k; ++i) binomial = binomial * (n - k + i) / i;
    Quad factorial = 1;
    for (int i = 2; i <= k; ++i) factorial *= i;
    const Quad odd = double_factorial(n - k - 1);
    result[static_cast<std::size_t>(k)] = binomial * binomial * factorial * odd * odd;
  }
  return result;
}

/// B of order n, degree n - 1.
Coefficients sine_part(int n) {
  Coefficients before;
  for (int order = 1; order <= n; ++order) {
    const Coefficients a = even_part(order);
    Coefficients right(static_cast<std::size_t>(order) + 2, 0);
    for (std::size_t i = 0; i < a.size(); ++i) right[i] -= a[i];
    for (std::size_t i = 0; i < before.size(); ++i) {
      right[i] += static_cast<Quad>(order) * order * before[i];
      right[i + 2] -= static_cast<Quad>(order) * order * before[i];
    }
    // Coefficient j of the left side is (j + 1)B_{j+1} - j B_{j-1}.
    Coefficients b(static_cast<std::size_t>(order) + 2, 0);
    for (int j = order; j >= 1; --j) {
      const auto i = static_cast<std::size_t>(j);
      b[i - 1] = ((j + 1) * b[i + 1] - right[i]) / j;
    }
    b.resize(static_cast<std::size_t>(order));
    before = std::move(b);
  }
  return before;
}

Expression horner(const Coefficients& coefficients, Quad factor, Expression w) {
  Expression result = w.literal(0);
  for (std::size_t i = coefficients.size(); i-- > 0;) {
    const double c = static_cast<double>(coefficients[i] * factor);
    result = i + 1 == coefficients.size() ? w.literal(c) : result * w + w.literal(c);
  }
  return result;
}

struct Order {
  int n;
  bool has_sign;
  [[nodiscard]] bool is_odd() const { return (n + (has_sign ? 1 : 0)) % 2 == 1; }
  [[nodiscard]] double norm() const { return static_cast<double>(double_factorial(2 * n - 1)); }
};

/// 1 minus the normalised kernel at |u|.
Expression deficit(const CrossCovariance& k, const Order& order) {
  const Expression m = smaller_complement(k);
  const Expression w = 1.0 - 2.0 * m;
  const Coefficients a = even_part(order.n);
  const Quad reciprocal = 1 / double_factorial(2 * order.n - 1);
  Coefficients geometric(a.size(), 0);  // of (A(1) - A(w))/(1 - w)
  for (std::size_t i = a.size(); i-- > 1;) geometric[i - 1] = geometric[i] + a[i];
  const Expression d = order.n == 0 ? m.literal(0) : 2.0 * (m * horner(geometric, reciprocal, w));
  if (!order.has_sign) return d;
  const Expression s = sqrt(m);
  const Expression theta = 2.0 * (s * arcsine_ratio(m, k.range.z_max));
  Expression turn = theta * horner(a, reciprocal, w);
  if (order.n > 0) turn = turn - 2.0 * (s * sqrt(1.0 - m)) * horner(sine_part(order.n), reciprocal, w);
  return d + 2.0 / m.pi() * turn;
}

Expression raised(Expression base, int n) {
  Expression result = base.literal(1);
  for (int i = 0; i < n; ++i) result = i == 0 ? base : result * base;
  return result;
}

}  // namespace

std::string MonomialRule::name() const {
  if (!has_sign_) return n_ == 0 ? "constant" : "Mehler's formula";
  if (n_ == 0) return "arcsine of the correlation";
  return fmt::format("arc-cosine kernels of order {} and {}", n_, n_ - 1);
}

Expression MonomialRule::self(const SelfCovariance& q) const {
  const Order order = {n_, has_sign_};
  if (n_ == 0 && has_sign_) return select_less(q.q.literal(0), q.q, q.q.literal(1), q.q.literal(0));
  return order.norm() * raised(q.q, n_);
}

CrossCovariance MonomialRule::cross(const CrossCovariance& k, const SelfCovariance& self,
                                    bool /*critical*/) const {
  const Order order = {n_, has_sign_};
  const Expression half = 0.5 * deficit(k, order);
  const Expression other = 1.0 - half;
  if (!order.is_odd()) return {self, half, other, self.root.both() * (1.0 - 2.0 * half), {}};
  const Expression z = select_negative(k, other, half);
  const Expression zbar = select_negative(k, half, other);
  const Expression size = self.root.both() * (1.0 - 2.0 * half);
  return {self, z, zbar, select_negative(k, -size, size), {}};
}

Expression MonomialRule::derivative(const CrossCovariance& k) const {
  if (n_ == 0) return k.complement.literal(0);
  const Order order = {n_ - 1, has_sign_};
  const Expression g = raised(k.self.root, n_ - 1).both();
  const Expression size = order.norm() * n_ * n_ * (g * (1.0 - deficit(k, order)));
  return order.is_odd() ? select_negative(k, -size, size) : size;
}

}  // namespace ntkc::duals
