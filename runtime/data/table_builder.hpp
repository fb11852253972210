// From text to the columns of a table.
#pragma once

#include <string>

#include "ntkc/table_file.hpp"

namespace ntkc::data {

/// Throws InputError.
Table build_table(const std::string& text, const std::string& name, const TableOptions& options);

}  // namespace ntkc::data
