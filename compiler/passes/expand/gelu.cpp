// φ = t Φ(t) = t/2 + b(t)/2 with b(t) = t erf(t/√2) even, so that K = c/4 + E/4 with E = E[b(u)b(v)].
// With x² = q/(1 + q), y² = 1/(1 + q) for each sample, κ = x x' |u| = |c|/B, B² = (1 + q)(1 + q'),
// R = √(1 - κ²), 1 - κ² = y² + x²y'² + x²x'²·4m(1 - m), and √D = √(B² - c²) = R/(y y'):
//   E = (2/π) (|c| asin κ + x²x'² √D + κ²/√D),
//   K̇ = 1/4 + (asin κ + (κ/R)(y² + y'² + y²y'²/R²))/(2π) · sign u,
// from E[Φ(u)Φ(v)] = 1/4 + asin(c/B)/(2π) by Stein's lemma (compiler/kernel_ir/duals.cpp has the direct form).
//
// Complement: φ is the sum of the branches t/2 and b/2, uncorrelated as odd and even functions of a Gaussian pair, so
// the rule for sums gives z from those of the branches. For b, M = E[(b(u) - b(v))²] = Δ + Δ', Δ = E(x, x) - E(x, x')
// formed as a sum of differences each to full relative accuracy.
#include "compiler/passes/expand/duals.hpp"

namespace ntkc::passes {
namespace {

struct Features {
  Expression x2;
  Expression y2;
  Expression x;
  Expression y;
};

Features features(const SelfCovariance& q) {
  const Expression y2 = 1.0 / (1.0 + q.q);
  const Expression x2 = q.q * y2;
  return {x2, y2, sqrt(x2), sqrt(y2)};
}

struct Angle {
  Expression m;
  Expression kappa;
  Expression one_minus_square;  // 1 - κ²
  Expression root;              // R
};

Angle angle(const CrossCovariance& k) {
  const Features f = features(k.self);
  const Expression m = smaller_complement(k);
  const Expression square_part = f.x2.both() * (4.0 * (m * (1.0 - m)));
  const Expression one_minus_square = f.y2.first() + f.x2.first() * f.y2.second() + square_part;
  return {m, f.x.both() * (1.0 - 2.0 * m), one_minus_square, sqrt(one_minus_square)};
}

/// E at (x, x): (2/π)(q asin x² + 2x⁴/√(1 - x⁴)).
Expression even_self(const SelfCovariance& q) {
  const Features f = features(q);
  const Expression one_minus_square = f.y2 * (1.0 + f.x2);
  return 2.0 / q.q.pi() * (q.q * arcsine(f.x2, one_minus_square) + 2.0 * (square(f.x2) / sqrt(one_minus_square)));
}

Expression self(const SelfCovariance& q, const std::vector<Expression>& /*numbers*/) {
  return 0.25 * (q.q + even_self(q));
}

Expression even_cross(const CrossCovariance& k) {
  const Features f = features(k.self);
  const Angle a = angle(k);
  const Expression root_d = a.root / f.y.both();
  const Expression magnitude = k.self.root.both() * (1.0 - 2.0 * a.m);  // |c|
  return 2.0 / a.m.pi() * (magnitude * arcsine(a.kappa, a.one_minus_square) + f.x2.both() * root_d + square(a.kappa) / root_d);
}

/// E(x, x) - E(x, x') for the sample on side `at` of the pair; `sign` is +1 at x, -1 at x': r - r' and x - x' are
/// formed once and used with both signs, so that their rounding cancels in Δ + Δ'.
Expression even_difference(const CrossCovariance& k, Expression (Expression::*at)() const, double sign) {
  const Features f = features(k.self);
  const Angle a = angle(k);
  const Expression r = k.self.root;
  const Expression root_step = sign * (r.first() - r.second());
  const Expression x_step = sign * (f.x.first() - f.x.second());
  const Expression x = (f.x.*at)();
  const Expression x2 = (f.x2.*at)();
  const Expression self_one_minus_square = f.y2 * (1.0 + f.x2);
  const Expression self_root = (sqrt(self_one_minus_square).*at)();
  const Expression self_arcsine = (arcsine(f.x2, self_one_minus_square).*at)();
  const Expression self_root_d = (sqrt(1.0 + 2.0 * k.self.q).*at)();

  const Expression magnitude = r.both() * (1.0 - 2.0 * a.m);  // |c|
  const Expression root_d = a.root / f.y.both();
  const Expression c_gap = (r.*at)() * root_step + 2.0 * (r.both() * a.m);         // q - |c|
  const Expression kappa_gap = x * x_step + 2.0 * (f.x.both() * a.m);              // x² - κ
  const Expression q_gap = root_step * (r.first() + r.second());                   // q - q'
  const Expression x2_gap = x_step * (f.x.first() + f.x.second());                 // x² - x'²
  const Expression d_gap = q_gap - 4.0 * (k.self.q.both() * (a.m * (1.0 - a.m)));  // (1 + 2q) - D
  const Expression root_d_gap = d_gap / (self_root_d + root_d);
  const Expression angle_gap = arcsine_difference(x2, self_root, a.kappa, a.root, kappa_gap);
  const Expression kappa2_gap = kappa_gap * (x2 + a.kappa);                        // x⁴ - κ²
  return 2.0 / a.m.pi() * ((c_gap * self_arcsine + magnitude * angle_gap) +
                        (x2 * x2_gap * self_root_d + f.x2.both() * root_d_gap) +
                        (kappa2_gap / self_root_d - square(a.kappa) * root_d_gap / (root_d * self_root_d)));
}

CrossCovariance cross(const CrossCovariance& k, const SelfCovariance& self, const std::vector<Expression>& /*numbers*/,
                      bool critical) {
  const Expression value = 0.25 * (k.c + even_cross(k));
  if (!critical) return from_value(value, self);
  const SelfCovariance odd = {0.25 * k.self.q, 0.5 * k.self.root, k.self.reciprocal};
  const SelfCovariance even = self_covariance(even_self(k.self));
  const Expression distance = even_difference(k, &Expression::first, 1) + even_difference(k, &Expression::second, -1);
  const Expression z = complement_from_distance(distance, even);
  const SelfCovariance half_even = {0.25 * even.q, 0.5 * even.root, even.reciprocal};
  CrossCovariance result = sum({odd, k.z, k.zbar, k.c, k.range}, {half_even, z, 1.0 - z, k.c, {}}, self);
  result.c = value;
  return result;
}

Expression derivative(const CrossCovariance& k, const std::vector<Expression>& /*numbers*/) {
  const Features f = features(k.self);
  const Angle a = angle(k);
  const Expression sum_part = f.y2.first() + f.y2.second() + f.y2.both() / a.one_minus_square;
  const Expression magnitude =
      0.5 / a.m.pi() * (arcsine(a.kappa, a.one_minus_square) + a.kappa / a.root * sum_part);
  return 0.25 + select_negative(k, -magnitude, magnitude);
}

}  // namespace

const DualRules& gelu_rules() {
  static const DualRules rules = {self, cross, derivative};
  return rules;
}

}  // namespace ntkc::passes
