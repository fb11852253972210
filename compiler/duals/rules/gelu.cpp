// φ = t erf(t/√2), even. With x² = q/(1 + q), y² = 1/(1 + q) for each sample, κ = x x' |u|, R = √(1 - κ²),
// 1 - κ² = y² + x²y'² + x²x'²·4m(1 - m), g = √(qq'):
//   K = g E,   E = (2/π) (|u| asin κ + x x' (R + u² y²y'²/R)),   E(x, x) = (2/π) (asin x² + 2x²y²/√(1 - x⁴)),
//   K̇ = (2/π) (asin κ + (κ/R)(y² + y'² + y²y'²/R²)) · sign u,
// from E[erf(u/√2)erf(v/√2)] = (2/π) asin(κ) sign u by Stein's lemma (compiler/kernel_ir/duals.cpp has the
// direct form). gelu is t/2 + φ/2 (Tsuchida et al. 2021 give its K).
//
// Complement, as for erf, from Δ + Δ', Δ = E(x, x) - E(x, x') formed as a sum of differences each to full
// relative accuracy. E is free of the norms, so neither large nor different ones do harm.
#include "compiler/duals/rules/saturation.hpp"

namespace ntkc::duals {
namespace {

constexpr double one = 1;  // x² = q/(q + 1)

/// E at (x, x).
Expression even_self(const SelfCovariance& q) {
  const Saturation f = saturation(q, one);
  const Expression one_minus_square = f.y2 * (1.0 + f.x2);
  return 2.0 / q.q.pi() * (arcsine(f.x2, one_minus_square) + 2.0 * (f.x2 * f.y2 / sqrt(one_minus_square)));
}

Expression even_cross(const CrossCovariance& k) {
  const Saturation f = saturation(k.self, one);
  const SaturatedAngle a = saturated_angle(k, one);
  const Expression u = 1.0 - 2.0 * a.m;
  const Expression segment = a.root + square(u) * f.y2.both() / a.root;
  return 2.0 / a.m.pi() * (u * arcsine(a.kappa, a.one_minus_square) + f.x.both() * segment);
}

/// E(x, x) - E(x, x') for the sample on side `at` of the pair; `sign` is +1 at x, -1 at x': x - x' is formed
/// once and used with both signs, so that its rounding cancels in Δ + Δ'.
Expression even_difference(const CrossCovariance& k, Expression (Expression::*at)() const, double sign) {
  const Saturation f = saturation(k.self, one);
  const SaturatedAngle a = saturated_angle(k, one);
  const Expression x_step = sign * (f.x.first() - f.x.second());
  const Expression x = (f.x.*at)();
  const Expression x2 = (f.x2.*at)();
  const Expression y2 = (f.y2.*at)();
  const Expression w = (sqrt(f.y2 * (1.0 + f.x2)).*at)();                    // √(1 - x⁴)
  const Expression self_segment = (2.0 * f.y2 / sqrt(f.y2 * (1.0 + f.x2)));  // √(1 - x⁴) + y⁴/√(1 - x⁴)

  const Expression kappa_gap = x * x_step + 2.0 * (f.x.both() * a.m);        // x² - κ
  const Expression x2_gap = x_step * (f.x.first() + f.x.second());           // x² - x'²
  const Expression root_gap = -(kappa_gap * (x2 + a.kappa)) / (w + a.root);  // √(1 - x⁴) - R
  const Expression u = 1.0 - 2.0 * a.m;
  const Expression t = square(u) * f.y2.both();
  const Expression t_gap = f.y2.both() * (4.0 * (a.m * (1.0 - a.m))) - y2 * x2_gap;  // y⁴ - t
  const Expression segment_gap = root_gap + t_gap / w - t * root_gap / (w * a.root);
  const Expression angle_gap = arcsine_difference(x2, w, a.kappa, a.root, kappa_gap);
  return 2.0 / a.m.pi() *
         ((angle_gap + 2.0 * (a.m * arcsine(a.kappa, a.one_minus_square))) +
          (x * x_step * (self_segment.*at)() + f.x.both() * segment_gap));
}

}  // namespace

std::string EvenGeluRule::name() const { return "kernel of GELU"; }

Expression EvenGeluRule::self(const SelfCovariance& q) const { return q.q * even_self(q); }

CrossCovariance EvenGeluRule::cross(const CrossCovariance& k, const SelfCovariance& self,
                                    bool critical) const {
  const Expression even_value = even_cross(k);
  const Expression value = k.self.root.both() * even_value;
  if (!critical) return from_value(value, self);
  const SelfCovariance even = self_covariance(even_self(k.self));
  const Expression distance =
      even_difference(k, &Expression::first, 1) + even_difference(k, &Expression::second, -1);
  const Expression z = complement_from_distance(distance, even_value, even);
  return {self, z, 1.0 - z, value, {}};
}

Expression EvenGeluRule::derivative(const CrossCovariance& k) const {
  const Saturation f = saturation(k.self, one);
  const SaturatedAngle a = saturated_angle(k, one);
  const Expression sum_part = f.y2.first() + f.y2.second() + f.y2.both() / a.one_minus_square;
  const Expression magnitude =
      2.0 / a.m.pi() * (arcsine(a.kappa, a.one_minus_square) + a.kappa / a.root * sum_part);
  return select_negative(k, -magnitude, magnitude);
}

}  // namespace ntkc::duals
