#include "runtime/data/table_builder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <unordered_map>
#include <utility>

#include "ntkc/errors.hpp"
#include "ntkc/printable.hpp"
#include "runtime/data/csv_reader.hpp"
#include "runtime/data/table_fields.hpp"
#include "runtime/data/table_layout.hpp"

namespace ntkc::data {

namespace {

constexpr std::string_view blank_characters = " \t";

std::string trimmed(std::string_view field) {
  const std::size_t begin = std::min(field.find_first_not_of(blank_characters), field.size());
  return std::string(field.substr(begin, field.find_last_not_of(blank_characters) + 1 - begin));
}

/// 0, 1, 2, … or 1, 2, 3, …
bool counts_rows(const Column& column) {
  if (!column.numeric || column.numbers.empty()) return false;
  const double first = column.numbers.front();
  if (first != 0 && first != 1) return false;
  for (std::size_t i = 0; i < column.numbers.size(); ++i)
    if (column.numbers[i] != first + static_cast<double>(i)) return false;
  return true;
}

/// Where the first number with a comma is, and the first with a point.
struct DecimalSigns {
  std::int64_t comma_line = 0;
  std::string comma_field;
  std::int64_t point_line = 0;
  std::string point_field;
  bool certain = false;  ///< there is a comma that cannot be between thousands
};

/// Takes records one after the other into columns.
class TableBuilder {
 public:
  TableBuilder(const std::string& text, const std::string& name, const TableOptions& options)
      : text_(text), options_(options), layout_(detect_layout(text, name, options)) {
    table_.path = name;
    comma_ = options.decimal == DecimalSign::comma ||
             (options.decimal == DecimalSign::automatic && layout_.separator != ',');
  }

  Table build() {
    CsvReader reader(text_, table_.path, layout_.separator);
    CsvRecord record;
    if (!reader.next(record))
      throw InputError(fmt::format("{}: is empty; a table was expected", table_.path));
    bool more = true;
    if (layout_.counts) more = reader.next(record);
    if (layout_.header) {
      read_header(record);
      more = reader.next(record);
    }
    if (!layout_.header) number_columns(record.fields.size());
    for (; more; more = reader.next(record)) take_record(record);
    table_.rows = static_cast<std::int64_t>(table_.lines.size());
    decide_decimal_sign();
    fill_texts();
    if (!layout_.class_names.empty()) name_classes();
    leave_out_unnamed();
    describe();
    return std::move(table_);
  }

 private:
  void read_header(const CsvRecord& header) {
    if (layout_.row_names) table_.columns.emplace_back().numeric = true;
    std::unordered_map<std::string, std::size_t> seen;
    for (const std::string_view field : header.fields) {
      const std::size_t number = table_.columns.size() + 1;
      Column& column = table_.columns.emplace_back();
      column.name = trimmed(field);
      column.numeric = true;  // until a field says otherwise
      if (column.name.empty()) continue;
      const auto [other, is_new] = seen.emplace(column.name, number);
      if (!is_new) {
        throw InputError(
            fmt::format("{}:{}: columns {} and {} are both named `{}`; give each a name of its own{}",
                        table_.path, header.line, other->second, number, shown(column.name),
                        parse_number(field) ? ", or say --header=no if this line is data" : ""));
      }
    }
    header_line_ = header.line;
  }

  void number_columns(std::size_t count) {
    table_.header = false;
    for (std::size_t i = 0; i < count; ++i) {
      Column& column = table_.columns.emplace_back();
      column.name = fmt::format("{}", i + 1);
      column.numeric = true;
    }
    if (layout_.counts) table_.columns.back().name = "target";
  }

  void take_record(const CsvRecord& record) {
    const std::size_t width = table_.columns.size();
    if (record.fields.size() != width) {
      const bool other_separator = !options_.separator && layout_.separator != ',';
      throw InputError(
          fmt::format("{}:{}: {} where {} {}; every row must have as many{}", table_.path, record.line,
                      counted(static_cast<std::int64_t>(record.fields.size()), "field"),
                      table_.header ? "the header names" : "the first row has",
                      counted(static_cast<std::int64_t>(width), "column"),
                      other_separator ? fmt::format(" (read as divided by {}; --separator says otherwise)",
                                                    separator_name(layout_.separator))
                                      : ""));
    }
    for (std::size_t i = 0; i < width; ++i) take_field(table_.columns[i], record.fields[i], record.line);
    table_.lines.push_back(record.line);
  }

  void take_field(Column& column, std::string_view field, std::int64_t line) {
    std::optional<double> number = parse_number(field);
    if (number) {
      if (comma_ && signs_.point_line == 0 && field.find('.') != std::string_view::npos) {
        signs_.point_line = line;
        signs_.point_field = field;
      }
    } else if (comma_) {
      number = parse_comma_number(field);
      if (number && signs_.comma_line == 0) {
        signs_.comma_line = line;
        signs_.comma_field = field;
      }
      if (number && !may_group_thousands(field)) signs_.certain = true;
    }
    if (number) {
      ++column.numeric_fields;
      if (column.numeric) column.numbers.push_back(*number);
      return;
    }
    if (is_missing(field)) ++column.missing_fields;
    if (!column.numeric) return;
    column.numeric = false;
    column.numbers = {};
    column.first_text_line = line;
    column.first_text = field;
  }

