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

std::string value_text(const ScalarTable& scalars, const ConstantValue& number) {
  return number.kind == ConstantValue::Kind::integer ? fmt::format("{}", number.integer)
                                                     : fmt::format("{}", scalars.value(number.scalar));
}

ConstantResult real_or_error(ScalarTable& scalars, ScalarId scalar, const std::string& expression) {
  if (!scalars.is_function(scalar) && !std::isfinite(scalars.value(scalar))) {
    return ConstantError{DiagnosticKind::arithmetic_error,
                         fmt::format("`{}` has no finite value", expression)};
  }
  return ConstantValue{.kind = ConstantValue::Kind::real, .scalar = scalar};
}

ConstantResult integer_arithmetic(ScalarTable& scalars, ast::BinaryOperator op, const ConstantValue& left,
                                  const ConstantValue& right) {
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
  return ConstantValue{.kind = ConstantValue::Kind::integer,
                       .integer = value,
                       .scalar = scalars.binary(scalar_operation(op), left.scalar, right.scalar)};
}

ConstantResult wants_number(const ScalarTable& scalars, std::string_view what, const ConstantValue& seen) {
  return ConstantError{DiagnosticKind::type_mismatch,
                       fmt::format("`{}` needs a number, got {}", what, describe(scalars, seen))};
}

/// What is longer is counted in messages.
constexpr std::size_t most_numbers_told = 6;

std::string describe(const ScalarTable& scalars, const ConstantList& list) {
  const std::size_t count = list.numbers.size();
  if (list.rows != 0) return fmt::format("a matrix of {} x {} numbers", list.rows, count / list.rows);
  if (count > most_numbers_told) return fmt::format("a list of {} numbers", count);
  std::string text;
  for (const ConstantValue& number : list.numbers) {
    text += text.empty() ? "" : ", ";
    text += scalars.is_function(number.scalar) ? "…" : value_text(scalars, number);
  }
  return fmt::format("the list [{}]", text);
}

/// A comparison that is decided when the function is evaluated.
ConstantValue condition(ast::BinaryOperator op, ScalarId left, ScalarId right) {
  using Relation = Condition::Relation;
  if (op == ast::BinaryOperator::greater || op == ast::BinaryOperator::greater_equal) std::swap(left, right);
  const bool is_strict = op == ast::BinaryOperator::less || op == ast::BinaryOperator::greater;
  const Relation relation = op == ast::BinaryOperator::equal       ? Relation::equal
                            : op == ast::BinaryOperator::not_equal ? Relation::not_equal
                            : is_strict                            ? Relation::less
                                                                   : Relation::less_equal;
  return {.kind = ConstantValue::Kind::condition, .condition = {relation, left, right}};
}

/// where(condition, then, else)
ConstantResult select(ScalarTable& scalars, const std::vector<ConstantValue>& operands) {
  using Kind = ConstantValue::Kind;
  const ConstantValue& chooser = operands[0];
  if (chooser.kind != Kind::boolean && chooser.kind != Kind::condition) {
    return ConstantError{
        DiagnosticKind::type_mismatch,
        fmt::format("`where` needs a condition such as `z > 0`, got {}", describe(scalars, chooser))};
  }
  for (std::size_t i = 1; i < 3; ++i) {
    if (!operands[i].is_number()) return wants_number(scalars, "where", operands[i]);
  }
  if (chooser.kind == Kind::boolean) return chooser.boolean ? operands[1] : operands[2];
  return ConstantValue{.kind = Kind::real,
                       .scalar = scalars.select(chooser.condition, operands[1].scalar, operands[2].scalar)};
}

/// abs, min, max and sign of integers; nothing for other functions.
std::optional<std::int64_t> integer_function(ScalarOperation operation,
                                             const std::vector<ConstantValue>& operands) {
  if (!std::ranges::all_of(operands, [](const ConstantValue& operand) {
        return operand.kind == ConstantValue::Kind::integer;
      })) {
    return std::nullopt;
  }
  const std::int64_t a = operands[0].integer;
  switch (operation) {
    case ScalarOperation::abs:
      return std::abs(a);
    case ScalarOperation::sign:
      return static_cast<std::int64_t>(a > 0) - static_cast<std::int64_t>(a < 0);
    case ScalarOperation::minimum:
      return std::min(a, operands[1].integer);
    case ScalarOperation::maximum:
      return std::max(a, operands[1].integer);
    default:
      return std::nullopt;
  }
}

}  // namespace

