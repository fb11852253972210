#include "runtime/data/libsvm.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "ntkc/errors.hpp"
#include "ntkc/printable.hpp"
#include "runtime/data/byte_source.hpp"
#include "runtime/data/csv_reader.hpp"
#include "runtime/data/memory_limit.hpp"
#include "runtime/data/table_fields.hpp"

namespace ntkc::data {

namespace {

struct Entry {
  std::size_t index;  ///< counted from 1
  std::size_t row;
  double value;
};

struct Lines {
  std::vector<double> labels;
  std::vector<Entry> entries;
  std::vector<std::int64_t> numbers;  ///< of the lines
  std::size_t features = 0;
};

[[noreturn]] void refuse(const std::string& name, std::int64_t line, const std::string& what) {
  throw InputError(fmt::format("{}:{}: {}", name, line, what));
}

void take_line(const CsvRecord& record, const std::string& name, Lines& lines) {
  const auto label = parse_number(record.fields.front());
  if (!label)
    refuse(name, record.line,
           fmt::format("the label `{}` of a LIBSVM line is not a number", shown(record.fields.front())));
  const std::size_t row = lines.labels.size();
  lines.labels.push_back(*label);
  lines.numbers.push_back(record.line);
  int last = 0;
  for (std::size_t i = 1; i < record.fields.size(); ++i) {
    const std::string_view field = record.fields[i];
    if (field.starts_with('#')) break;
    const std::size_t colon = std::min(field.find(':'), field.size());
    const auto index = parse_count(field.substr(0, colon));
    const auto value = colon < field.size() ? parse_number(field.substr(colon + 1)) : std::nullopt;
    if (!index || !value)
      refuse(name, record.line, fmt::format("`{}` is not index:value with an index from 1 on", shown(field)));
    if (*index <= last)
      refuse(name, record.line,
             fmt::format("index {} after {}: indices begin with 1 and increase in every line", *index, last));
    last = *index;
    lines.features = std::max(lines.features, static_cast<std::size_t>(*index));
    lines.entries.push_back({static_cast<std::size_t>(*index), row, *value});
  }
}

Column numbers(std::string name, std::vector<double> values) {
  Column column;
  column.name = std::move(name);
  column.numeric = true;
  column.numeric_fields = static_cast<std::int64_t>(values.size());
  column.numbers = std::move(values);
  return column;
}

}  // namespace

Table read_libsvm(const std::string& text, const std::string& name) {
  CsvReader reader(text, name, blanks);
  CsvRecord record;
  Lines lines;
  while (reader.next(record))
    if (!record.fields.front().empty() && !record.fields.front().starts_with('#'))
      take_line(record, name, lines);
  const std::size_t rows = lines.labels.size();
  // The columns, each with its name, and the matrix that they become.
  const double bytes = (2.0 * sizeof(double) * static_cast<double>(rows) + sizeof(Column)) *
                       static_cast<double>(lines.features);
  if (bytes > static_cast<double>(memory_limit()))
    throw InputError(fmt::format(
        "{}: {} rows of {} features take {} as a dense matrix, and there are {} of memory; "
        "use fewer rows or features",
        name, rows, lines.features, byte_text(static_cast<std::uint64_t>(bytes)), byte_text(memory_limit())));
  Table table;
  table.path = name;
  table.header = false;
  table.libsvm = true;
  table.rows = static_cast<std::int64_t>(rows);
  table.lines = std::move(lines.numbers);
  table.columns.push_back(numbers("label", std::move(lines.labels)));
  for (std::size_t j = 1; j <= lines.features; ++j)
    table.columns.push_back(numbers(fmt::format("{}", j), std::vector<double>(rows)));
  for (const Entry& entry : lines.entries) table.columns[entry.index].numbers[entry.row] = entry.value;
  table.notes.push_back(
      fmt::format("a LIBSVM file: the columns are called label and 1 to {}", lines.features));
  return table;
}

}  // namespace ntkc::data