  /// A comma is a decimal one for the whole table or for no field of it.
  void decide_decimal_sign() {
    table_.decimal_comma = options_.decimal == DecimalSign::comma;
    if (signs_.comma_line == 0 || options_.decimal != DecimalSign::automatic) return;
    if (signs_.point_line != 0)
      throw InputError(fmt::format(
          "{}:{}: `{}` has a decimal comma and `{}` in line {} a decimal point; say --decimal=comma or "
          "--decimal=point",
          table_.path, signs_.comma_line, shown(signs_.comma_field), shown(signs_.point_field),
          signs_.point_line));
    if (!signs_.certain)
      throw InputError(
          fmt::format("{}:{}: whether `{}` has a decimal comma or one between thousands is not clear; say "
                      "--decimal=comma or --decimal=point",
                      table_.path, signs_.comma_line, shown(signs_.comma_field)));
    table_.decimal_comma = true;
  }

  /// A second reading for the columns that turned out not to be numeric: keeping every field until that is
  /// known would take many times the memory of the numbers.
  void fill_texts() {
    std::vector<std::size_t> wanted;
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
      if (table_.columns[i].numeric) continue;
      wanted.push_back(i);
      table_.columns[i].texts.reserve(table_.lines.size());
    }
    if (wanted.empty()) return;
    CsvReader reader(text_, table_.path, layout_.separator);
    CsvRecord record;
    if (layout_.counts) reader.next(record);
    if (layout_.header) reader.next(record);
    while (reader.next(record)) {
      for (const std::size_t i : wanted) table_.columns[i].texts.emplace_back(record.fields[i]);
    }
  }

  /// The last column holds numbers 0, 1, … of classes that the first line names.
  void name_classes() {
    Column& last = table_.columns.back();
    const auto classes = static_cast<double>(layout_.class_names.size());
    if (!last.numeric || !std::ranges::all_of(last.numbers, [&](double number) {
          return number == std::floor(number) && number >= 0 && number < classes;
        }))
      return;
    for (const double number : last.numbers)
      last.texts.push_back(layout_.class_names[static_cast<std::size_t>(number)]);
    last.numeric = false;
    last.numbers = {};
    last.numeric_fields = 0;
    last.first_text_line = table_.lines.front();
    last.first_text = last.texts.front();
  }

  void leave_out_unnamed() {
    std::vector<Column> kept;
    for (std::size_t i = 0; i < table_.columns.size(); ++i) {
      Column& column = table_.columns[i];
      const bool unnamed = column.name.empty();
      const bool empty = unnamed && i > 0 && column.missing_fields == table_.rows && table_.rows > 0;
      const bool index = i == 0 && (unnamed || (column.name == "Unnamed: 0" && counts_rows(column)));
      if (index || empty) {
        table_.notes.push_back(fmt::format(
            "column {} is left out: {}", i + 1,
            index ? "it has no name, the index of the rows" : "it has neither a name nor values"));
        continue;
      }
      if (unnamed)
        throw InputError(fmt::format("{}:{}: column {} has no name; the first line must name every column",
                                     table_.path, header_line_, i + 1));
      kept.push_back(std::move(column));
    }
    table_.columns = std::move(kept);
  }

  /// How columns are called that have no names, and what comes after them.
  static std::string names_text(std::size_t columns, std::string_view further) {
    if (columns == 1 && further.empty()) return "the column is called 1";
    return fmt::format("the columns are called 1{}{}", columns == 1 ? "" : fmt::format(" to {}", columns),
                       further);
  }

  void describe() {
    if (layout_.separator != ',' && !options_.separator)
      table_.notes.push_back(fmt::format("{} divide the columns{}", separator_name(layout_.separator),
                                         table_.decimal_comma ? ", numbers have a decimal comma" : ""));
    if (layout_.counts)
      table_.notes.push_back(
          fmt::format("the first line states counts{}",
                      table_.header ? "" : ": " + names_text(table_.columns.size() - 1, " and target")));
    else if (!table_.header && options_.header == TableHeader::automatic)
      table_.notes.push_back("no header: " + names_text(table_.columns.size(), ""));
  }

  const std::string& text_;
  const TableOptions& options_;
  TableLayout layout_;
  Table table_;
  bool comma_ = false;
  DecimalSigns signs_;
  std::int64_t header_line_ = 1;
};

}  // namespace

Table build_table(const std::string& text, const std::string& name, const TableOptions& options) {
  return TableBuilder(text, name, options).build();
}

}  // namespace ntkc::data
