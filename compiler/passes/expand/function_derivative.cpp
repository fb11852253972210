#include <stdexcept>

#include "compiler/passes/expand/hermite.hpp"

namespace ntkc::passes {
namespace {

using kernel_ir::Dependence;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;

bool is(Program& program, Expression a, double value) { return program.is_literal(a.id(), value); }

/// a b and a + b without neutral elements: 0·a must not be formed where a may be infinite.
Expression times(Program& program, Expression a, Expression b) {
  if (is(program, a, 0) || is(program, b, 1)) return a;
  if (is(program, b, 0) || is(program, a, 1)) return b;
  return a * b;
}
Expression plus(Program& program, Expression a, Expression b) {
  if (is(program, a, 0)) return b;
  return is(program, b, 0) ? a : a + b;
}

/// The derivative of one operation; `d` are those of its operands. No references into the program: it grows.
Expression slope(Program& program, NodeId id, const std::vector<Expression>& d) {
  const Node node = program[id];
  const Expression value(program, id);
  std::vector<Expression> a;
  for (const NodeId operand : node.operands) a.emplace_back(program, operand);
  switch (node.operation) {
    case Operation::variable:
      return value.literal(1);
    case Operation::add:
      return plus(program, d[0], d[1]);
    case Operation::subtract:
      return is(program, d[1], 0) ? d[0] : d[0] - d[1];
    case Operation::multiply:
      return plus(program, times(program, d[0], a[1]), times(program, a[0], d[1]));
    case Operation::divide:
      if (is(program, d[1], 0)) return d[0] / a[1];
      return (is(program, d[0], 0) ? -(value * d[1]) : d[0] - value * d[1]) / a[1];
    case Operation::square_root:
      return d[0] / (2.0 * value);
    case Operation::minimum:
      return select_less(a[0], a[1], d[0], d[1]);
    case Operation::maximum:
      return select_less(a[0], a[1], d[1], d[0]);
    case Operation::select_less:
      return select_less(a[0], a[1], d[2], d[3]);
    case Operation::exp:
      return times(program, value, d[0]);
    case Operation::expm1:
      return (1.0 + value) * d[0];
    case Operation::log:
      return d[0] / a[0];
    case Operation::sin:
      return times(program, a[0].apply(Operation::cos), d[0]);
    case Operation::cos:
      return -(a[0].apply(Operation::sin) * d[0]);
    case Operation::tanh:
      return times(program, (1.0 - square(value)), d[0]);
    case Operation::erf:
      return (2.0 / sqrt(value.pi())) * (-square(a[0])).apply(Operation::exp) * d[0];
    case Operation::abs:
      return times(program, a[0].apply(Operation::sign), d[0]);
    case Operation::sign:
      return value.literal(0);
    case Operation::power:
      if (program[node.operands[1]].operation == Operation::literal) {
        const double n = program[node.operands[1]].value;
        return times(program, n * a[0].apply(Operation::power, {value.literal(n - 1)}), d[0]);
      }
      return value * (d[1] * a[0].apply(Operation::log) + a[1] * d[0] / a[0]);
    default:
      throw std::invalid_argument("expand: no derivative of " +
                                  std::string(kernel_ir::info(node.operation).name));
  }
}

}  // namespace

NodeId function_derivative(Program& program, NodeId phi) {
  std::vector<bool> is_part(phi + 1, false);
  is_part[phi] = true;
  for (NodeId id = phi + 1; id-- > 0;) {
    if (!is_part[id]) continue;
    for (const NodeId operand : program[id].operands) is_part[operand] = true;
  }
  const Expression zero(program, program.literal(0));
  std::vector<Expression> derivatives(phi + 1, zero);
  for (NodeId id = 0; id <= phi; ++id) {
    if (!is_part[id] || program[id].dependence != Dependence::function) continue;
    std::vector<Expression> d;
    for (const NodeId operand : program[id].operands) d.push_back(derivatives[operand]);
    derivatives[id] = slope(program, id, d);
  }
  return derivatives[phi].id();
}

}  // namespace ntkc::passes
