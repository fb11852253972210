#include "compiler/duals/covariance.hpp"

namespace ntkc::duals {

SelfCovariance self_covariance(Expression q) {
  const Expression root = sqrt(q);
  return {q, root, reciprocal_or_zero(root)};
}

Expression smaller_complement(const CrossCovariance& k) {
  return k.range.nonnegative ? k.complement : minimum(k.complement, k.cocomplement);
}

Expression select_negative(const CrossCovariance& k, Expression negative, Expression otherwise) {
  return k.range.nonnegative ? otherwise : select_less(k.cocomplement, k.complement, negative, otherwise);
}

CrossCovariance from_value(Expression value, const SelfCovariance& self) {
  const Expression half = value.literal(0.5);
  const Expression half_u = 0.5 * (value * self.reciprocal.both());
  return {
      self, maximum(half - half_u, value.literal(0)), maximum(half + half_u, value.literal(0)), value, {}};
}

Expression complement_from_distance(Expression distance, Expression value, const SelfCovariance& self) {
  const Expression step = square(self.root.first() - self.root.second());
  const Expression from_distance = 0.25 * ((distance - step) * self.reciprocal.both());
  const Expression z =
      select_less(4.0 * self.root.both(), step, from_value(value, self).complement, from_distance);
  return maximum(z, distance.literal(0));
}

CrossCovariance sum(const CrossCovariance& a, const CrossCovariance& b, const SelfCovariance& self) {
  const Expression share_a = a.self.root * self.reciprocal;
  // Where both are 0 the shares are 0 and 1, so that z + z̄ = 1 there too: b's.
  const Expression zero = self.q.literal(0);
  const Expression share_b = select_less(zero, self.q, b.self.root * self.reciprocal, self.q.literal(1));
  const Expression defect =
      0.25 * (square(share_a.first() - share_a.second()) + square(share_b.first() - share_b.second()));
  return {self,
          defect + share_a.both() * a.complement + share_b.both() * b.complement,
          defect + share_a.both() * a.cocomplement + share_b.both() * b.cocomplement,
          a.c + b.c,
          {}};
}

}  // namespace ntkc::duals
