// φ an even or odd polynomial, by its Hermite coefficients at each sample (Mehler's formula; Daniely, Frostig
// and Singer 2016, Lemma 11). With He_k/√k! orthonormal and a_k(q) = E[φ(√q t) He_k(t)/√k!]:
//   K = Σ a_k a_k' u^k,   Q = Σ a_k²,   K̇ = Σ k (a_k/√q)(a_k'/√q') u^(k-1).
// φ = Σ b_m He_m(z) (centre 1) or Σ b_m z^m (centre 0), and by
//   He_m(σt) = Σ_j σ^(m-2j) (σ² - 1)^j m!/(2^j j! (m - 2j)!) He_{m-2j}(t),
// likewise for z^m with σ² in place of σ² - 1:
//   a_k = √q^k √k! Σ_j b_{k+2j} (k + 2j)!/(2^j j! k!) (q - centre)^j.
// He_n itself has one term for each k at centre 1, however its coefficients cancel in powers of z.
//
// Complement of |u|, w = 1 - 2m: with α_k = a_k/√Q, Σ α_k² = 1,
//   2d = 1 - Σ α_k α_k' w^k = Σ (α_k - α_k')²/2 + Σ α_k α_k' · 2m (1 + w + … + w^(k-1)),
// where α_k has an error of a few 2⁻⁵³, so that |δ√d| has.
#include <cmath>

#include "compiler/duals/rules/rules.hpp"

namespace ntkc::duals {

namespace {

using moments::Constant;
using moments::Quad;

double factorial(int n) { return n <= 1 ? 1 : n * factorial(n - 1); }

/// The polynomial in powers of z as one in He_m: z^n = Σ_j n!/(2^j j! (n - 2j)!) He_{n-2j}.
std::vector<Constant> hermite_basis(const std::vector<Constant>& powers) {
  std::vector<Constant> result(powers.size());
  for (std::size_t n = 0; n < powers.size(); ++n) {
    Quad weight = 1;
    for (std::size_t j = 0; 2 * j <= n; ++j) {
      result[n - 2 * j] += powers[n] * weight;
      weight *= static_cast<Quad>((n - 2 * j) * (n - 2 * j - 1)) / (2 * (j + 1));
      if (n < 2 * j + 2) break;
    }
  }
  return result;
}

/// E[φ²] by absolute values: how much cancels in a basis is seen from it.
long double size(const std::vector<Constant>& coefficients, bool hermite) {
  long double sum = 0;
  for (std::size_t n = 0; n < coefficients.size(); ++n) {
    long double norm = 1;  // √n! or √(2n - 1)!!
    for (std::size_t i = 1; i <= n; ++i) norm *= std::sqrt(static_cast<long double>(hermite ? i : 2 * i - 1));
    sum += std::fabs(static_cast<long double>(coefficients[n].value())) * norm;
  }
  return sum;
}

}  // namespace

PolynomialRule::PolynomialRule(std::vector<Constant> powers) {
  std::vector<Constant> hermite = hermite_basis(powers);
  // What vanishes by the rounding of the coefficients does vanish.
  const long double scale = size(hermite, true);
  for (Constant& b : hermite) {
    if (b.is_number() && std::fabs(static_cast<long double>(b.value())) < scale * 0x1p-58L) b = {};
  }
  const bool by_hermite = 4 * size(hermite, true) < size(powers, false);
  centre_ = by_hermite ? 1 : 0;
  coefficients_ = by_hermite ? std::move(hermite) : std::move(powers);
  odd_ = coefficients_.size() % 2 == 0;
}

std::vector<PolynomialRule::Coefficient> PolynomialRule::coefficients(const SelfCovariance& q) const {
  std::vector<Coefficient> result;
  const int degree = static_cast<int>(coefficients_.size()) - 1;
  const Expression step = centre_ == 0 ? q.q : q.q - q.q.literal(centre_);
  for (int k = degree % 2; k <= degree; k += 2) {
    Expression sum = q.q.literal(0);
    bool any = false;
    for (int j = (degree - k) / 2; j >= 0; --j) {
      const int m = k + 2 * j;
      const double weight = factorial(m) / (std::ldexp(factorial(j), j) * std::sqrt(factorial(k)));
      const Expression c = q.q.constant(Quad(weight) * coefficients_[static_cast<std::size_t>(m)]);
      sum = any ? sum * step + c : c;
      any = true;
    }
    Expression power = q.q.literal(1);  // √q^(k - 1)
    for (int i = 0; i + 1 < k; ++i) power = i == 0 ? q.root : power * q.root;
    result.push_back({k, k == 0 ? sum : power * sum, k == 0 ? sum : q.root * (power * sum)});
  }
  return result;
}

std::string PolynomialRule::name() const { return "Mehler's formula"; }

Expression PolynomialRule::self(const SelfCovariance& q) const {
  Expression sum = q.q.literal(0);
  for (const Coefficient& a : coefficients(q)) sum = sum + square(a.value);
  return sum;
}

CrossCovariance PolynomialRule::cross(const CrossCovariance& k, const SelfCovariance& self,
                                      bool /*critical*/) const {
  const Expression m = smaller_complement(k);
  const Expression w = 1.0 - 2.0 * m;
  const Expression zero = m.literal(0);
  Expression steps = zero;
  Expression gaps = zero;
  Expression value = zero;
  Expression geometric = zero;  // 1 + w + … + w^(i-1)
  Expression power = m.literal(1);
  int i = 0;
  for (const Coefficient& a : coefficients(k.self)) {
    for (; i < a.k; ++i) {
      geometric = geometric + power;
      power = power * w;
    }
    const Expression normal = a.value * self.reciprocal;
    steps = steps + square(normal.first() - normal.second());
    gaps = gaps + normal.both() * geometric;
    value = value + a.value.both() * power;
  }
  const Expression d = 0.25 * steps + m * gaps;
  const Expression other = 1.0 - d;
  if (!odd_) return {self, d, other, value, {}};
  return {self,
          select_negative(k, other, d),
          select_negative(k, d, other),
          select_negative(k, -value, value),
          {}};
}

Expression PolynomialRule::derivative(const CrossCovariance& k) const {
  const Expression w = 1.0 - 2.0 * smaller_complement(k);
  Expression sum = w.literal(0);
  Expression power = w.literal(1);  // w^i
  int i = 0;
  for (const Coefficient& a : coefficients(k.self)) {
    if (a.k == 0) continue;
    for (; i + 1 < a.k; ++i) power = power * w;
    sum = sum + static_cast<double>(a.k) * (a.over_root.both() * power);
  }
  return odd_ ? sum : select_negative(k, -sum, sum);
}

}  // namespace ntkc::duals
