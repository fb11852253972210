// Tables with a header line: CSV by RFC 4180, UTF-8.
//
// Both ends of line are read, a byte order mark and empty lines at the end are tolerated. Blanks are part of
// a field (RFC 4180 §2.4) but do not keep it from being a number.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ntkc/output_file.hpp"

namespace ntkc {

/// A column holds numbers if every field is a finite number in C notation ("-1.5e3", "+2"), else texts as
/// they stand in the file. A column without rows counts as numeric.
struct Column {
  std::string name;
  bool numeric = false;
  std::vector<double> numbers;     ///< one per row if numeric, else empty
  std::vector<std::string> texts;  ///< one per row unless numeric, else empty
  /// Why the column is not numeric, so that one `nan` among a thousand numbers can be pointed at
  /// (require_numeric).
  std::int64_t numeric_fields = 0;
  std::int64_t first_text_line = 0;  ///< of the first field that is not a finite number; 0 if there is none
  std::string first_text;            ///< that field
};

struct Table {
  std::string path;  ///< as messages name it; empty if the table was not read from a file
  std::vector<Column> columns;
  std::int64_t rows = 0;
  std::vector<std::int64_t> lines;  ///< the line of the file each row starts in, counted from 1

  /// Null if there is no such column.
  [[nodiscard]] const Column* find(std::string_view name) const;
};

/// Reads CSV; "-" is standard input. Throws InputError `path:line: …` for whatever is not a table. A table of
/// zero rows passes. Two columns of one name and a column without a name are errors.
/// `remedy` says what to do with an array file instead.
Table read_csv(const std::string& path, const std::string& remedy = "convert it to CSV");

/// The numbers of a column, or InputError naming the line, the column and the first field that is not a
/// finite number.
const std::vector<double>& require_numeric(const Table& table, const Column& column);

/// The shortest decimal that reads back as the same double.
std::string csv_number(double value);
/// Quoted if it has to be.
std::string csv_text(std::string_view text);

/// Header and rows, lines ended by "\n". Each column has `table.rows` numbers or texts (`numeric` says
/// which); `lines` is not looked at. The caller commits.
void write_csv(OutputFile& out, const Table& table);

}  // namespace ntkc
