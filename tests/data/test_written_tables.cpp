// Tables whose content is known, written in every way that programs write them: read back as what they are, or refused
// with a message, and never with a column that is another one.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "ntkc/table_file.hpp"
#include "tests/data/support.hpp"
#include "tests/support/searches.hpp"

using namespace ntkc;
using namespace ntkc::tests;

namespace {

/// `./dev search files` asks for more.
const int cases = count_of_search("NTKC_MUTATIONS", 1000);

struct Content {
  std::vector<std::string> names;
  std::vector<bool> numeric;
  std::vector<std::vector<std::string>> rows;  ///< numbers with a point
};

struct Style {
  std::string separator = ",";
  bool decimal_comma = false;
  bool header = true;
  bool index = false;      ///< a first column without a name
  bool row_names = false;  ///< the same, and the header a field shorter
  bool trailing = false;   ///< an empty column at the end
  bool quoted = false;     ///< all texts in quotes
  bool padded = false;     ///< blanks around the fields
  bool byte_order_mark = false;
  std::string line_end = "\n";
};

using Random = std::mt19937_64;

std::string number(Random& random) {
  switch (random() % 5) {
    case 0:
      return fmt::format("{}", random() % 10);
    case 1:
      return fmt::format("{}", random() % 100000);
    case 2:
      return fmt::format("{:.3f}", static_cast<double>(random() % 20000) / 1000 - 10);
    case 3:
      return fmt::format("{:.18e}", static_cast<double>(random() % 20000) / 777 - 10);
    default:
      return fmt::format("{:.1f}", static_cast<double>(random() % 2000) / 10);
  }
}

Content content(Random& random) {
  static const std::vector<std::string> texts = {"red", "blue", "a b",        "x;y", "1,5",
                                                 "p|q", "?",    "2020-01-31", "é",   "10 %"};
  Content content;
  const std::size_t columns = random() % 6 + 1;
  const std::size_t first_kind = random() % 2;
  for (std::size_t j = 0; j < columns; ++j) {
    content.names.push_back(random() % 5 == 0 ? fmt::format("{} {}", "col", j) : fmt::format("c{}", j));
    content.numeric.push_back(j == 0 ? first_kind == 0 || columns == 1 : random() % 3 != 0);
  }
  if (columns > 1 && first_kind == 1) content.numeric.back() = true;
  const std::size_t rows = random() % 12 + 2;
  for (std::size_t i = 0; i < rows; ++i) {
    std::vector<std::string>& row = content.rows.emplace_back();
    for (std::size_t j = 0; j < columns; ++j)
      row.push_back(content.numeric[j] ? number(random) : texts[random() % texts.size()]);
  }
  return content;
}

Style style(Random& random) {
  static const std::vector<std::string> separators = {",", ";", "\t", " "};
  Style style;
  style.separator = separators[random() % separators.size()];
  style.decimal_comma = style.separator != "," && random() % 3 == 0;
  style.header = random() % 3 != 0;
  style.index = style.header && random() % 5 == 0;
  style.row_names = style.header && !style.index && random() % 6 == 0;
  style.trailing = style.header && style.separator != " " && random() % 8 == 0;
  style.quoted = random() % 3 == 0;
  style.padded = random() % 4 == 0;
  style.byte_order_mark = random() % 8 == 0;
  if (random() % 3 == 0) style.line_end = "\r\n";
  return style;
}

std::string field(std::string text, const Style& style, bool is_number) {
  if (is_number && style.decimal_comma)
    for (char& c : text) c = c == '.' ? ',' : c;
  const bool needs_quotes =
      !is_number && (style.quoted || text.find_first_of(style.separator + " \"") != std::string::npos);
  if (needs_quotes) text = "\"" + text + "\"";
  return style.padded ? " " + text + " " : text;
}

std::string written(const Content& content, const Style& style) {
  std::string text = style.byte_order_mark ? "\xef\xbb\xbf" : "";
  const auto line = [&](const std::string& first, const std::vector<std::string>& fields, bool header) {
    std::string result = first;
    for (std::size_t j = 0; j < fields.size(); ++j)
      result += (j == 0 && first.empty() && !(header && style.index) ? "" : style.separator) +
                field(fields[j], style, !header && content.numeric[j]);
    return result + (style.trailing ? style.separator : "") + style.line_end;
  };
  const bool index = style.index || style.row_names;
  if (style.header) text += line(style.index && style.separator == " " ? "\"\"" : "", content.names, true);
  for (std::size_t i = 0; i < content.rows.size(); ++i)
    text += line(index ? fmt::format("{}", i + 1) : "", content.rows[i], false);
  return text;
}

/// Whether the table is the content, however it names the columns.
std::string difference(const Table& table, const Content& content, const Style& style) {
  if (table.rows != static_cast<std::int64_t>(content.rows.size())) return "rows";
  if (table.columns.size() != content.names.size()) return "columns";
  for (std::size_t j = 0; j < table.columns.size(); ++j) {
    const Column& column = table.columns[j];
    if (column.name != (style.header ? content.names[j] : fmt::format("{}", j + 1)))
      return "the name of a column";
    for (std::size_t i = 0; i < content.rows.size(); ++i) {
      const std::string& wanted = content.rows[i][j];
      if (content.numeric[j] && (!column.numeric || column.numbers[i] != std::stod(wanted)))
        return "a number";
      if (!content.numeric[j] && !column.numeric && column.texts[i] != wanted) return "a text";
      // Texts that are all numbers with a decimal comma may be read as such.
      if (!content.numeric[j] && column.numeric && number_of(wanted, true) != column.numbers[i])
        return "a text as a number";
    }
  }
  return "";
}

}  // namespace

