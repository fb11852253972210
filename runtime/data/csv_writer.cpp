#include <charconv>
#include <stdexcept>
#include <system_error>

#include "ntkc/table_file.hpp"

namespace ntkc {

std::string csv_number(double value) {
  char digits[32];  // the longest shortest double has 24 characters, "-2.2250738585072014e-308"
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
  if (error != std::errc()) throw std::logic_error("csv_number: buffer too small");
  return {digits, end};
}

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

std::string csv_text(std::string_view text) {
  // Quoted as well: an empty text (alone on a line it would vanish), blanks at the ends (other readers strip
  // them) and what starts like a byte order mark.
  const bool plain = !text.empty() && text.find_first_of(",\"\r\n") == std::string_view::npos &&
                     !is_blank(text.front()) && !is_blank(text.back()) && !text.starts_with("\xef\xbb\xbf");
  if (plain) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

void write_csv(OutputFile& out, const Table& table) {
  const auto rows = static_cast<std::size_t>(table.rows);
  std::string line;
  for (const Column& column : table.columns) {
    if ((column.numeric ? column.numbers.size() : column.texts.size()) != rows) {
      throw std::logic_error("write_csv: column `" + column.name + "` has another length than the table");
    }
    if (!line.empty()) line += ',';
    line += csv_text(column.name);
  }
  out.append(line + '\n');
  for (std::size_t row = 0; row < rows; ++row) {
    line.clear();
    for (const Column& column : table.columns) {
      if (&column != table.columns.data()) line += ',';
      line += column.numeric ? csv_number(column.numbers[row]) : csv_text(column.texts[row]);
    }
    out.append(line += '\n');
  }
}

}  // namespace ntkc
