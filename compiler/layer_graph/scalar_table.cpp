#include "compiler/layer_graph/scalar_table.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <span>
#include <stdexcept>

namespace ntkc::layer_graph {

namespace {

/// Whether fl(a + b) = a + b: the error term of Knuth's two-sum is zero.
bool sum_is_exact(double a, double b) {
  const double sum = a + b;
  const double b_part = sum - a;
  return std::isfinite(sum) && (a - (sum - b_part)) + (b - b_part) == 0;
}

/// Whether fl(a b) = a b; a product near the smallest normal number is never called exact.
bool product_is_exact(double a, double b) {
  const double product = a * b;
  return std::isfinite(product) && std::abs(product) > 1e-280 && std::fma(a, b, -product) == 0;
}

}  // namespace

std::size_t ScalarTable::Hash::operator()(const Scalar& scalar) const {
  std::uint64_t hash = std::bit_cast<std::uint64_t>(scalar.value);
  const auto mix = [&hash](std::uint64_t part) { hash = (std::rotl(hash, 17) ^ part) * 0x9e3779b97f4a7c15U; };
  mix(static_cast<std::uint64_t>(scalar.operation));
  for (const ScalarId operand : scalar.operands) mix(operand);
  mix(scalar.parameter);
  return static_cast<std::size_t>(hash ^ (hash >> 32U));
}

ScalarId ScalarTable::intern(const Scalar& scalar) {
  // A scalar without a value is reported by the caller and never used; NaN would not find itself in the
  // table.
  const auto [entry, inserted] = ids_.try_emplace(scalar, static_cast<ScalarId>(scalars_.size()));
  if (!inserted) return entry->second;
  scalars_.push_back(scalar);
  bool is_of_variable = scalar.operation == ScalarOperation::variable;
  for (std::size_t i = 0; i < operand_count(scalar.operation); ++i)
    is_of_variable = is_of_variable || is_function(scalar.operands[i]);
  is_function_.push_back(is_of_variable);
  return entry->second;
}

ScalarId ScalarTable::apply(ScalarOperation operation, std::array<ScalarId, 4> operands) {
  const auto used = std::span(operands).first(operand_count(operation));
  if (std::ranges::any_of(used, [this](ScalarId id) { return is_function(id); }))
    return intern({.operation = operation, .operands = operands});
  std::vector<double> values;
  for (const ScalarId operand : used) values.push_back(value(operand));
  const double result = elementary::evaluate(operation, values);
  // A choice among numbers: of literals it rounds nothing.
  const bool is_exact = elementary::info(operation).roundings == 0;
  if (is_exact && std::ranges::all_of(used, [this](ScalarId id) { return is_literal(id); }))
    return literal(result);
  return intern({.operation = operation, .operands = operands, .value = result});
}

ScalarId ScalarTable::literal(double value) {
  if (value == 0) value = 0;  // no negative zero: it would be a second zero of the same meaning
  return intern({.operation = ScalarOperation::literal, .value = value});
}

ScalarId ScalarTable::parameter(std::uint32_t index, double value) {
  return intern({.operation = ScalarOperation::parameter, .parameter = index, .value = value});
}

ScalarId ScalarTable::variable() { return intern({.operation = ScalarOperation::variable}); }

std::optional<ScalarId> ScalarTable::negated(ScalarId id) const {
  const Scalar& scalar = scalars_[id];
  const bool is_negation = scalar.operation == ScalarOperation::subtract && is_literal(scalar.operands[0], 0);
  return is_negation ? std::optional(scalar.operands[1]) : std::nullopt;
}

ScalarId ScalarTable::negative(ScalarId operand) {
  if (is_literal(operand)) return literal(-value(operand));
  if (const std::optional<ScalarId> inner = negated(operand)) return *inner;
  return apply(ScalarOperation::subtract, {literal(0), operand});
}

ScalarId ScalarTable::unary(ScalarOperation operation, ScalarId operand) {
  return apply(operation, {operand});
}

ScalarId ScalarTable::sum(ScalarId left, ScalarId right) {
  if (is_literal(left, 0)) return right;
  if (is_literal(right, 0)) return left;
  if (negated(left) == right || negated(right) == left) return literal(0);
  if (is_literal(left) && is_literal(right) && sum_is_exact(value(left), value(right))) {
    return literal(value(left) + value(right));
  }
  if (const std::optional<ScalarId> size = negated(right)) return difference(left, *size);
  return apply(ScalarOperation::add, {left, right});
}

ScalarId ScalarTable::difference(ScalarId left, ScalarId right) {
  if (left == right) return literal(0);
  if (is_literal(right, 0)) return left;
  if (is_literal(left, 0)) return negative(right);
  if (is_literal(left) && is_literal(right) && sum_is_exact(value(left), -value(right))) {
    return literal(value(left) - value(right));
  }
  if (const std::optional<ScalarId> size = negated(right)) return sum(left, *size);
  return apply(ScalarOperation::subtract, {left, right});
}

ScalarId ScalarTable::product(ScalarId left, ScalarId right) {
  if (is_literal(left, 1)) return right;
  if (is_literal(right, 1)) return left;
  if (is_literal(left, 0) || is_literal(right, 0)) return literal(0);
  if (is_literal(left, -1)) return negative(right);
  if (is_literal(right, -1)) return negative(left);
  if (is_literal(left) && is_literal(right) && product_is_exact(value(left), value(right))) {
    return literal(value(left) * value(right));
  }
  return apply(ScalarOperation::multiply, {left, right});
}

ScalarId ScalarTable::binary(ScalarOperation operation, ScalarId left, ScalarId right) {
  switch (operation) {
    case ScalarOperation::add:
      return sum(left, right);
    case ScalarOperation::subtract:
      return difference(left, right);
    case ScalarOperation::multiply:
      return product(left, right);
    case ScalarOperation::divide:
    case ScalarOperation::power:
      return is_literal(right, 1) ? left : apply(operation, {left, right});
    case ScalarOperation::minimum:
    case ScalarOperation::maximum:
      return left == right ? left : apply(operation, {left, right});
    default:
      throw std::logic_error("not a binary operation on scalars");
  }
}

ScalarId ScalarTable::select(const Condition& condition, ScalarId yes, ScalarId no) {
  if (yes == no) return yes;
  const auto [relation, left, right] = condition;
  const auto less = [this](ScalarId a, ScalarId b, ScalarId then, ScalarId otherwise) {
    return apply(ScalarOperation::select_less, {a, b, then, otherwise});
  };
  switch (relation) {
    case Condition::Relation::less:
      return less(left, right, yes, no);
    case Condition::Relation::less_equal:
      return less(right, left, no, yes);
    case Condition::Relation::equal:
      return less(left, right, no, less(right, left, no, yes));
    case Condition::Relation::not_equal:
      return less(left, right, yes, less(right, left, yes, no));
  }
  throw std::logic_error("no comparison");
}

}  // namespace ntkc::layer_graph