const std::vector<ElementaryFunction>& elementary_functions() {
  static const std::vector<ElementaryFunction> functions = [] {
    std::vector<ElementaryFunction> result;
    for (const ScalarOperation operation : elementary::operations) {
      const elementary::OperationInfo& known = elementary::info(operation);
      if (known.use == elementary::Use::language)
        result.push_back({known.name, operand_count(operation), operation});
    }
    result.push_back({"where", 3, ScalarOperation::select_less});
    return result;
  }();
  return functions;
}

const ElementaryFunction* find_elementary_function(std::string_view name) {
  const auto& functions = elementary_functions();
  const auto found = std::ranges::find(functions, name, &ElementaryFunction::name);
  return found == functions.end() ? nullptr : &*found;
}

ConstantValue make_integer(ScalarTable& scalars, std::int64_t value) {
  return {.kind = ConstantValue::Kind::integer,
          .integer = value,
          .scalar = scalars.literal(static_cast<double>(value))};
}

ConstantValue make_real(ScalarTable& scalars, double value) {
  return {.kind = ConstantValue::Kind::real, .scalar = scalars.literal(value)};
}

ConstantValue make_boolean(bool value) { return {.kind = ConstantValue::Kind::boolean, .boolean = value}; }

ConstantValue make_list(ConstantList list) {
  return {.kind = ConstantValue::Kind::list, .list = std::make_shared<const ConstantList>(std::move(list))};
}

bool operator==(const ConstantValue& left, const ConstantValue& right) {
  if (left.kind != right.kind) return false;
  if (left.kind == ConstantValue::Kind::list) return left.list == right.list || *left.list == *right.list;
  return left.integer == right.integer && left.boolean == right.boolean && left.scalar == right.scalar &&
         left.condition == right.condition;
}

ConstantResult negate(ScalarTable& scalars, const ConstantValue& operand) {
  if (!operand.is_number()) return wants_number(scalars, "-", operand);
  ConstantValue result = operand;
  result.integer = -operand.integer;
  result.scalar = scalars.negative(operand.scalar);
  return result;
}

ConstantResult binary(ScalarTable& scalars, ast::BinaryOperator op, const ConstantValue& left,
                      const ConstantValue& right) {
  using Kind = ConstantValue::Kind;
  const bool equality = op == ast::BinaryOperator::equal || op == ast::BinaryOperator::not_equal;
  if (equality && left.kind == Kind::boolean && right.kind == Kind::boolean) {
    return make_boolean(compare(op, left.boolean, right.boolean));
  }
  if (!left.is_number()) return wants_number(scalars, spelling(op), left);
  if (!right.is_number()) return wants_number(scalars, spelling(op), right);
  if (is_comparison(op)) {
    if (scalars.is_function(left.scalar) || scalars.is_function(right.scalar)) {
      return condition(op, left.scalar, right.scalar);
    }
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

ConstantResult call(ScalarTable& scalars, const ElementaryFunction& function,
                    const std::vector<ConstantValue>& operands) {
  if (function.operation == ScalarOperation::select_less) return select(scalars, operands);
  for (const ConstantValue& operand : operands) {
    if (!operand.is_number()) return wants_number(scalars, function.name, operand);
  }
  const ScalarId scalar = operands.size() == 1
                              ? scalars.unary(function.operation, operands[0].scalar)
                              : scalars.binary(function.operation, operands[0].scalar, operands[1].scalar);
  if (const auto integer = integer_function(function.operation, operands)) {
    return ConstantValue{.kind = ConstantValue::Kind::integer, .integer = *integer, .scalar = scalar};
  }
  std::string arguments;
  for (const ConstantValue& operand : operands) {
    arguments += (arguments.empty() ? "" : ", ") + value_text(scalars, operand);
  }
  return real_or_error(scalars, scalar, fmt::format("{}({})", function.name, arguments));
}

std::string describe(const ScalarTable& scalars, const ConstantValue& constant) {
  switch (constant.kind) {
    case ConstantValue::Kind::integer:
      return fmt::format("the integer {}", constant.integer);
    case ConstantValue::Kind::real:
      if (scalars.is_function(constant.scalar)) return "a function of the activation's argument";
      return fmt::format("the real {}", scalars.value(constant.scalar));
    case ConstantValue::Kind::condition:
      return "a condition on the activation's argument";
    case ConstantValue::Kind::boolean:
      return fmt::format("the boolean {}", constant.boolean);
    case ConstantValue::Kind::list:
      return describe(scalars, *constant.list);
  }
  throw std::logic_error("a constant of no kind");
}

std::string_view spelling(ast::BinaryOperator op) {
  static constexpr std::string_view spellings[] = {"+", "-", "*", "/", "^", "==", "!=", "<", "<=", ">", ">="};
  return spellings[static_cast<std::size_t>(op)];
}

}  // namespace ntkc::layer_graph
