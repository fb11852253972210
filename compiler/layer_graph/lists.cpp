// Lists: numbers in brackets, as constants and as arguments.
#include <fmt/format.h>

#include <utility>

#include "compiler/layer_graph/elaborator.hpp"

namespace ntkc::layer_graph {
namespace {

/// The numbers that an item brings to its list.
std::size_t length(const ConstantValue& item) {
  return item.kind == ConstantValue::Kind::list ? item.list->numbers.size() : 1;
}

}  // namespace

Value Elaborator::evaluate_list(const ast::List& list, SourceRange range) {
  if (list.items.empty()) {
    return fail(DiagnosticKind::argument_out_of_range, range, "a list has at least one number, got none");
  }
  std::vector<ConstantValue> items;
  bool good = true;
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    const Value item = evaluate(list.items[i]);
    good = !std::holds_alternative<Erroneous>(item) &&
           check_item(list, i, item, items.empty() ? nullptr : items.data()) && good;
    if (good) items.push_back(std::get<ConstantValue>(item));
  }
  if (!good) return Erroneous{};
  const std::size_t count = items.size() * length(items[0]);
  if (count > limits_.list_numbers) {
    return fail(DiagnosticKind::list_too_long, range,
                fmt::format("a list of {} numbers, the limit is {}", count, limits_.list_numbers));
  }
  if (items[0].is_number()) return make_list({.numbers = std::move(items)});
  ConstantList matrix{.numbers = {}, .rows = items.size()};
  for (const ConstantValue& row : items)
    matrix.numbers.insert(matrix.numbers.end(), row.list->numbers.begin(), row.list->numbers.end());
  return make_list(std::move(matrix));
}

bool Elaborator::check_item(const ast::List& list, std::size_t index, const Value& item,
                            const ConstantValue* first) {
  const SourceRange range = expression(list.items[index]).range;
  const auto* constant = std::get_if<ConstantValue>(&item);
  if (constant == nullptr) {
    fail(DiagnosticKind::not_constant, range, fmt::format("a list holds numbers, got {}", describe(item)),
         std::vector<Note>{}, "`concat(a, b)` joins network values");
    return false;
  }
  const bool is_row = constant->kind == ConstantValue::Kind::list && constant->list->rows == 0;
  if (!constant->is_number() && !is_row) {
    fail(DiagnosticKind::type_mismatch, range,
         fmt::format("a list holds numbers, or lists of numbers as the rows of a matrix, got {}",
                     describe(item)));
    return false;
  }
  if (first == nullptr) return true;
  const std::vector<Note> notes = {{expression(list.items[0]).range,
                                    fmt::format("the first is {}", layer_graph::describe(scalars_, *first))}};
  if (constant->is_number() != first->is_number()) {
    fail(DiagnosticKind::type_mismatch, range,
         fmt::format("a list holds numbers or rows of a matrix, not both, got {}", describe(item)), notes);
    return false;
  }
  if (length(*constant) == length(*first)) return true;
  fail(DiagnosticKind::shape_mismatch, range,
       fmt::format("the rows of a matrix have the same length, got {} and {} numbers", length(*first),
                   length(*constant)),
       notes);
  return false;
}

std::optional<ArgumentValue> Elaborator::read_list(const BuiltinParameter& parameter,
                                                   const ConstantValue& value, ast::ExpressionId id) {
  const bool is_matrix = value.kind == ConstantValue::Kind::list && value.list->rows != 0;
  if (is_matrix != (parameter.rank == 2)) {
    fail(DiagnosticKind::type_mismatch, expression(id).range,
         fmt::format("`{}` is {}, got {}", parameter.name,
                     is_matrix ? "a list of numbers" : "a matrix, a list of rows", describe(value)));
    return std::nullopt;
  }
  const std::vector<ConstantValue> alone = {value};
  const std::vector<ConstantValue>& numbers =
      value.kind == ConstantValue::Kind::list ? value.list->numbers : alone;
  if (!check_length(parameter, numbers.size(), expression(id).range)) return std::nullopt;
  ListArgument list{.numbers = {}, .rows = is_matrix ? value.list->rows : 0};
  for (const ConstantValue& number : numbers) {
    if (!read_single(parameter, number, id)) return std::nullopt;
    list.numbers.push_back(number.scalar);
  }
  return list;
}

std::optional<ArgumentValue> Elaborator::read_numbers(const BuiltinParameter& parameter,
                                                      const std::vector<ast::ExpressionId>& values) {
  ListArgument list;
  bool good = check_length(parameter, values.size(), expression(values.back()).range);
  for (const ast::ExpressionId id : values) {
    const Value value = evaluate(id);
    const auto* constant = std::get_if<ConstantValue>(&value);
    if (constant == nullptr && !std::holds_alternative<Erroneous>(value)) {
      fail(DiagnosticKind::not_constant, expression(id).range,
           fmt::format("`{}` is made of constants, got {}", parameter.name, describe(value)));
    }
    good = constant != nullptr && read_single(parameter, *constant, id) && good;
    if (good) list.numbers.push_back(constant->scalar);
  }
  if (!good) return std::nullopt;
  return list;
}

bool Elaborator::check_length(const BuiltinParameter& parameter, std::size_t length, SourceRange range) {
  if (length <= parameter.longest) return true;
  fail(DiagnosticKind::argument_out_of_range, range,
       fmt::format("`{}` has at most {} numbers, got {}", parameter.name, parameter.longest, length));
  return false;
}

}  // namespace ntkc::layer_graph
