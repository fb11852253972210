#include "ntkc/table_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <new>
#include <optional>
#include <stdexcept>
#include <unordered_map>

#include "ntkc/errors.hpp"
#include "ntkc/printable.hpp"
#include "runtime/data/byte_source.hpp"
#include "runtime/data/csv_reader.hpp"
#include "runtime/data/memory_limit.hpp"
#include "runtime/data/npy_header.hpp"
#include "runtime/data/utf8.hpp"

namespace ntkc {

namespace {

using data::ByteSource;

/// A field as a finite number, blanks around it and a leading + allowed. A magnitude below the smallest
/// double is 0.
std::optional<double> parse_number(std::string_view field) {
  const std::size_t begin = field.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return std::nullopt;
  field = field.substr(begin, field.find_last_not_of(" \t") - begin + 1);
  if (field.starts_with('+') && !field.starts_with("+-")) field.remove_prefix(1);
  const char* const start = field.data();
  const char* const end = start + field.size();
  double value = 0;
  auto [rest, error] = std::from_chars(start, end, value);
  if (error == std::errc::result_out_of_range && rest == end) {
    // The standard does not say which way it left the range; the wider type does, and if it cannot, the
    // digits are hostile rather than data.
    long double wide = 0;
    error = std::from_chars(start, end, wide).ec;
    if (error != std::errc() || std::fabs(wide) >= 1) return std::nullopt;
    value = std::signbit(wide) ? -0.0 : 0.0;
  }
  if (error != std::errc() || rest != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::int64_t line_of(std::string_view text, std::size_t offset) {
  return 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n');
}

/// Looks at a text while it arrives: what is no UTF-8 text is read no further than to the first byte that says so.
class TextChecker {
 public:
  explicit TextChecker(const std::string& name) : name_(name) {}

  /// `text` is all that there is so far, `complete` whether nothing follows.
  void check(std::string_view text, bool complete) {
    while (checked_ < text.size()) {
      const std::string_view rest = text.substr(checked_, longest_sequence);
      const std::size_t length = data::utf8_sequence(rest);
      if (length == 0 && rest.size() < longest_sequence && !complete) return;  // more of it may come
      if (length == 0) {
        throw InputError(fmt::format(
            "{}:{}: byte {:#04x} is not UTF-8; convert the file, for example with `iconv -f latin1 -t utf-8`",
            name_, line_of(text, checked_), static_cast<unsigned>(static_cast<unsigned char>(rest[0]))));
      }
      if (rest[0] == '\0') {
        throw InputError(
            fmt::format("{}:{}: a NUL byte; the file is no CSV text (or is UTF-16: convert it to UTF-8)",
                        name_, line_of(text, checked_)));
      }
      checked_ += length;
    }
  }

 private:
  static constexpr std::size_t longest_sequence = 4;
  const std::string& name_;
  std::size_t checked_ = 0;
};

std::string read_text(ByteSource& source) {
  constexpr std::size_t step = std::size_t{1} << 16;
  // The text and the numbers in it are in memory together.
  const std::uint64_t most = data::memory_limit() / 2;
  const bool known = source.exact_size();
  std::string text;
  TextChecker checker(source.name());
  if (known && source.largest_size() <= most) text.reserve(source.largest_size() + step);
  while (true) {
    const std::size_t held = text.size();
    if (held > most || (known && source.largest_size() > most)) {
      source.fail(fmt::format("is larger than half of the memory that there is ({}); use fewer rows",
                              data::byte_text(2 * most)));
    }
    text.resize(held + step);
    const std::size_t received = source.read(text.data() + held, step);
    text.resize(held + received);
    checker.check(text, received < step);
    if (received < step) return text;
  }
}

std::vector<Column> read_header(const data::CsvRecord& header, const std::string& name) {
  std::vector<Column> columns;
  std::unordered_map<std::string_view, std::size_t> seen;
  for (const std::string_view field : header.fields) {
    const std::size_t number = columns.size() + 1;
    if (field.find_first_not_of(" \t") == std::string_view::npos) {
      throw InputError(fmt::format("{}:{}: column {} has no name; the first line must name every column",
                                   name, header.line, number));
    }
    const auto [other, is_new] = seen.emplace(field, number);
    if (!is_new) {
      throw InputError(
          fmt::format("{}:{}: columns {} and {} are both named `{}`; give each a name of its own", name,
                      header.line, other->second, number, shown(field)));
    }
    Column& column = columns.emplace_back();
    column.name = field;
    column.numeric = true;  // until a field says otherwise
  }
  return columns;
}

void take_field(Column& column, std::string_view field, std::int64_t line) {
  if (const std::optional<double> number = parse_number(field)) {
    ++column.numeric_fields;
    if (column.numeric) column.numbers.push_back(*number);
  } else if (column.numeric) {
    column.numeric = false;
    column.numbers = {};
    column.first_text_line = line;
    column.first_text = field;
  }
}

/// A second reading for the columns that turned out not to be numeric: keeping every field until that is
/// known would take many times the memory of the numbers.
void fill_texts(Table& table, const std::string& text) {
  std::vector<std::size_t> wanted;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].numeric) continue;
    wanted.push_back(i);
    table.columns[i].texts.reserve(table.lines.size());
  }
  if (wanted.empty()) return;
  data::CsvReader reader(text, table.path);
  data::CsvRecord record;
  reader.next(record);  // the header
  while (reader.next(record)) {
    for (const std::size_t i : wanted) table.columns[i].texts.emplace_back(record.fields[i]);
  }
}

Table parse_table(const std::string& text, const std::string& name) {
  data::CsvReader reader(text, name);
  data::CsvRecord record;
  if (!reader.next(record))
    throw InputError(fmt::format("{}: is empty; the first line must name the columns", name));
  Table table;
  table.path = name;
  table.columns = read_header(record, name);
  const std::size_t width = table.columns.size();
  while (reader.next(record)) {
    if (record.fields.size() != width) {
      throw InputError(
          fmt::format("{}:{}: {} field{} where the header names {} column{}; every row must have as many",
                      name, record.line, record.fields.size(), record.fields.size() == 1 ? "" : "s", width,
                      width == 1 ? "" : "s"));
    }
    for (std::size_t i = 0; i < width; ++i) take_field(table.columns[i], record.fields[i], record.line);
    table.lines.push_back(record.line);
  }
  table.rows = static_cast<std::int64_t>(table.lines.size());
  fill_texts(table, text);
  return table;
}

}  // namespace

const Column* Table::find(std::string_view name) const {
  const auto column =
      std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return c.name == name; });
  return column == columns.end() ? nullptr : &*column;
}

Table read_csv(const std::string& path, const std::string& remedy) {
  ByteSource source(path);
  if (data::looks_like_array(source.peek()))
    source.fail("is not a CSV table but an array file (.npy, .npz or IDX); " + remedy);
  try {
    const std::string text = read_text(source);
    return parse_table(text, source.name());
  } catch (const std::bad_alloc&) {
    source.fail("not enough memory for this table; use fewer rows");
  }
}

const std::vector<double>& require_numeric(const Table& table, const Column& column) {
  if (column.numeric) return column.numbers;
  const std::string seen =
      column.first_text.empty() ? "is empty" : fmt::format("holds `{}`", shown(column.first_text));
  throw InputError(fmt::format(
      "{}:{}: column `{}` {} where a finite number is needed ({} of its {} fields are numbers); correct "
      "it or remove the row",
      table.path, column.first_text_line, shown(column.name), seen, column.numeric_fields, table.rows));
}

}  // namespace ntkc