TEST_CASE("a table is read as what it is or refused, in whatever style it is written") {
  const TemporaryDirectory directory;
  Random random(17);
  int read = 0;
  for (int i = 0; i < cases; ++i) {
    CAPTURE(i);
    const Content table = content(random);
    Style how = style(random);
    // "4,264" alone on its lines is two columns to everybody.
    if (table.names.size() == 1 && !how.header) how.decimal_comma = false;
    const std::string text = written(table, how);
    CAPTURE(text);
    const std::string path = directory.write("t", text);
    Table result;
    const std::string refusal = error_of([&] { result = read_csv(path); });
    // Nobody takes lines as a whole for columns.
    const bool whole_lines = result.columns.size() == 1 && !result.columns.front().numeric;
    if (refusal == "no error" && !whole_lines) REQUIRE(difference(result, table, how) == "");
    read += refusal == "no error" ? 1 : 0;
  }
  MESSAGE(cases << " tables, " << read << " read, " << cases - read << " refused");
  CHECK(read > cases / 2);
}

TEST_CASE("a row that lacks a field or has one more is refused, in whatever style") {
  const TemporaryDirectory directory;
  Random random(18);
  for (int i = 0; i < cases; ++i) {
    CAPTURE(i);
    Content table = content(random);
    Style how = style(random);
    how.trailing = false;
    if (table.names.size() < 3 || table.rows.size() < 4) continue;
    std::vector<std::string>& row = table.rows[2 + random() % (table.rows.size() - 2)];
    if (random() % 2 == 0) {
      row.pop_back();
    } else {
      row.push_back("7");
      table.numeric.push_back(true);
    }
    const std::string text = written(table, how);
    CAPTURE(text);
    Table result;
    const std::string refusal = error_of([&] { result = read_csv(directory.write("t", text)); });
    CAPTURE(result.columns.size());
    // Nobody takes lines as a whole for columns.
    const bool whole_lines = result.columns.size() == 1 && !result.columns.front().numeric;
    CHECK((refusal != "no error" || whole_lines));
  }
}
