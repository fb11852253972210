#include "compiler/passes/simplify/rules.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace ntkc::passes {

using kernel_ir::Dependence;
using kernel_ir::no_node;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Quad;
using kernel_ir::Type;

NodeId Rules::reduced(const Applied& node) {
  using Rule = NodeId (Rules::*)(const Applied&);  // no_node where it does not apply
  static constexpr std::array<Rule, 11> rules = {
      &Rules::folded,              // an operation on numbers
      &Rules::without_neutral,     // a + 0, 1·a, 0·a, a/1
      &Rules::of_equals,           // a - a, min(a, a)
      &Rules::choice,              // a choice that is made
      &Rules::by_sign,             // |a| of a ≥ 0
      &Rules::normal_probability,  // where thresholds or correlations are 0 or ±1
      &Rules::with_sign_outside,   // a + (-b), (-a) b, erf(-a)
      &Rules::with_root,           // x/√x
      &Rules::product,             // one number, in front
      &Rules::quotient,            // likewise
      &Rules::sum,                 // like terms, common factors
  };
  for (const Rule rule : rules) {
    if (const NodeId result = (this->*rule)(node); result != no_node) return result;
  }
  return no_node;
}

void Rules::note(NodeId id, std::uint32_t uses, Sign sign) {
  if (id >= signs_.size()) {
    uses_.resize(id + 1, 0);
    signs_.resize(id + 1, Sign::unknown);
  }
  uses_[id] += uses;
  signs_[id] = std::max(signs_[id], sign);
}

// --- rules

NodeId Rules::folded(const Applied& node) {
  std::vector<double> values;
  for (const NodeId operand : node.a) {
    if (!is_literal(operand)) return no_node;
    values.push_back(literal_value(operand));
  }
  if (!kernel_ir::has_value(node.operation)) return no_node;
  const double value = kernel_ir::evaluate(node.operation, values);
  if (!std::isfinite(value)) return no_node;
  if (folding_ == Folding::exact) {
    if (node.operation == Operation::pi) return no_node;
    const std::vector<Quad> wide(values.begin(), values.end());
    if (kernel_ir::evaluate(node.operation, wide) != value) return no_node;
  }
  return target_.literal(value);
}

/// Simplifies a + 0, a - 0, a·1, a·0 and a/1 of reals. Of covariances only a + 0 and a·1 are simplified, for
/// a·0 is a constant and no covariance.
NodeId Rules::without_neutral(const Applied& node) {
  const std::vector<NodeId>& a = node.a;
  switch (node.operation) {
    case Operation::add:
      if (is(a[0], 0)) return a[1];
      return is(a[1], 0) ? a[0] : no_node;
    case Operation::multiply:
      if (is(a[0], 1)) return a[1];
      if (is(a[1], 1)) return a[0];
      if (node.type == Type::real && (is(a[0], 0) || is(a[1], 0))) return target_.literal(0);
      return no_node;
    case Operation::subtract:
      if (is(a[0], 0) && is_negation(a[1])) return negative(a[1]);
      return is(a[1], 0) ? a[0] : no_node;
    case Operation::divide:
      return is(a[1], 1) ? a[0] : no_node;
    default:
      return no_node;
  }
}

/// Simplifies a - a, and min, max and choices between equals.
NodeId Rules::of_equals(const Applied& node) {
  const std::vector<NodeId>& a = node.a;
  switch (node.operation) {
    case Operation::subtract:
      return a[0] == a[1] ? target_.literal(0) : no_node;
    case Operation::minimum:
    case Operation::maximum:
      return a[0] == a[1] ? a[0] : no_node;
    case Operation::select_less:
      if (a[0] == a[1]) return a[3];
      return a[2] == a[3] ? a[2] : no_node;
    default:
      return no_node;
  }
}

// --- building

NodeId Rules::make(Operation operation, std::vector<NodeId> operands) {
  const NodeId simpler = reduced({operation, Type::real, operands});
  return simpler == no_node ? target_.real(operation, std::move(operands)) : simpler;
}

NodeId Rules::times(Quad c, NodeId x) {
  if (x != no_node) {
    if (c == 1) return x;
    if (c == -1) return negative(x);
    const Scaled inner = scaled(x);
    c *= inner.c;
    x = inner.x;
  }
  const std::optional<double> value = number(c);
  if (!value) return no_node;
  if (x == no_node || *value == 0) return target_.literal(*value);
  if (*value == 1) return x;
  return *value == -1 ? negative(x) : target_.real(Operation::multiply, {target_.literal(*value), x});
}

NodeId Rules::negative(NodeId x) {
  const Node node = at(x);  // a copy: nodes are added
  if (node.operation == Operation::literal) return target_.literal(-target_.literal_value(node));
  if (node.type != Type::real) return target_.real(Operation::subtract, {target_.literal(0), x});
  if (node.operation == Operation::first) return target_.first(negative(node.operands[0]));
  if (node.operation == Operation::second) return target_.second(negative(node.operands[0]));
  if (is_negation(x)) return node.operands[1];
  if (is_negative_sum(x)) return make(Operation::add, {negative(node.operands[0]), node.operands[1]});
  for (const std::size_t i : {0, 1}) {
    if (node.operation == Operation::multiply && is_literal(node.operands[i]))
      return target_.real(Operation::multiply,
                          {target_.literal(-literal_value(node.operands[i])), node.operands[1 - i]});
  }
  return target_.real(Operation::subtract, {target_.literal(0), x});
}

NodeId Rules::signed_sum(bool minus_a, NodeId a, bool minus_b, NodeId b) {
  if (minus_a && minus_b) return negative(make(Operation::add, {a, b}));
  if (minus_a) return make(Operation::subtract, {b, a});
  return make(minus_b ? Operation::subtract : Operation::add, {a, b});
}

