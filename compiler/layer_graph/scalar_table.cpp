#include "compiler/layer_graph/scalar_table.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <stdexcept>

namespace ntkc::layer_graph {

double evaluate(ScalarOperation operation, double a, double b, double c) {
  switch (operation) {
    case ScalarOperation::add:
      return a + b;
    case ScalarOperation::subtract:
      return a - b;
    case ScalarOperation::multiply:
      return a * b;
    case ScalarOperation::divide:
      return a / b;
    case ScalarOperation::power:
      return std::pow(a, b);
    case ScalarOperation::negate:
      return -a;
    case ScalarOperation::sqrt:
      return std::sqrt(a);
    case ScalarOperation::exp:
      return std::exp(a);
    case ScalarOperation::log:
      return std::log(a);
    case ScalarOperation::sin:
      return std::sin(a);
    case ScalarOperation::cos:
      return std::cos(a);
    case ScalarOperation::tanh:
      return std::tanh(a);
    case ScalarOperation::erf:
      return std::erf(a);
    case ScalarOperation::abs:
      return std::abs(a);
    case ScalarOperation::sign:
      return static_cast<double>((a > 0) - (a < 0));
    case ScalarOperation::minimum:
      return std::fmin(a, b);
    case ScalarOperation::maximum:
      return std::fmax(a, b);
    case ScalarOperation::less:
      return a < b ? 1 : 0;
    case ScalarOperation::less_equal:
      return a <= b ? 1 : 0;
    case ScalarOperation::equal:
      return a == b ? 1 : 0;
    case ScalarOperation::select:
      return a != 0 ? b : c;
    case ScalarOperation::literal:
    case ScalarOperation::parameter:
    case ScalarOperation::variable:
      break;
  }
  throw std::logic_error("not an operation on scalars");
}

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

std::size_t operand_count(ScalarOperation operation) {
  switch (operation) {
    case ScalarOperation::literal:
    case ScalarOperation::parameter:
    case ScalarOperation::variable:
      return 0;
    case ScalarOperation::negate:
    case ScalarOperation::sqrt:
    case ScalarOperation::exp:
    case ScalarOperation::log:
    case ScalarOperation::sin:
    case ScalarOperation::cos:
    case ScalarOperation::tanh:
    case ScalarOperation::erf:
    case ScalarOperation::abs:
    case ScalarOperation::sign:
      return 1;
    case ScalarOperation::add:
    case ScalarOperation::subtract:
    case ScalarOperation::multiply:
    case ScalarOperation::divide:
    case ScalarOperation::power:
    case ScalarOperation::minimum:
    case ScalarOperation::maximum:
    case ScalarOperation::less:
    case ScalarOperation::less_equal:
    case ScalarOperation::equal:
      return 2;
    case ScalarOperation::select:
      return 3;
  }
  throw std::logic_error("no scalar operation");
}

std::size_t ScalarTable::Hash::operator()(const Scalar& scalar) const {
  std::uint64_t hash = std::bit_cast<std::uint64_t>(scalar.value);
  for (const std::uint64_t part : {static_cast<std::uint64_t>(scalar.operation),
                                   std::uint64_t{scalar.operands[0]}, std::uint64_t{scalar.operands[1]},
                                   std::uint64_t{scalar.operands[2]}, std::uint64_t{scalar.parameter}}) {
    hash = (std::rotl(hash, 17) ^ part) * 0x9e3779b97f4a7c15U;
  }
  return static_cast<std::size_t>(hash ^ (hash >> 32U));
}

ScalarId ScalarTable::intern(const Scalar& scalar) {
  // A scalar without a value is reported by the caller and never used; NaN would not find itself in the
  // table.
  const auto [entry, inserted] = ids_.try_emplace(scalar, static_cast<ScalarId>(scalars_.size()));
  if (!inserted) return entry->second;
  scalars_.push_back(scalar);
  Dependence dependence = Dependence::literals;
  if (scalar.operation == ScalarOperation::parameter) dependence = Dependence::parameters;
  if (scalar.operation == ScalarOperation::variable) dependence = Dependence::variable;
  for (std::size_t i = 0; i < operand_count(scalar.operation); ++i) {
    dependence = std::max(dependence, depends_on_[scalar.operands[i]]);
  }
  depends_on_.push_back(dependence);
  return entry->second;
}

ScalarId ScalarTable::apply(ScalarOperation operation, std::array<ScalarId, 3> operands) {
  bool function = false;
  for (std::size_t i = 0; i < operand_count(operation); ++i) function = function || is_function(operands[i]);
  const double result =
      function ? 0 : evaluate(operation, value(operands[0]), value(operands[1]), value(operands[2]));
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

ScalarId ScalarTable::unary(ScalarOperation operation, ScalarId operand) {
  if (operation == ScalarOperation::negate) {
    if (is_literal(operand)) return literal(-value(operand));
    if (scalars_[operand].operation == ScalarOperation::negate) return scalars_[operand].operands[0];
  }
  const bool exact = operation == ScalarOperation::abs || operation == ScalarOperation::sign;
  if (exact && is_literal(operand)) return literal(evaluate(operation, value(operand), 0, 0));
  return apply(operation, {operand});
}

ScalarId ScalarTable::sum(ScalarId left, ScalarId right) {
  if (is_literal(left, 0)) return right;
  if (is_literal(right, 0)) return left;
  if (is_negation_of(left, right) || is_negation_of(right, left)) return literal(0);
  if (is_literal(left) && is_literal(right) && sum_is_exact(value(left), value(right))) {
    return literal(value(left) + value(right));
  }
  if (scalars_[right].operation == ScalarOperation::negate)
    return difference(left, scalars_[right].operands[0]);
  return apply(ScalarOperation::add, {left, right});
}

ScalarId ScalarTable::difference(ScalarId left, ScalarId right) {
  if (left == right) return literal(0);
  if (is_literal(right, 0)) return left;
  if (is_literal(left, 0)) return unary(ScalarOperation::negate, right);
  if (is_literal(left) && is_literal(right) && sum_is_exact(value(left), -value(right))) {
    return literal(value(left) - value(right));
  }
  if (scalars_[right].operation == ScalarOperation::negate) return sum(left, scalars_[right].operands[0]);
  return apply(ScalarOperation::subtract, {left, right});
}

ScalarId ScalarTable::product(ScalarId left, ScalarId right) {
  if (is_literal(left, 1)) return right;
  if (is_literal(right, 1)) return left;
  if (is_literal(left, 0) || is_literal(right, 0)) return literal(0);
  if (is_literal(left, -1)) return unary(ScalarOperation::negate, right);
  if (is_literal(right, -1)) return unary(ScalarOperation::negate, left);
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
      if (is_literal(left) && is_literal(right)) {
        return literal(evaluate(operation, value(left), value(right), 0));
      }
      return left == right ? left : apply(operation, {left, right});
    case ScalarOperation::less:
    case ScalarOperation::less_equal:
    case ScalarOperation::equal:
      return apply(operation, {left, right});
    default:
      throw std::logic_error("not a binary operation on scalars");
  }
}

ScalarId ScalarTable::select(ScalarId condition, ScalarId yes, ScalarId no) {
  if (yes == no) return yes;
  if (!is_symbolic(condition)) return value(condition) != 0 ? yes : no;
  return apply(ScalarOperation::select, {condition, yes, no});
}

}  // namespace ntkc::layer_graph
