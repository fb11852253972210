// Arithmetic on nodes, so that a formula in the code reads like the formula in its comment.
#pragma once

#include "compiler/kernel_ir/program.hpp"
#include "compiler/moments/constant.hpp"

namespace ntkc::duals {

/// A real node of a program under construction. Doubles become literals.
class Expression {
 public:
  Expression(kernel_ir::Program& program, kernel_ir::NodeId id) : program_(&program), id_(id) {}

  [[nodiscard]] kernel_ir::NodeId id() const { return id_; }
  [[nodiscard]] Expression literal(double value) const { return {*program_, program_->literal(value)}; }
  [[nodiscard]] Expression constant(const moments::Constant& value) const {
    return {*program_, value.node(*program_)};
  }
  [[nodiscard]] Expression pi() const { return {*program_, program_->real(kernel_ir::Operation::pi, {})}; }
  [[nodiscard]] Expression apply(kernel_ir::Operation operation, std::initializer_list<Expression> more = {},
                                 kernel_ir::Attribute attribute = {}) const {
    std::vector<kernel_ir::NodeId> operands = {id_};
    for (const Expression& operand : more) operands.push_back(operand.id_);
    return {*program_, program_->real(operation, std::move(operands), std::move(attribute))};
  }

  /// Whether it is this literal.
  [[nodiscard]] bool is(double value) const { return program_->is_literal(id_, value); }

  /// A sample value at x, at x', and the product of the two.
  [[nodiscard]] Expression first() const { return {*program_, program_->first(id_)}; }
  [[nodiscard]] Expression second() const { return {*program_, program_->second(id_)}; }
  [[nodiscard]] Expression both() const;

 private:
  kernel_ir::Program* program_;
  kernel_ir::NodeId id_;
};

inline Expression operator+(Expression a, Expression b) { return a.apply(kernel_ir::Operation::add, {b}); }
inline Expression operator-(Expression a, Expression b) {
  return a.apply(kernel_ir::Operation::subtract, {b});
}
inline Expression operator*(Expression a, Expression b) {
  return a.apply(kernel_ir::Operation::multiply, {b});
}
inline Expression operator/(Expression a, Expression b) { return a.apply(kernel_ir::Operation::divide, {b}); }
inline Expression operator+(double a, Expression b) { return b.literal(a) + b; }
inline Expression operator-(double a, Expression b) { return b.literal(a) - b; }
inline Expression operator*(double a, Expression b) { return b.literal(a) * b; }
inline Expression operator/(double a, Expression b) { return b.literal(a) / b; }
inline Expression operator*(const moments::Constant& a, Expression b) { return b.constant(a) * b; }
inline Expression operator-(Expression a) { return 0.0 - a; }

inline Expression Expression::both() const { return first() * second(); }
inline Expression square(Expression a) { return a * a; }
inline Expression sqrt(Expression a) { return a.apply(kernel_ir::Operation::square_root); }
inline Expression exp(Expression a) { return a.apply(kernel_ir::Operation::exp); }
inline Expression erf(Expression a) { return a.apply(kernel_ir::Operation::erf); }
inline Expression sin(Expression a) { return a.apply(kernel_ir::Operation::sin); }
inline Expression cos(Expression a) { return a.apply(kernel_ir::Operation::cos); }
inline Expression sign(Expression a) { return a.apply(kernel_ir::Operation::sign); }
inline Expression absolute(Expression a) { return a.apply(kernel_ir::Operation::abs); }
inline Expression expm1(Expression a) { return a.apply(kernel_ir::Operation::expm1); }
inline Expression reciprocal_or_zero(Expression a) {
  return a.apply(kernel_ir::Operation::reciprocal_or_zero);
}
inline Expression minimum(Expression a, Expression b) { return a.apply(kernel_ir::Operation::minimum, {b}); }
inline Expression maximum(Expression a, Expression b) { return a.apply(kernel_ir::Operation::maximum, {b}); }
/// a < b ? yes : no
inline Expression select_less(Expression a, Expression b, Expression yes, Expression no) {
  return a.apply(kernel_ir::Operation::select_less, {b, yes, no});
}
/// e^s P(U > x) of a standard normal variable
inline Expression normal_tail(Expression x, Expression s) {
  return x.apply(kernel_ir::Operation::normal_tail, {s});
}
/// e^s P(U > h, V > k) of two, z = (1 - ρ)/2, zbar = (1 + ρ)/2
inline Expression normal_orthant(Expression h, Expression k, Expression z, Expression zbar, Expression s) {
  return h.apply(kernel_ir::Operation::normal_orthant, {k, z, zbar, s});
}
/// e^(-x²) ∫₀ˣ e^(t²) dt
inline Expression dawson(Expression x) { return x.apply(kernel_ir::Operation::dawson); }
/// q, and that what is made of it is off by `loss` of a kernel entry
inline Expression with_loss(Expression q, Expression loss) {
  return q.apply(kernel_ir::Operation::with_loss, {loss});
}
/// P(z) = asin(√z)/√z and Q(z) = (sin θ - θ cos θ)/z^(3/2) with sin(θ/2) = √z, for 0 ≤ z ≤ z_max.
inline Expression arcsine_ratio(Expression z, double z_max) {
  return z.apply(kernel_ir::Operation::arcsine_ratio, {}, kernel_ir::Domain{z_max});
}
inline Expression arccosine_ratio(Expression z, double z_max) {
  return z.apply(kernel_ir::Operation::arccosine_ratio, {}, kernel_ir::Domain{z_max});
}

/// asin(k) for 0 ≤ k ≤ 1, given 1 - k² to full relative accuracy: k P(k²) up to k² = 1/2, above it
/// π/2 - 2 asin(t) with t² = (1 - k)/2.
Expression arcsine(Expression k, Expression one_minus_square);

/// asin(a) - asin(b) to full relative accuracy, 0 ≤ a, b ≤ 1, given a - b, √(1 - a²) and √(1 - b²) to the same
/// accuracy. For the difference Δ
///   sin Δ = (a² - b²)/(a√(1 - b²) + b√(1 - a²)),   cos Δ = √(1 - a²)√(1 - b²) + ab ≥ 0,
///   Δ = 2 asin(sin Δ/√(2 (1 + cos Δ))).
Expression arcsine_difference(Expression a, Expression root_a, Expression b, Expression root_b,
                              Expression a_minus_b);

}  // namespace ntkc::duals
