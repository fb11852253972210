#include "ntkc/table_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <new>

#include "ntkc/errors.hpp"
#include "ntkc/printable.hpp"
#include "runtime/data/byte_source.hpp"
#include "runtime/data/foreign_formats.hpp"
#include "runtime/data/libsvm.hpp"
#include "runtime/data/npy_header.hpp"
#include "runtime/data/table_builder.hpp"
#include "runtime/data/table_layout.hpp"
#include "runtime/data/table_source.hpp"
#include "runtime/data/text_file.hpp"

namespace ntkc {

const Column* Table::find(std::string_view name) const {
  const auto column =
      std::find_if(columns.begin(), columns.end(), [&](const Column& c) { return c.name == name; });
  return column == columns.end() ? nullptr : &*column;
}

Table read_csv(const std::string& path, const TableOptions& options) {
  data::ByteSource source(path);
  return read_table(source, options);
}

Table read_table(data::ByteSource& source, const TableOptions& options) {
  const std::string_view start = source.peek();
  if (data::looks_like_array(start))
    source.fail("is not a table but an array file (.npy, .npz or IDX); convert it to CSV");
  if (const std::string foreign = data::foreign_format(start); !foreign.empty()) source.fail(foreign);
  try {
    const std::string text = data::read_text(source);
    if (!options.separator && data::looks_like_libsvm(text)) return data::read_libsvm(text, source.name());
    return data::build_table(text, source.name(), options);
  } catch (const std::bad_alloc&) {
    source.fail("not enough memory for this table; use fewer rows");
  }
}

const std::vector<double>& require_numeric(const Table& table, const Column& column) {
  if (column.numeric) return column.numbers;
  const std::string place =
      fmt::format("{}:{}: column `{}`", table.path, column.first_text_line, shown(column.name));
  const std::string holds =
      column.first_text.empty() ? "is empty" : fmt::format("holds `{}`", shown(column.first_text));
  if (column.missing_fields == table.rows)
    throw InputError(fmt::format("{} has no values; leave it out (--drop)", place));
  if (column.numeric_fields == 0)
    throw InputError(
        fmt::format("{} {}: a column of texts; leave it out (--drop) or take each text as a category "
                    "(--encode=onehot)",
                    place, holds));
  if (column.numeric_fields + column.missing_fields == table.rows)
    throw InputError(
        fmt::format("{} {} where a number is needed ({} of its {} values are missing); say "
                    "--missing=mean or --missing=drop, or leave the column out (--drop)",
                    place, holds, column.missing_fields, table.rows));
  throw InputError(
      fmt::format("{} {} where a finite number is needed ({} of its {} fields are numbers); correct it, "
                  "or leave the column out (--drop)",
                  place, holds, column.numeric_fields, table.rows));
}

}  // namespace ntkc
