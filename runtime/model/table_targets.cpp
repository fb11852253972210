#include "runtime/model/table_targets.hpp"

#include <fmt/format.h>

#include <limits>
#include <utility>

#include "ntkc/errors.hpp"
#include "ntkc/printable.hpp"

namespace ntkc {

namespace {

template <typename T>
void keep(std::vector<T>& values, const std::vector<std::int64_t>& rows, std::size_t columns) {
  if (values.empty()) return;
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t j = 0; j < columns; ++j)
      std::swap(values[i * columns + j], values[static_cast<std::size_t>(rows[i]) * columns + j]);
  values.resize(rows.size() * columns);
}

/// The numbers of a column, NaN where it holds none.
std::vector<double> numbers_of(const Table& table, Column& column) {
  if (column.numeric) return std::move(column.numbers);
  std::vector<double> numbers;
  for (const std::string& text : column.texts)
    numbers.push_back(
        number_of(text, table.decimal_comma).value_or(std::numeric_limits<double>::quiet_NaN()));
  return numbers;
}

/// Whether what is no number in the column is missing.
bool has_gaps_only(const Table& table, const Column& column) {
  return column.numeric_fields > 0 && column.numeric_fields + column.missing_fields == table.rows;
}

}  // namespace

RawTargets take_targets(Table& table, const std::vector<std::size_t>& columns) {
  RawTargets targets;
  targets.path = table.path;
  targets.decimal_comma = table.decimal_comma;
  targets.lines = table.lines;
  targets.shape = {table.rows};
  Column& first = table.columns[columns.front()];
  targets.first_text_line = first.first_text_line;
  targets.first_text = first.first_text;
  if (columns.size() == 1) {
    targets.source = fmt::format("{}: column `{}`", table.path, shown(first.name));
    targets.name = first.name;
    targets.numeric_fields = first.numeric_fields;
    if (first.numeric || has_gaps_only(table, first)) {
      targets.numbers = numbers_of(table, first);
    } else {
      targets.text = targets.discrete = true;
      targets.texts = std::move(first.texts);
    }
    return targets;
  }
  targets.source = fmt::format("{}: the columns `{}` to `{}`", table.path, shown(first.name),
                               shown(table.columns[columns.back()].name));
  const auto count = columns.size();
  targets.shape.push_back(static_cast<std::int64_t>(count));
  targets.numbers.resize(static_cast<std::size_t>(table.rows) * count);
  for (std::size_t j = 0; j < count; ++j) {
    Column& column = table.columns[columns[j]];
    if (!column.numeric && !has_gaps_only(table, column) && column.missing_fields < table.rows)
      throw InputError(fmt::format("{}:{}: column `{}` holds `{}`; several targets have to be numbers",
                                   table.path, column.first_text_line, shown(column.name),
                                   shown(column.first_text)));
    targets.names.push_back(column.name);
    const std::vector<double> numbers = numbers_of(table, column);
    for (std::size_t i = 0; i < numbers.size(); ++i) targets.numbers[i * count + j] = numbers[i];
  }
  return targets;
}

void keep_rows(RawTargets& targets, const std::vector<std::int64_t>& rows) {
  if (static_cast<std::int64_t>(rows.size()) == targets.rows()) return;
  keep(targets.numbers, rows, static_cast<std::size_t>(targets.columns()));
  keep(targets.texts, rows, 1);
  keep(targets.lines, rows, 1);
  targets.shape.front() = static_cast<std::int64_t>(rows.size());
}

}  // namespace ntkc
