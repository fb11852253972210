// Tables from a file that is open already.
#pragma once

#include "ntkc/table_file.hpp"
#include "runtime/data/byte_source.hpp"

namespace ntkc {

/// As read_csv of a path.
Table read_table(data::ByteSource& source, const TableOptions& options);

}  // namespace ntkc
