// Rules for signs, choices and probabilities.
#include <algorithm>

#include "compiler/passes/simplify/rules.hpp"

namespace ntkc::passes {

using kernel_ir::no_node;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Type;

/// Moves a sign from the operands of sums, products, odd and even functions and choices to the result, where
/// the next operation takes it.
NodeId Rules::with_sign_outside(const Applied& node) {
  if (node.type != Type::real) return no_node;
  const std::vector<NodeId>& a = node.a;
  const auto has_sign = [this](NodeId id) { return is_negation(id); };
  switch (node.operation) {
    case Operation::add:
    case Operation::subtract: {
      const bool is_difference = node.operation == Operation::subtract;
      if (is_difference && is(a[0], 0)) {  // -(c x) = (-c) x
        const NodeId result = negative(a[1]);
        return is_negation(result) ? no_node : result;
      }
      const bool minus_b = is_difference != is_negative(a[1]);
      const bool minus_a = has_sign(a[0]) || (is_negative(a[0]) && !minus_b);
      if (!minus_a && minus_b == is_difference) return no_node;
      return signed_sum(minus_a, minus_a ? negative(a[0]) : a[0], minus_b,
                        is_negative(a[1]) ? negative(a[1]) : a[1]);
    }
    case Operation::multiply:
    case Operation::divide: {
      const bool minus_a = is_negative(a[0]) && !is_literal(a[0]);
      const bool minus_b = is_negative(a[1]) && !is_literal(a[1]);
      if (!minus_a && !minus_b) return no_node;
      const NodeId size =
          make(node.operation, {minus_a ? negative(a[0]) : a[0], minus_b ? negative(a[1]) : a[1]});
      return minus_a == minus_b ? size : negative(size);
    }
    case Operation::minimum:
    case Operation::maximum: {
      if (!has_sign(a[0]) || !has_sign(a[1])) return no_node;
      const bool is_minimum = node.operation == Operation::minimum;
      return negative(
          make(is_minimum ? Operation::maximum : Operation::minimum, {negative(a[0]), negative(a[1])}));
    }
    case Operation::select_less:
      if (has_sign(a[0]) && (has_sign(a[1]) || is_literal(a[1])))
        return make(node.operation, {negative(a[1]), negative(a[0]), a[2], a[3]});
      if (has_sign(a[1]) && is_literal(a[0]))
        return make(node.operation, {negative(a[1]), negative(a[0]), a[2], a[3]});
      if (is_negative(a[2]) || (is_negative(a[3]) && is(a[2], 0)))
        return negative(make(node.operation, {a[0], a[1], negative(a[2]), negative(a[3])}));
      return no_node;
    default:
      return function_of_negative(node);
  }
}

NodeId Rules::function_of_negative(const Applied& node) {
  const elementary::Parity parity = kernel_ir::traits(node.operation).parity;
  if (parity == elementary::Parity::none || !is_negative(node.a[0])) return no_node;
  const NodeId mirrored = make(node.operation, {negative(node.a[0])});
  return parity == elementary::Parity::odd ? negative(mirrored) : mirrored;
}

/// Simplifies what the signs of the operands decide.
NodeId Rules::by_sign(const Applied& node) {
  const std::vector<NodeId>& a = node.a;
  const auto is_positive = [this](NodeId id) { return sign(id) == Sign::positive; };
  const auto is_nonnegative = [this](NodeId id) { return sign(id) != Sign::unknown; };
  const auto is_not_above_0 = [this](NodeId id) { return is_literal(id) && literal_value(id) <= 0; };
  switch (node.operation) {
    case Operation::abs:
      return is_nonnegative(a[0]) ? a[0] : no_node;
    case Operation::sign: {
      if (is_positive(a[0])) return target_.literal(1);
      const Scaled scale = scaled(a[0]);
      return scale.x != no_node && scale.c != 1 && scale.c > 0 ? make(node.operation, {scale.x}) : no_node;
    }
    case Operation::reciprocal_or_zero:
      return is_positive(a[0]) ? make(Operation::divide, {target_.literal(1), a[0]}) : no_node;
    case Operation::divide:
      return is(a[0], 0) && is_positive(a[1]) ? a[0] : no_node;
    case Operation::minimum:
    case Operation::maximum:
      for (const std::size_t i : {0, 1}) {
        if (is_not_above_0(a[i]) && is_nonnegative(a[1 - i]))
          return node.operation == Operation::minimum ? a[i] : a[1 - i];
      }
      return no_node;
    case Operation::select_less:
      if (is_nonnegative(a[0]) && is_not_above_0(a[1])) return a[3];
      return is_not_above_0(a[0]) && is_positive(a[1]) ? a[2] : no_node;
    default:
      return no_node;
  }
}

/// Simplifies a choice whose condition is known, be it from a choice around it, a choice between c x and c y,
/// and a product with a choice between 0 and 1.
NodeId Rules::choice(const Applied& node) {
  const std::vector<NodeId>& a = node.a;
  if (node.operation == Operation::select_less) {
    if (is_literal(a[0]) && is_literal(a[1])) return literal_value(a[0]) < literal_value(a[1]) ? a[2] : a[3];
    const auto has_same_condition = [&](NodeId id) {
      const Node& inner = at(id);
      return inner.operation == Operation::select_less && inner.operands[0] == a[0] &&
             inner.operands[1] == a[1];
    };
    if (!has_same_condition(a[2]) && !has_same_condition(a[3])) return choice_of_multiples(node);
    return make(node.operation, {a[0], a[1], has_same_condition(a[2]) ? at(a[2]).operands[2] : a[2],
                                 has_same_condition(a[3]) ? at(a[3]).operands[3] : a[3]});
  }
  if (node.operation != Operation::multiply || !is_arithmetic(node)) return no_node;
  for (const std::size_t i : {0, 1}) {
    if (at(a[i]).operation != Operation::select_less || !is_own(a[i], a[1 - i])) continue;
    const std::vector<NodeId> choice = at(a[i]).operands;
    if ((is(choice[2], 0) && is(choice[3], 1)) || (is(choice[2], 1) && is(choice[3], 0)))
      return make(Operation::select_less, {choice[0], choice[1], is(choice[2], 1) ? a[1 - i] : choice[2],
                                           is(choice[3], 1) ? a[1 - i] : choice[3]});
  }
  return no_node;
}

NodeId Rules::choice_of_multiples(const Applied& node) {
  const std::vector<NodeId>& a = node.a;
  if (!is_arithmetic(node)) return no_node;
  const Scaled p = scaled(a[2]);
  const Scaled q = scaled(a[3]);
  const bool is_shorter = p.x == q.x || (is_own(a[2], a[3]) && is_own(a[3], a[2]));
  const bool are_multiples = p.x != no_node && q.x != no_node && p.c != 1 && p.c != -1;
  if (!is_shorter || !are_multiples || (p.c != q.c && p.c != -q.c)) return no_node;
  const NodeId second = p.c == q.c ? q.x : negative(q.x);
  return times(p.c, make(Operation::select_less, {a[0], a[1], p.x, second}));
}

/// Simplifies P(U > 0) = 1/2, P(U > ±∞), and P(U > h, V > k) where V = ±U. That is symmetric in h and k, so a
/// threshold that is read of a sample comes first.
NodeId Rules::normal_probability(const Applied& node) {
  constexpr double infinite = 1e20;  // exponents are no larger than squares of thresholds
  const std::vector<NodeId>& a = node.a;
  if (node.operation == Operation::normal_tail && is_literal(a[0])) {
    const double x = literal_value(a[0]);
    if (x >= infinite) return target_.literal(0);
    if (x <= -infinite) return make(Operation::exp, {a[1]});
    return x == 0 ? times(0.5, make(Operation::exp, {a[1]})) : no_node;
  }
  if (node.operation != Operation::normal_orthant) return no_node;
  if (is(a[2], 0) && is(a[3], 1))
    return make(Operation::normal_tail, {make(Operation::maximum, {a[0], a[1]}), a[4]});
  const bool excludes =
      a[1] == negative(a[0]) || (sign(a[0]) != Sign::unknown && sign(a[1]) != Sign::unknown);
  if (is(a[2], 1) && is(a[3], 0) && excludes) return target_.literal(0);
  const auto is_of_pair = [this](NodeId id) {
    return at(id).dependence == kernel_ir::Dependence::pair && sampled(id) == id;
  };
  return is_of_pair(a[0]) && !is_of_pair(a[1]) ? make(node.operation, {a[1], a[0], a[2], a[3], a[4]})
                                               : no_node;
}

}  // namespace ntkc::passes
