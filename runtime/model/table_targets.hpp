// Targets as columns of a table.
#pragma once

#include <cstdint>
#include <vector>

#include "ntkc/dataset.hpp"

namespace ntkc {

/// Takes the values of one column, or the numbers of several; the table keeps its other columns. Several columns of
/// which one holds texts, or lacks a value, are an InputError unless `gaps`: then what is no number is NaN.
RawTargets take_targets(Table& table, const std::vector<std::size_t>& columns);

void keep_rows(RawTargets& targets, const std::vector<std::int64_t>& rows);

}  // namespace ntkc
