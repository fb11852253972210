// φ = a t + b(t) with b(t) = b t erf(kt) even, s = 1/(2k²), so that K = a²c + b²g E with g = √(qq') and
// b²g E = E[b(u)b(v)]; gelu is a = b = 1/2, k = 1/√2. With x² = q/(s + q), y² = s/(s + q) for each sample,
// κ = x x' |u|, R = √(1 - κ²), 1 - κ² = y² + x²y'² + x²x'²·4m(1 - m):
//   E = (2/π) (|u| asin κ + x x' (R + u² y²y'²/R)),   E(x, x) = (2/π) (asin x² + 2x²y²/√(1 - x⁴)),
//   K̇ = a² + b²(2/π) (asin κ + (κ/R)(y² + y'² + y²y'²/R²)) · sign u,
// from E[erf(ku)erf(kv)] = (2/π) asin(κ) sign u by Stein's lemma (compiler/kernel_ir/duals.cpp has the direct
// form).
//
// Complement: φ is the sum of the branches a t and b(t), uncorrelated as odd and even functions of a Gaussian
// pair, so the rule for sums gives z from those of the branches. For b(t), as for erf, from Δ + Δ', Δ = E(x,
// x)
// - E(x, x') formed as a sum of differences each to full relative accuracy. E is free of the norms, so
// neither large nor different ones do harm.
#include "compiler/passes/expand/saturation.hpp"

namespace ntkc::passes {
namespace {

struct Numbers {
  Expression odd;   // a
  Expression even;  // b
  Expression s;
};

Numbers unpack(const std::vector<Expression>& numbers) {
  return {numbers[0], numbers[1], 0.5 / square(numbers[2])};
}

/// E at (x, x).
Expression even_self(const SelfCovariance& q, Expression s) {
  const Saturation f = saturation(q, s);
  const Expression one_minus_square = f.y2 * (1.0 + f.x2);
  return 2.0 / q.q.pi() * (arcsine(f.x2, one_minus_square) + 2.0 * (f.x2 * f.y2 / sqrt(one_minus_square)));
}

Expression self(const SelfCovariance& q, const std::vector<Expression>& numbers) {
  const Numbers n = unpack(numbers);
  return q.q * (square(n.odd) + square(n.even) * even_self(q, n.s));
}

Expression even_cross(const CrossCovariance& k, Expression s) {
  const Saturation f = saturation(k.self, s);
  const SaturatedAngle a = saturated_angle(k, s);
  const Expression u = 1.0 - 2.0 * a.m;
  const Expression segment = a.root + square(u) * f.y2.both() / a.root;
  return 2.0 / a.m.pi() * (u * arcsine(a.kappa, a.one_minus_square) + f.x.both() * segment);
}

/// E(x, x) - E(x, x') for the sample on side `at` of the pair; `sign` is +1 at x, -1 at x': x - x' is formed
/// once and used with both signs, so that its rounding cancels in Δ + Δ'.
Expression even_difference(const CrossCovariance& k, Expression s, Expression (Expression::*at)() const,
                           double sign) {
  const Saturation f = saturation(k.self, s);
  const SaturatedAngle a = saturated_angle(k, s);
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

CrossCovariance cross(const CrossCovariance& k, const SelfCovariance& self,
                      const std::vector<Expression>& numbers, bool critical) {
  const Numbers n = unpack(numbers);
  const Expression even_value = even_cross(k, n.s);
  const Expression value = square(n.odd) * k.c + square(n.even) * (k.self.root.both() * even_value);
  if (!critical) return from_value(value, self);
  const SelfCovariance even = self_covariance(even_self(k.self, n.s));
  const Expression distance =
      even_difference(k, n.s, &Expression::first, 1) + even_difference(k, n.s, &Expression::second, -1);
  const Expression z = complement_from_distance(distance, even_value, even);
  // The branches; `sum` asks for their roots only.
  const SelfCovariance odd_branch = {square(n.odd) * k.self.q, absolute(n.odd) * k.self.root,
                                     k.self.reciprocal};
  const SelfCovariance even_branch = {square(n.even) * (k.self.q * even.q),
                                      absolute(n.even) * (k.self.root * even.root), even.reciprocal};
  CrossCovariance result =
      sum({odd_branch, k.z, k.zbar, k.c, k.range}, {even_branch, z, 1.0 - z, value, {}}, self);
  result.c = value;
  return result;
}

Expression derivative(const CrossCovariance& k, const std::vector<Expression>& numbers) {
  const Numbers n = unpack(numbers);
  const Saturation f = saturation(k.self, n.s);
  const SaturatedAngle a = saturated_angle(k, n.s);
  const Expression sum_part = f.y2.first() + f.y2.second() + f.y2.both() / a.one_minus_square;
  const Expression magnitude =
      2.0 / a.m.pi() *
      (square(n.even) * (arcsine(a.kappa, a.one_minus_square) + a.kappa / a.root * sum_part));
  return square(n.odd) + select_negative(k, -magnitude, magnitude);
}

}  // namespace

const DualRules& gelu_rules() {
  static const DualRules rules = {self, cross, derivative};
  return rules;
}

}  // namespace ntkc::passes
