#include "compiler/layer_graph/constant.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include <fmt/format.h>

namespace ntkc::layer_graph {
namespace {

constexpr std::int64_t largest_integer = std::numeric_limits<std::int32_t>::max();

/// a^b for b >= 0, or a number beyond `largest_integer`, whose magnitude is all that matters then.
std::int64_t integer_power(std::int64_t base, std::int64_t exponent) {
  if (base == 0 || base == 1) return exponent == 0 ? 1 : base;
  if (base == -1) return exponent % 2 == 0 ? 1 : -1;
  std::int64_t power = 1;
  for (std::int64_t i = 0; i < exponent && std::abs(power) <= largest_integer; ++i) power *= base;
  return power;
}

bool is_comparison(ast::BinaryOperator op) { return op >= ast::BinaryOperator::equal; }

ScalarOperation scalar_operation(ast::BinaryOperator op) {
  switch (op) {
    case ast::BinaryOperator::add:
      return ScalarOperation::add;
    case ast::BinaryOperator::subtract:
      return ScalarOperation::subtract;
    case ast::BinaryOperator::multiply:
      return ScalarOperation::multiply;
    case ast::BinaryOperator::divide:
      return ScalarOperation::divide;
    case ast::BinaryOperator::power:
      return ScalarOperation::power;
    default:
      throw std::logic_error("a comparison is no scalar operation");
  }
}

template <typename T>
bool compare(ast::BinaryOperator op, T left, T right) {
  switch (op) {
    case ast::BinaryOperator::equal:
      return left == right;
    case ast::BinaryOperator::not_equal:
      return left != right;
    case ast::BinaryOperator::less:
      return left < right;
    case ast::BinaryOperator::less_equal:
      return left <= right;
    case ast::BinaryOperator::greater:
      return left > right;
    case ast::BinaryOperator::greater_equal:
      return left >= right;
    default:
      throw std::logic_error("not a comparison");
  }
}

std::string value_text(const ScalarTable& scalars, const Constant& number) {
  return number.kind == Constant::Kind::integer ? fmt::format("{}", number.integer)
                                                : fmt::format("{}", scalars.value(number.scalar));
}

ConstantResult real_or_error(ScalarTable& scalars, ScalarId scalar, const std::string& expression) {
  if (!std::isfinite(scalars.value(scalar))) {
    return ConstantError{DiagnosticKind::arithmetic_error,
                         fmt::format("`{}` has no finite value", expression)};
  }
  return Constant{.kind = Constant::Kind::real, .scalar = scalar};
}

ConstantResult integer_arithmetic(ScalarTable& scalars, ast::BinaryOperator op, const Constant& left,
                                  const Constant& right) {
  std::int64_t value = 0;  // operands have 32 bits: no overflow here
  switch (op) {
    case ast::BinaryOperator::add:
      value = left.integer + right.integer;
      break;
    case ast::BinaryOperator::subtract:
      value = left.integer - right.integer;
      break;
    case ast::BinaryOperator::multiply:
      value = left.integer * right.integer;
      break;
    default:
      value = integer_power(left.integer, right.integer);
  }
  if (std::abs(value) > largest_integer) {
    return ConstantError{DiagnosticKind::arithmetic_error,
                         fmt::format("`{} {} {}` is beyond the largest integer {}", left.integer,
                                     spelling(op), right.integer, largest_integer)};
  }
  return Constant{.kind = Constant::Kind::integer,
                  .integer = value,
                  .scalar = scalars.binary(scalar_operation(op), left.scalar, right.scalar)};
}

ConstantResult wants_number(const ScalarTable& scalars, std::string_view what, const Constant& seen) {
  return ConstantError{DiagnosticKind::type_mismatch,
                       fmt::format("`{}` needs a number, got {}", what, describe(scalars, seen))};
}

/// α z for z < 0, z above. Without parameters in it the case is decided; with them the formula has to hold at
/// other values of the parameters as well: ((1 + α) z + (1 − α) |z|)/2.
ScalarId leaky_relu(ScalarTable& scalars, ScalarId z, ScalarId alpha) {
  if (!scalars.depends_on_parameters(z)) {
    return scalars.value(z) >= 0 ? z : scalars.binary(ScalarOperation::multiply, alpha, z);
  }
  const ScalarId one = scalars.literal(1);
  const ScalarId even =
      scalars.binary(ScalarOperation::multiply, scalars.binary(ScalarOperation::subtract, one, alpha),
                     scalars.unary(ScalarOperation::abs, z));
  const ScalarId odd =
      scalars.binary(ScalarOperation::multiply, scalars.binary(ScalarOperation::add, one, alpha), z);
  return scalars.binary(ScalarOperation::divide, scalars.binary(ScalarOperation::add, odd, even),
                        scalars.literal(2));
}

/// z (1 + erf(z/√2))/2
ScalarId gelu(ScalarTable& scalars, ScalarId z) {
  const ScalarId two = scalars.literal(2);
  const ScalarId argument =
      scalars.binary(ScalarOperation::divide, z, scalars.unary(ScalarOperation::sqrt, two));
  const ScalarId gate =
      scalars.binary(ScalarOperation::add, scalars.literal(1), scalars.unary(ScalarOperation::erf, argument));
  return scalars.binary(ScalarOperation::divide, scalars.binary(ScalarOperation::multiply, z, gate), two);
}

}  // namespace

std::optional<ConstantFunction> find_constant_function(std::string_view name) {
  if (name == "sqrt") return ConstantFunction::sqrt;
  if (name == "exp") return ConstantFunction::exp;
  if (name == "log") return ConstantFunction::log;
  if (name == "tanh") return ConstantFunction::tanh;
  return std::nullopt;
}

Constant make_integer(ScalarTable& scalars, std::int64_t value) {
  return {.kind = Constant::Kind::integer,
          .integer = value,
          .scalar = scalars.literal(static_cast<double>(value))};
}

Constant make_real(ScalarTable& scalars, double value) {
  return {.kind = Constant::Kind::real, .scalar = scalars.literal(value)};
}

Constant make_boolean(bool value) { return {.kind = Constant::Kind::boolean, .boolean = value}; }

ConstantResult negate(ScalarTable& scalars, const Constant& operand) {
  if (!operand.is_number()) return wants_number(scalars, "-", operand);
  Constant result = operand;
  result.integer = -operand.integer;
  result.scalar = scalars.unary(ScalarOperation::negate, operand.scalar);
  return result;
}

ConstantResult binary(ScalarTable& scalars, ast::BinaryOperator op, const Constant& left,
                      const Constant& right) {
  using Kind = Constant::Kind;
  const bool equality = op == ast::BinaryOperator::equal || op == ast::BinaryOperator::not_equal;
  if (equality && left.kind == Kind::boolean && right.kind == Kind::boolean) {
    return make_boolean(compare(op, left.boolean, right.boolean));
  }
  if (!left.is_number()) return wants_number(scalars, spelling(op), left);
  if (!right.is_number()) return wants_number(scalars, spelling(op), right);
  if (is_comparison(op)) {
    return make_boolean(compare(op, scalars.value(left.scalar), scalars.value(right.scalar)));
  }
  const bool integers = left.kind == Kind::integer && right.kind == Kind::integer;
  const bool negative_power = op == ast::BinaryOperator::power && right.integer < 0;
  if (integers && op != ast::BinaryOperator::divide && !negative_power) {
    return integer_arithmetic(scalars, op, left, right);
  }
  return real_or_error(
      scalars, scalars.binary(scalar_operation(op), left.scalar, right.scalar),
      fmt::format("{} {} {}", value_text(scalars, left), spelling(op), value_text(scalars, right)));
}

ConstantResult call(ScalarTable& scalars, ConstantFunction function, const Constant& operand) {
  static constexpr std::string_view names[] = {"sqrt", "exp", "log", "tanh"};
  static constexpr ScalarOperation operations[] = {ScalarOperation::sqrt, ScalarOperation::exp,
                                                   ScalarOperation::log, ScalarOperation::tanh};
  const auto index = static_cast<std::size_t>(function);
  if (!operand.is_number()) return wants_number(scalars, names[index], operand);
  return real_or_error(scalars, scalars.unary(operations[index], operand.scalar),
                       fmt::format("{}({})", names[index], value_text(scalars, operand)));
}

ConstantResult activate(ScalarTable& scalars, Builtin activation, const Constant& operand,
                        const std::vector<ArgumentValue>& parameters) {
  if (!operand.is_number()) return wants_number(scalars, info(activation).name, operand);
  const ScalarId z = operand.scalar;
  Constant result = operand;  // abs, relu and identity of an integer are integers
  switch (activation) {
    case Builtin::identity:
      return result;
    case Builtin::abs:
      result.integer = std::abs(operand.integer);
      result.scalar = scalars.unary(ScalarOperation::abs, z);
      return result;
    case Builtin::relu:
      result.integer = std::max<std::int64_t>(operand.integer, 0);
      result.scalar = leaky_relu(scalars, z, scalars.literal(0));
      return result;
    case Builtin::leaky_relu:
      result.scalar = leaky_relu(scalars, z, std::get<ScalarId>(parameters.at(0)));
      break;
    case Builtin::erf:
      result.scalar = scalars.unary(ScalarOperation::erf, z);
      break;
    case Builtin::gelu:
      result.scalar = gelu(scalars, z);
      break;
    case Builtin::sin:
      result.scalar = scalars.unary(ScalarOperation::sin, z);
      break;
    case Builtin::cos:
      result.scalar = scalars.unary(ScalarOperation::cos, z);
      break;
    case Builtin::dense:
      throw std::logic_error("`dense` is no activation");
  }
  return real_or_error(scalars, result.scalar,
                       fmt::format("{}({})", info(activation).name, value_text(scalars, operand)));
}

std::string describe(const ScalarTable& scalars, const Constant& constant) {
  switch (constant.kind) {
    case Constant::Kind::integer:
      return fmt::format("the integer {}", constant.integer);
    case Constant::Kind::real:
      return fmt::format("the real {}", scalars.value(constant.scalar));
    case Constant::Kind::boolean:
      return fmt::format("the boolean {}", constant.boolean);
  }
  throw std::logic_error("a constant of no kind");
}

std::string_view spelling(ast::BinaryOperator op) {
  static constexpr std::string_view spellings[] = {"+", "-", "*", "/", "^", "==", "!=", "<", "<=", ">", ">="};
  return spellings[static_cast<std::size_t>(op)];
}

}  // namespace ntkc::layer_graph
