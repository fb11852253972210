// Tables as text, UTF-8: CSV by RFC 4180, also divided by semicolons, tabs or blanks, with a point or a comma in
// numbers, with or without a header line; and LIBSVM files. Compressed with gzip or zstd or not.
//
// Both ends of line are read, a byte order mark and empty lines at the end are tolerated. Blanks around a field
// that is not quoted are not part of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ntkc/output_file.hpp"

#pragma GCC visibility push(default)
namespace ntkc {

enum class TableHeader : std::uint8_t { automatic, yes, no };
enum class DecimalSign : std::uint8_t { automatic, point, comma };

/// How a table is written. What is not said is found out from its text; where that leaves two readings, the
/// table is refused, and the message says which of these to give.
struct TableOptions {
  std::optional<char> separator = {};  ///< ' ' means any number of blanks and tabs
  TableHeader header = TableHeader::automatic;
  DecimalSign decimal = DecimalSign::automatic;
};

/// A column holds numbers if every field is a finite number in C notation ("-1.5e3", "+2"; with a decimal comma
/// "1,5"), else texts as they are in the file. A column without rows counts as numeric.
struct Column {
  std::string name;
  bool numeric = false;
  std::vector<double> numbers;     ///< one per row if numeric, else empty
  std::vector<std::string> texts;  ///< one per row unless numeric, else empty
  /// Why the column is not numeric, so that one `nan` among a thousand numbers can be pointed at
  /// (require_numeric).
  std::int64_t numeric_fields = 0;
  std::int64_t missing_fields = 0;   ///< empty, `?`, `NA` and the like (is_missing)
  std::int64_t first_text_line = 0;  ///< of the first field that is not a finite number; 0 if there is none
  std::string first_text;            ///< that field
};

struct Table {
  std::string path;  ///< as messages name it; empty if the table was not read from a file
  std::vector<Column> columns;
  std::int64_t rows = 0;
  std::vector<std::int64_t> lines;  ///< the line of the file each row starts in, counted from 1
  bool header = true;               ///< else the columns are called 1, 2, 3, …
  bool decimal_comma = false;
  bool libsvm = false;             ///< the columns are `label`, 1, 2, …; what no line states is 0
  std::vector<std::string> notes;  ///< how it was read, where that is not plain CSV

  /// Null if there is no such column.
  [[nodiscard]] const Column* find(std::string_view name) const;
};

/// Reads a table; "-" is standard input. Throws InputError `path:line: …` for whatever is not a table. A table of
/// zero rows passes. Two columns of one name and a column without a name are errors, but for a first column without a
/// name, the index that pandas and R write, and for empty columns without one: they are left out, with a note.
Table read_csv(const std::string& path, const TableOptions& options = {});

/// Whether a field says that its value is missing: empty, `?`, `NA`, `NaN`, `null` and the like.
bool is_missing(std::string_view field);
/// A field as a finite number.
std::optional<double> number_of(std::string_view field, bool decimal_comma);

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
#pragma GCC visibility pop
