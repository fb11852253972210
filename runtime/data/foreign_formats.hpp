// Files of other programs, known by their first bytes, so that a message can say what they are.
#pragma once

#include <string>
#include <string_view>

namespace ntkc::data {

/// "is a Parquet file, which ntkc does not read; write it as CSV, …", or "" for what is none of those known.
std::string foreign_format(std::string_view start);

}  // namespace ntkc::data
