#include <stdexcept>

#include "compiler/kernel_ir/function.hpp"
#include "compiler/passes/expand/duals.hpp"

namespace ntkc::passes {

SelfCovariance self_covariance(Expression q) {
  const Expression root = sqrt(q);
  return {q, root, reciprocal_or_zero(root)};
}

Expression smaller_complement(const CrossCovariance& k) {
  return k.range.nonnegative ? k.z : minimum(k.z, k.zbar);
}

Expression select_negative(const CrossCovariance& k, Expression negative, Expression otherwise) {
  return k.range.nonnegative ? otherwise : select_less(k.zbar, k.z, negative, otherwise);
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
  const Expression z = select_less(4.0 * self.root.both(), step, from_value(value, self).z, from_distance);
  return maximum(z, distance.literal(0));
}

CrossCovariance sum(const CrossCovariance& a, const CrossCovariance& b, const SelfCovariance& self) {
  const Expression share_a = a.self.root * self.reciprocal;
  const Expression share_b = b.self.root * self.reciprocal;
  const Expression defect =
      0.25 * (square(share_a.first() - share_a.second()) + square(share_b.first() - share_b.second()));
  return {self,
          defect + share_a.both() * a.z + share_b.both() * b.z,
          defect + share_a.both() * a.zbar + share_b.both() * b.zbar,
          a.c + b.c,
          {}};
}

KnownDual find_rules(const kernel_ir::Program& source, kernel_ir::NodeId phi, kernel_ir::Program& target) {
  using kernel_ir::Operation;
  const kernel_ir::Function function(source, phi);
  const auto literal = [&](kernel_ir::Quad value) {
    return Expression(target, target.literal(static_cast<double>(value)));
  };
  const auto homogeneous = function.homogeneous();
  if (homogeneous && homogeneous->degree == 1) {
    return {&piecewise_linear_rules(), {literal(homogeneous->below), literal(homogeneous->above)}};
  }
  if (const auto f = function.single(); f && f->a0 == 0 && f->p == 0) {
    const bool is_scaled = f->a1 == 0 && f->b1 == 0;
    if (is_scaled && f->operation == Operation::erf) return {&erf_rules(), {literal(f->b0), literal(f->k)}};
    if (is_scaled && f->b0 == 1 && f->k == 1 && f->operation == Operation::sin) return {&sin_rules(), {}};
    if (is_scaled && f->b0 == 1 && f->k == 1 && f->operation == Operation::cos) return {&cos_rules(), {}};
    if (f->b0 == 0 && f->operation == Operation::erf)
      return {&gelu_rules(), {literal(f->a1), literal(f->b1), literal(f->k)}};
  }
  return {};
}

}  // namespace ntkc::passes
