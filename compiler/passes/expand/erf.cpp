// φ = erf. With x² = q/(q + ½), y² = 1 - x² = ½/(q + ½) for each sample and k = x x' |u| = 2|c|/√((1 + 2q)(1
// + 2q')):
//   K = ±(2/π) asin k (Williams 1996, eq. 11),   K̇ = (4/π)/√((1 + 2q)(1 + 2q') (1 - k²)),
//   1 - k² = y² + x²y'² + x²x'²·4m(1 - m), m = (1 - |u|)/2, a sum of positive terms.
// Complement. M = E[(φ(u) - φ(v))²] = (2/π)(Δ + Δ'), Δ = asin x² - asin k, Δ' = asin x'² - asin k; each
// difference is formed to full relative accuracy from x² - k = x(x - x') + 2xx'm, so that δM ~ √M 2⁻⁵³ where
// M is small.
#include "compiler/passes/expand/duals.hpp"

namespace ntkc::passes {
namespace {

struct Features {
  Expression x2;
  Expression y2;
  Expression x;
};

Features features(const SelfCovariance& q) {
  const Expression reciprocal = 1.0 / (0.5 + q.q);
  const Expression x2 = q.q * reciprocal;
  return {x2, 0.5 * reciprocal, sqrt(x2)};
}

struct Angle {
  Expression m;
  Expression k;
  Expression one_minus_square;  // 1 - k²
};

Angle angle(const CrossCovariance& covariance) {
  const Features f = features(covariance.self);
  const Expression m = smaller_complement(covariance);
  const Expression k = f.x.both() * (1.0 - 2.0 * m);
  const Expression square_part = f.x2.both() * (4.0 * (m * (1.0 - m)));
  return {m, k, f.y2.first() + f.x2.first() * f.y2.second() + square_part};
}

Expression self(const SelfCovariance& q, const std::vector<Expression>& /*numbers*/) {
  const Features f = features(q);
  return 2.0 / q.q.pi() * arcsine(f.x2, f.y2 * (1.0 + f.x2));
}

/// z for |u|: see above.
Expression complement(const CrossCovariance& covariance, Expression magnitude, const SelfCovariance& self) {
  const Features f = features(covariance.self);
  const Angle a = angle(covariance);
  const Expression root_k = sqrt(a.one_minus_square);
  const Expression self_root = sqrt(f.y2 * (1.0 + f.x2));  // √(1 - x⁴)
  const Expression step = f.x.first() - f.x.second();
  const Expression gap = 2.0 * (f.x.both() * a.m);
  const Expression first =
      arcsine_difference(f.x2.first(), self_root.first(), a.k, root_k, f.x.first() * step + gap);
  const Expression second =
      arcsine_difference(f.x2.second(), self_root.second(), a.k, root_k, gap - f.x.second() * step);
  return complement_from_distance(2.0 / first.pi() * (first + second), magnitude, self);
}

CrossCovariance cross(const CrossCovariance& covariance, const SelfCovariance& self,
                      const std::vector<Expression>& /*numbers*/, bool critical) {
  const Angle a = angle(covariance);
  const Expression magnitude = 2.0 / a.k.pi() * arcsine(a.k, a.one_minus_square);
  const Expression value = select_negative(covariance, -magnitude, magnitude);
  if (!critical) return from_value(value, self);
  const Expression z = complement(covariance, magnitude, self);
  return {self, select_negative(covariance, 1.0 - z, z), select_negative(covariance, z, 1.0 - z), value, {}};
}

Expression derivative(const CrossCovariance& covariance, const std::vector<Expression>& /*numbers*/) {
  const Expression root = sqrt(1.0 / (1.0 + 2.0 * covariance.self.q));
  return 4.0 / root.pi() * root.both() / sqrt(angle(covariance).one_minus_square);
}

}  // namespace

const DualRules& erf_rules() {
  static const DualRules rules = {self, cross, derivative};
  return rules;
}

}  // namespace ntkc::passes
