// Rules that leave products and quotients with one number, in front.
#include <array>
#include <cmath>

#include "compiler/passes/simplify/rules.hpp"

namespace ntkc::passes {

using kernel_ir::no_node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Quad;

namespace {

bool is_one(Quad c) { return c == 1 || c == -1; }

bool is_power_of_two(double value) {
  int exponent = 0;
  return std::fabs(std::frexp(value, &exponent)) == 0.5;
}

}  // namespace

/// c (d x) = (cd) x, (c x)(d y) = cd (x y), x (1/y) = x/y.
NodeId Rules::product(const Applied& node) {
  if (node.operation != Operation::multiply || !is_arithmetic(node)) return no_node;
  const NodeId a = node.a[0];
  const NodeId b = node.a[1];
  if (is_literal(a) || is_literal(b)) {
    const Quad c = literal_value(is_literal(a) ? a : b);
    const Scaled rest = scaled(is_literal(a) ? b : a);
    return rest.c == 1 && c != -1 ? no_node : times(c * rest.c, rest.x);
  }
  for (const auto& [x, inverse] : {std::array{a, b}, std::array{b, a}}) {
    if (at(inverse).operation == Operation::divide && is(at(inverse).operands[0], 1) && is_own(inverse, x))
      return make(Operation::divide, {x, at(inverse).operands[1]});
  }
  const Scaled p = separable(a, b);
  const Scaled q = separable(b, a);
  if (p.c == 1 && q.c == 1) return no_node;
  return times(p.c * q.c, make(Operation::multiply, {p.x, q.x}));
}

/// (c x)/d = (c/d) x, c/(d y) = (c/d)/y, (c x)/(d y) = (c/d)(x/y). The quotient x/d stays, because it is
/// rounded once, unless d is a power of 2.
NodeId Rules::quotient(const Applied& node) {
  if (node.operation != Operation::divide || !is_arithmetic(node) || is(node.a[1], 0)) return no_node;
  const NodeId a = node.a[0];
  const NodeId b = node.a[1];
  if (is_literal(b)) {
    const double d = literal_value(b);
    const Scaled p = scaled(a);
    if (!is_one(p.c) || is_power_of_two(d)) return times(p.c / d, p.x);
    return d < 0 ? negative(make(Operation::divide, {a, target_.literal(-d)})) : no_node;
  }
  Scaled q = separable(b, a);
  if (is_literal(a)) {
    const std::optional<double> c = number(Quad(literal_value(a)) / q.c);
    if (!c || (q.c == 1 && *c >= 0)) return no_node;
    const NodeId size = make(Operation::divide, {target_.literal(std::fabs(*c)), q.x});
    return *c < 0 ? negative(size) : size;
  }
  const Scaled p = separable(a, b);
  if (is_one(p.c) && !is_power_of_two(static_cast<double>(q.c))) q = {1, b};
  if (p.c == 1 && q.c == 1) return no_node;
  return times(p.c / q.c, make(Operation::divide, {p.x, q.x}));
}

/// x reciprocal_or_zero(√x) = √x, also where one of the two is among the factors of the other operand.
NodeId Rules::with_root(const Applied& node) {
  if (node.operation != Operation::multiply || !is_arithmetic(node)) return no_node;
  const auto is_inverse_root = [this](NodeId id, NodeId x) {
    const NodeId root = at(id).operation == Operation::reciprocal_or_zero ? at(id).operands[0] : id;
    return root != id && at(root).operation == Operation::square_root && at(root).operands[0] == x;
  };
  for (const auto& [a, b] : {std::array{node.a[0], node.a[1]}, std::array{node.a[1], node.a[0]}}) {
    if (a == b || !is_own(a, b)) continue;
    Factors factors;
    collect(a, a, factors);
    for (Factor& factor : factors.above) {
      const bool is_x = is_inverse_root(b, factor.id);
      if (!is_x && !is_inverse_root(factor.id, b)) continue;
      factor.is_common = true;
      const NodeId rest = remaining(a, factors, false);
      const NodeId root = target_.square_root(is_x ? factor.id : b);
      return times(factors.number(), rest == no_node ? root : make(Operation::multiply, {rest, root}));
    }
  }
  return no_node;
}

}  // namespace ntkc::passes
