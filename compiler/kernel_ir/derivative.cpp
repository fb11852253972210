#include "compiler/kernel_ir/derivative.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

namespace ntkc::kernel_ir {
namespace {

/// A node with arithmetic that leaves out what is multiplied by 0 or 1.
struct Symbol {
  Program* program;
  NodeId id;  ///< no_node: 0

  [[nodiscard]] bool is_zero() const { return id == no_node; }
  [[nodiscard]] Symbol number(double value) const { return {program, program->literal(value)}; }
  [[nodiscard]] NodeId node() const { return is_zero() ? program->literal(0) : id; }
  [[nodiscard]] bool is_one() const { return !is_zero() && program->is_literal(id, 1); }
};

Symbol operator+(Symbol a, Symbol b) {
  if (a.is_zero()) return b;
  return b.is_zero() ? a : Symbol{a.program, a.program->add(a.id, b.id)};
}
Symbol operator-(Symbol a, Symbol b) {
  return b.is_zero() ? a : Symbol{a.program, a.program->subtract(a.node(), b.id)};
}
Symbol operator-(Symbol a) { return Symbol{a.program, no_node} - a; }
Symbol operator*(Symbol a, Symbol b) {
  if (a.is_zero() || b.is_one()) return a;
  if (b.is_zero() || a.is_one()) return b;
  return {a.program, a.program->multiply(a.id, b.id)};
}
Symbol operator/(Symbol a, Symbol b) {
  return a.is_zero() ? a : Symbol{a.program, a.program->divide(a.id, b.id)};
}
Symbol operator+(Symbol a, double b) { return a + a.number(b); }
Symbol operator-(double a, Symbol b) { return b.number(a) - b; }
Symbol operator*(double a, Symbol b) { return b.number(a) * b; }
Symbol operator/(double a, Symbol b) { return b.number(a) / b; }

/// The names that the table's column of derivatives uses.
class Differentiation {
 public:
  Differentiation(Program& program, const Differentiated& node, std::span<const NodeId> tangents)
      : program_(program), node_(node), tangents_(tangents) {}

  Symbol run() const {
    [[maybe_unused]] const auto [a, b, c, d, e] = symbols(node_.operands);
    [[maybe_unused]] const auto [da, db, dc, dd, de] = symbols(tangents_);
    [[maybe_unused]] const Symbol f = symbol(node_.result);
    [[maybe_unused]] const Symbol zero = symbol(no_node);
    switch (elementary_of(node_.operation)) {
#define NTKC_ELEMENTARY(enumerator, name, operands, use, parity, sign, regularity, roundings, latex, \
                        in_double, in_quad, derivative)                                              \
  case elementary::Operation::enumerator:                                                            \
    return derivative;
#include "compiler/elementary/operations.def"
#undef NTKC_ELEMENTARY
    }
    return zero;
  }

 private:
  [[nodiscard]] Symbol symbol(NodeId id) const { return {&program_, id}; }
  [[nodiscard]] std::array<Symbol, elementary::most_operands> symbols(std::span<const NodeId> ids) const {
    std::array<Symbol, elementary::most_operands> result{};
    result.fill(symbol(no_node));
    for (std::size_t i = 0; i < ids.size(); ++i) result.at(i) = symbol(ids[i]);
    return result;
  }
  [[nodiscard]] Symbol apply(Operation operation, std::vector<NodeId> operands,
                             const Attribute& attribute = Attribute()) const {
    return symbol(program_.real(operation, std::move(operands), attribute));
  }

  [[nodiscard]] Symbol pi() const { return apply(Operation::pi, {}); }
  [[nodiscard]] Symbol sqrt(Symbol a) const { return apply(Operation::square_root, {a.id}); }
  [[nodiscard]] Symbol exp(Symbol a) const { return apply(Operation::exp, {a.id}); }
  [[nodiscard]] Symbol log(Symbol a) const { return apply(Operation::log, {a.id}); }
  [[nodiscard]] Symbol sin(Symbol a) const { return apply(Operation::sin, {a.id}); }
  [[nodiscard]] Symbol cos(Symbol a) const { return apply(Operation::cos, {a.id}); }
  [[nodiscard]] Symbol sign(Symbol a) const { return apply(Operation::sign, {a.id}); }
  [[nodiscard]] Symbol reciprocal_or_zero(Symbol a) const {
    return apply(Operation::reciprocal_or_zero, {a.id});
  }
  [[nodiscard]] Symbol normal_tail(Symbol x, Symbol s) const {
    return apply(Operation::normal_tail, {x.id, s.id});
  }

