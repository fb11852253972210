// LIBSVM and SVMlight files: "label index:value index:value …", what is not stated being 0.
#pragma once

#include <string>

#include "ntkc/table_file.hpp"

namespace ntkc::data {

/// A table with the columns `label`, 1, 2, … up to the largest index. Throws InputError.
Table read_libsvm(const std::string& text, const std::string& name);

}  // namespace ntkc::data