NodeId Rules::negated_in_place(NodeId x, int depth) {
  const Node node = at(x);  // a copy: nodes are added
  const bool is_product = node.operation == Operation::multiply || node.operation == Operation::divide;
  if (is_negative(x)) return negative(x);
  if (node.type != Type::real || depth > 8) return no_node;
  if (is_product && node.operation == Operation::multiply &&
      (is_literal(node.operands[0]) || is_literal(node.operands[1])))
    return negative(x);
  if (x < uses_.size() && uses_[x] > 1) return no_node;
  if (node.operation == Operation::subtract)
    return make(Operation::subtract, {node.operands[1], node.operands[0]});
  if (!is_product && node.operation != Operation::add) return no_node;
  if (node.operands[0] == node.operands[1]) return no_node;
  for (const std::size_t i : {0, 1}) {
    const NodeId inner = negated_in_place(node.operands[i], depth + 1);
    if (inner == no_node) continue;
    const NodeId other = node.operands[1 - i];
    if (!is_product) return make(Operation::subtract, {inner, other});
    return i == 0 ? make(node.operation, {inner, other}) : make(node.operation, {other, inner});
  }
  return no_node;
}

// --- looking

NodeId Rules::sampled(NodeId id) const {
  const Node& node = at(id);
  return node.operation == Operation::first || node.operation == Operation::second ? node.operands[0] : id;
}

bool Rules::is_negation(NodeId id) const {
  const Node& node = at(sampled(id));
  return node.type == Type::real && node.operation == Operation::subtract && is(node.operands[0], 0);
}

bool Rules::is_negative(NodeId id) const {
  const Node& node = at(sampled(id));
  if (node.operation == Operation::literal) return target_.literal_value(node) < 0;
  if (node.type != Type::real) return false;
  if (node.operation != Operation::multiply) return is_negation(id) || is_negative_sum(sampled(id));
  const auto below_0 = [this](NodeId operand) { return is_literal(operand) && literal_value(operand) < 0; };
  return below_0(node.operands[0]) != below_0(node.operands[1]);
}

bool Rules::is_negative_sum(NodeId id) const {
  const Node& node = at(id);
  if (node.operation != Operation::subtract || (id < uses_.size() && uses_[id] > 1)) return false;
  const Node& first = at(node.operands[0]);
  return first.operation == Operation::multiply && is_negative(node.operands[0]) &&
         !is_negative(node.operands[1]);
}

Rules::Multiple Rules::multiple(NodeId id) {
  const Node& node = at(id);
  if (node.operation == Operation::literal) return {target_.literal_value(node), false, false, no_node};
  if (node.type != Type::real || node.dependence < Dependence::sample) return {1, false, false, id};
  if (is_negation(id)) {
    Multiple result = multiple(negative(id));
    result.minus = !result.minus;
    return result;
  }
  if (node.operation == Operation::multiply) {
    for (const std::size_t i : {0, 1}) {
      if (is_literal(node.operands[i]))
        return {literal_value(node.operands[i]), false, false, node.operands[1 - i]};
    }
  }
  if (node.operation == Operation::divide && is_literal(node.operands[1]) && !is(node.operands[1], 0))
    return {literal_value(node.operands[1]), true, false, node.operands[0]};
  if (sampled(id) != id && is_negative(id)) return {1, false, true, negative(id)};
  return {1, false, false, id};
}

Rules::Scaled Rules::scaled(NodeId id) {
  const Multiple found = multiple(id);
  const Quad c = found.is_quotient ? 1 / Quad(found.c) : Quad(found.c);
  return {found.minus ? -c : c, found.x};
}

Rules::Scaled Rules::separable(NodeId id, NodeId sibling) {
  constexpr double moderate = 0x1p64;  // so that what is left of it does not overflow
  if (is_negation(id)) {
    const Scaled result = separable(negative(id), sibling);
    return {-result.c, result.x};
  }
  if (id != sibling && is_own(id, sibling) && at(id).operation == Operation::multiply) {
    const Scaled result = scaled(id);
    const Quad size = result.c < 0 ? -result.c : result.c;
    if (size >= 1 / moderate && size <= moderate) return result;
  }
  return {1, id};
}

bool Rules::is_own(NodeId id, NodeId sibling) const {
  if (id < uses_.size() && uses_[id] > 1) return false;
  const Node& node = at(id);
  const Node& beside = at(sibling);
  return node.type == Type::real && node.dependence >= Dependence::sample &&
         node.dependence >= beside.dependence && depth(node.region) >= depth(beside.region);
}

bool Rules::is_sum(NodeId id) const {
  const Operation operation = at(id).operation;
  return (operation == Operation::add || operation == Operation::subtract) && !is_negation(id);
}

int Rules::depth(kernel_ir::RegionId region) const {
  int result = 0;
  for (; region != 0; region = target_.regions()[region].parent) ++result;
  return result;
}

bool Rules::is_arithmetic(const Applied& node) const {
  if (node.type != Type::real) return false;
  const auto is_real = [this](NodeId id) { return at(id).type == Type::real; };
  const auto is_symbol = [this](NodeId id) { return at(id).dependence == Dependence::function; };
  const auto is_of_inputs = [this](NodeId id) { return at(id).dependence >= Dependence::sample; };
  return std::ranges::all_of(node.a, is_real) && std::ranges::none_of(node.a, is_symbol) &&
         std::ranges::any_of(node.a, is_of_inputs);
}

std::optional<double> Rules::number(Quad c) const {
  const auto value = static_cast<double>(c);
  if (!std::isnormal(value) && c != 0) return std::nullopt;
  if (folding_ == Folding::exact && value != c) return std::nullopt;
  return value;
}

}  // namespace ntkc::passes
