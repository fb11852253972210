#include "compiler/duals/rules/saturation.hpp"

namespace ntkc::duals {

Saturation saturation(const SelfCovariance& q, double s) {
  const Expression reciprocal = 1.0 / (s + q.q);
  const Expression x2 = q.q * reciprocal;
  const Expression y2 = s * reciprocal;
  return {x2, y2, sqrt(x2), sqrt(y2)};
}

SaturatedAngle saturated_angle(const CrossCovariance& k, double s) {
  const Saturation f = saturation(k.self, s);
  const Expression m = smaller_complement(k);
  const Expression square_part = f.x2.both() * (4.0 * (m * (1.0 - m)));
  const Expression one_minus_square =
      (f.y2.first() + f.y2.second() - f.y2.both()) + square_part;  // x and x' exchanged, it is the same
  return {m, f.x.both() * (1.0 - 2.0 * m), one_minus_square, sqrt(one_minus_square)};
}

}  // namespace ntkc::duals
