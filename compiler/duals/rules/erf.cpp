// φ = erf(t), s = ½. With x² = q/(q + s), y² = 1 - x² = s/(q + s) for each sample and κ = x x' |u|:
//   K = ±(2/π) asin κ (Williams 1996, eq. 11),   K̇ = (2/π)/√((q + s)(q' + s)(1 - κ²)),
//   1 - κ² = y² + x²y'² + x²x'²·4m(1 - m), m = (1 - |u|)/2, a sum of positive terms.
// Complement. M = E[(φ(u) - φ(v))²] = (2/π)(Δ + Δ'), Δ = asin x² - asin κ, Δ' = asin x'² - asin κ; each
// difference is formed to full relative accuracy from x² - κ = x(x - x') + 2xx'm, so that δM ~ √M 2⁻⁵³ where
// M is small.
#include "compiler/duals/rules/saturation.hpp"

namespace ntkc::duals {
namespace {

constexpr double half = 0.5;  // s

/// z for |u|: see above.
Expression complement(const CrossCovariance& covariance, Expression magnitude, const SelfCovariance& self) {
  const Saturation f = saturation(covariance.self, half);
  const SaturatedAngle a = saturated_angle(covariance, half);
  const Expression self_root = sqrt(f.y2 * (1.0 + f.x2));  // √(1 - x⁴)
  const Expression step = f.x.first() - f.x.second();
  const Expression gap = 2.0 * (f.x.both() * a.m);
  const Expression first =
      arcsine_difference(f.x2.first(), self_root.first(), a.kappa, a.root, f.x.first() * step + gap);
  const Expression second =
      arcsine_difference(f.x2.second(), self_root.second(), a.kappa, a.root, gap - f.x.second() * step);
  return complement_from_distance(2.0 / first.pi() * (first + second), magnitude, self);
}

}  // namespace

std::string ErfRule::name() const { return "arcsine kernel of Williams 1996"; }

Expression ErfRule::self(const SelfCovariance& q) const {
  const Saturation f = saturation(q, half);
  return 2.0 / q.q.pi() * arcsine(f.x2, f.y2 * (1.0 + f.x2));
}

CrossCovariance ErfRule::cross(const CrossCovariance& covariance, const SelfCovariance& self,
                               bool critical) const {
  const SaturatedAngle a = saturated_angle(covariance, half);
  const Expression magnitude = 2.0 / a.kappa.pi() * arcsine(a.kappa, a.one_minus_square);
  const Expression value = select_negative(covariance, -magnitude, magnitude);
  if (!critical) return from_value(value, self);
  const Expression z = complement(covariance, magnitude, self);
  return {self, select_negative(covariance, 1.0 - z, z), select_negative(covariance, z, 1.0 - z), value, {}};
}

Expression ErfRule::derivative(const CrossCovariance& covariance) const {
  const Expression root = sqrt(1.0 / (half + covariance.self.q));
  return 2.0 / root.pi() * root.both() / saturated_angle(covariance, half).root;
}

}  // namespace ntkc::duals
