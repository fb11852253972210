#include "compiler/duals/expression.hpp"

namespace ntkc::duals {

Expression arcsine(Expression k, Expression one_minus_square) {
  const Expression half = k.literal(0.5);
  const Expression k2 = square(k);
  const Expression t2 = 0.5 * one_minus_square / (1.0 + k);
  const Expression p = arcsine_ratio(select_less(k2, half, k2, t2), 0.5);
  return select_less(k2, half, k * p, 0.5 * k.pi() - 2.0 * (sqrt(t2) * p));
}

Expression arcsine_difference(Expression a, Expression root_a, Expression b, Expression root_b,
                              Expression a_minus_b) {
  const Expression sine = a_minus_b * (a + b) * reciprocal_or_zero(a * root_b + b * root_a);
  const Expression cosine = root_a * root_b + a * b;
  const Expression half_sine = sine / sqrt(2.0 * (1.0 + cosine));
  // At most 1/2 but for rounding.
  const Expression z = minimum(square(half_sine), a.literal(0.5));
  return 2.0 * (half_sine * arcsine_ratio(z, 0.5));
}

}  // namespace ntkc::duals
