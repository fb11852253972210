#include "runtime/model/row_selection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "ntkc/errors.hpp"
#include "ntkc/printable.hpp"

namespace ntkc {

namespace {

/// A number below `bound` without the bias of a remainder, and the same on every system, which
/// std::uniform_int_distribution is not.
std::uint64_t random_below(std::uint64_t bound, std::mt19937_64& random) {
  const std::uint64_t rejected = (0 - bound) % bound;  // 2^64 mod bound
  while (true) {
    const std::uint64_t draw = random();
    if (draw >= rejected) return draw % bound;
  }
}

}  // namespace

std::int64_t selected_count(std::int64_t rows, const DataOptions& options) {
  const std::int64_t end = std::min(options.end_row.value_or(rows), rows);
  const std::int64_t count = std::max<std::int64_t>(end - options.first_row, 0);
  return options.sample ? std::min(*options.sample, count) : count;
}

std::vector<std::int64_t> select_rows(const std::string& path, std::int64_t rows, const DataOptions& options,
                                      const std::function<bool(std::int64_t)>& wanted) {
  if (options.first_row >= rows || options.end_row.value_or(rows) > rows)
    throw InputError(
        fmt::format("{}: --rows goes beyond its {}, counted from 0", path, counted(rows, "row")));
  std::vector<std::int64_t> chosen;
  for (std::int64_t row = options.first_row; row < options.end_row.value_or(rows); ++row)
    if (!wanted || wanted(row)) chosen.push_back(row);
  if (chosen.empty())
    throw InputError(
        fmt::format("{}: in every row a value is missing; say --missing=mean, or leave out the columns "
                    "that lack them (--drop)",
                    path));
  if (!options.sample) return chosen;
  const auto count = static_cast<std::size_t>(*options.sample);
  if (count > chosen.size())
    throw InputError(fmt::format("{}: --sample={} is more than the {} to draw from", path, count,
                                 counted(static_cast<std::int64_t>(chosen.size()), "row")));
  // The first steps of Fisher and Yates' shuffle.
  std::mt19937_64 random(options.seed);
  for (std::size_t i = 0; i < count; ++i)
    std::swap(chosen[i], chosen[i + random_below(chosen.size() - i, random)]);
  chosen.resize(count);
  std::ranges::sort(chosen);
  return chosen;
}

void keep_rows(NumericArray& array, const std::vector<std::int64_t>& rows) {
  if (static_cast<std::int64_t>(rows.size()) == array.rows()) return;
  const auto columns = static_cast<std::size_t>(array.columns());
  for (std::size_t i = 0; i < rows.size(); ++i)
    std::copy_n(array.values.begin() + rows[i] * array.columns(), columns,
                array.values.begin() + static_cast<std::ptrdiff_t>(i * columns));
  array.values.resize(rows.size() * columns);
  array.shape.front() = static_cast<std::int64_t>(rows.size());
}

}  // namespace ntkc
