#include "compiler/layer_graph/scalar_table.hpp"

#include <bit>
#include <cmath>
#include <stdexcept>

namespace ntkc::layer_graph {
namespace {

double evaluate(ScalarOperation operation, double a, double b) {
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
    case ScalarOperation::literal:
    case ScalarOperation::parameter:
      break;
  }
  throw std::logic_error("not an operation on scalars");
}

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
  for (const std::uint64_t part : {static_cast<std::uint64_t>(scalar.operation), std::uint64_t{scalar.left},
                                   std::uint64_t{scalar.right}, std::uint64_t{scalar.parameter}}) {
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
  bool depends = false;
  switch (scalar.operation) {
    case ScalarOperation::literal:
      break;
    case ScalarOperation::parameter:
      depends = true;
      break;
    case ScalarOperation::add:
    case ScalarOperation::subtract:
    case ScalarOperation::multiply:
    case ScalarOperation::divide:
    case ScalarOperation::power:
      depends = depends_on_parameters_[scalar.left] || depends_on_parameters_[scalar.right];
      break;
    default:
      depends = depends_on_parameters_[scalar.left];
  }
  depends_on_parameters_.push_back(depends);
  return entry->second;
}

ScalarId ScalarTable::literal(double value) {
  if (value == 0) value = 0;  // no negative zero: it would be a second zero of the same meaning
  return intern({.operation = ScalarOperation::literal, .value = value});
}

ScalarId ScalarTable::parameter(std::uint32_t index, double value) {
  return intern({.operation = ScalarOperation::parameter, .parameter = index, .value = value});
}

ScalarId ScalarTable::unary(ScalarOperation operation, ScalarId operand) {
  if (operation == ScalarOperation::negate) {
    if (is_literal(operand)) return literal(-value(operand));
    if (scalars_[operand].operation == ScalarOperation::negate) return scalars_[operand].left;
  }
  return intern({.operation = operation, .left = operand, .value = evaluate(operation, value(operand), 0)});
}

ScalarId ScalarTable::intern_binary(ScalarOperation operation, ScalarId left, ScalarId right) {
  return intern({.operation = operation,
                 .left = left,
                 .right = right,
                 .value = evaluate(operation, value(left), value(right))});
}

ScalarId ScalarTable::sum(ScalarId left, ScalarId right) {
  if (is_literal(left, 0)) return right;
  if (is_literal(right, 0)) return left;
  if (is_negation_of(left, right) || is_negation_of(right, left)) return literal(0);
  if (is_literal(left) && is_literal(right) && sum_is_exact(value(left), value(right))) {
    return literal(value(left) + value(right));
  }
  if (scalars_[right].operation == ScalarOperation::negate) return difference(left, scalars_[right].left);
  return intern_binary(ScalarOperation::add, left, right);
}

ScalarId ScalarTable::difference(ScalarId left, ScalarId right) {
  if (left == right) return literal(0);
  if (is_literal(right, 0)) return left;
  if (is_literal(left, 0)) return unary(ScalarOperation::negate, right);
  if (is_literal(left) && is_literal(right) && sum_is_exact(value(left), -value(right))) {
    return literal(value(left) - value(right));
  }
  if (scalars_[right].operation == ScalarOperation::negate) return sum(left, scalars_[right].left);
  return intern_binary(ScalarOperation::subtract, left, right);
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
  return intern_binary(ScalarOperation::multiply, left, right);
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
      return is_literal(right, 1) ? left : intern_binary(operation, left, right);
    default:
      throw std::logic_error("not a binary operation on scalars");
  }
}

}  // namespace ntkc::layer_graph
