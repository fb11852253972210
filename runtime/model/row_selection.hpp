// Which rows of a file are taken.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "ntkc/dataset.hpp"

namespace ntkc {

/// Of so many rows those that the options choose, in order: the range, of it what `wanted` keeps, of that the sample.
/// Throws InputError if none is left or the sample is larger than what there is.
std::vector<std::int64_t> select_rows(const std::string& path, std::int64_t rows, const DataOptions& options,
                                      const std::function<bool(std::int64_t)>& wanted = {});

/// Leaves the array these rows.
void keep_rows(NumericArray& array, const std::vector<std::int64_t>& rows);

/// So many rows as select_rows takes, if nothing else is unwanted.
std::int64_t selected_count(std::int64_t rows, const DataOptions& options);

}  // namespace ntkc