  /// a < b ? yes : no
  [[nodiscard]] Symbol select_less(Symbol a, Symbol b, Symbol yes, Symbol no) const {
    if (yes.id == no.id) return yes;
    return apply(Operation::select_less, {a.id, b.id, yes.node(), no.node()});
  }

  /// (aᵇ)' = b aᵇ⁻¹ a' + aᵇ log(a) b'
  [[nodiscard]] Symbol power_derivative(Symbol a, Symbol b, Symbol da, Symbol db, Symbol f) const {
    Symbol result = symbol(no_node);
    if (!da.is_zero()) result = b * lowered_power(a, b) * da;
    return db.is_zero() ? result : result + f * log(a) * db;
  }
  /// aᵇ⁻¹
  [[nodiscard]] Symbol lowered_power(Symbol a, Symbol b) const {
    if (program_[b.id].operation != Operation::literal)
      return apply(Operation::power, {a.id, program_.subtract(b.id, program_.literal(1))});
    const double exponent = program_.literal_value(program_[b.id]);
    if (exponent == 1) return a.number(1);
    return exponent == 2 ? a : apply(Operation::power, {a.id, program_.literal(exponent - 1)});
  }

  /// P(z) = asin(√z)/√z: P' = (1/√(1 - z) - P)/(2z). What it loses for small z, 2⁻⁵³/z, is multiplied by z',
  /// which is of the order of z.
  [[nodiscard]] Symbol arcsine_ratio_derivative(Symbol z, Symbol dz, Symbol p) const {
    if (dz.is_zero()) return dz;
    return dz * ((1 / sqrt(1 - z) - p) * (0.5 * reciprocal_or_zero(z)));
  }
  /// Q(z) = (sin θ - θ cos θ)/z^(3/2), sin(θ/2) = √z: (sin θ - θ cos θ)' = θ sin θ θ' = 2θ = 4√z P, so
  /// Q' = (4P - 3Q/2)/z.
  [[nodiscard]] Symbol arccosine_ratio_derivative(Symbol z, Symbol dz, Symbol q) const {
    if (dz.is_zero()) return dz;
    const Symbol p = apply(Operation::arcsine_ratio, {z.id}, node_.attribute);
    return dz * ((4 * p - 1.5 * q) * reciprocal_or_zero(z));
  }

  /// e^(s - x²/2)/√(2π)
  [[nodiscard]] Symbol normal_density(Symbol x, Symbol s) const {
    return exp(s - 0.5 * (x * x)) / sqrt(2 * pi());
  }

  /// ∂P/∂h = -φ(h) P(V > k | U = h) and ∂P/∂ρ = φ(h) φ(m)/√(1 - ρ²), m = (k - ρh)/√(1 - ρ²) (Plackett 1954).
  /// ρ' and k - ρh are taken from the smaller of z and z̄, as the other has lost it. What is large in one
  /// factor is small in the other, so both have one exponent.
  [[nodiscard]] Symbol normal_orthant_derivative(Symbol h, Symbol k, Symbol z, Symbol zbar, Symbol s,
                                                 Symbol dh, Symbol dk, Symbol dz, Symbol dzbar, Symbol ds,
                                                 Symbol f) const {
    const Symbol root = 2 * sqrt(z * zbar);
    const Symbol divisor = apply(Operation::maximum, {root.id, program_.literal(1e-30)});
    const auto leg = [&](Symbol at, Symbol other) {
      return select_less(z, zbar, (other - at) + 2 * z * at, (other + at) - 2 * zbar * at) / divisor;
    };
    const auto rest = [&](Symbol at) { return s - 0.5 * (at * at); };
    const auto by_limit = [&](Symbol tangent, Symbol at, Symbol other) {
      if (tangent.is_zero()) return tangent;
      return -(tangent * (normal_tail(leg(at, other), rest(at)) / sqrt(2 * pi())));
    };
    Symbol result = by_limit(dh, h, k) + by_limit(dk, k, h);
    const Symbol turn = select_less(z, zbar, -(2 * dz), 2 * dzbar);
    if (!turn.is_zero())
      result =
          result + turn * (normal_density(leg(h, k), rest(h)) / sqrt(2 * pi()) * reciprocal_or_zero(root));
    return result + ds * f;
  }

  Program& program_;
  const Differentiated& node_;
  std::span<const NodeId> tangents_;
};

}  // namespace

NodeId derivative(Program& program, const Differentiated& node, std::span<const NodeId> tangents) {
  if (std::ranges::all_of(tangents, [](NodeId tangent) { return tangent == no_node; })) return no_node;
  if (!is_elementary(node.operation))
    throw std::logic_error("no derivative of the operation " + std::string(info(node.operation).name));
  return Differentiation(program, node, tangents).run().id;
}

}  // namespace ntkc::kernel_ir
