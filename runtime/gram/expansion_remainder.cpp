#include "ntkc/expansion_remainder.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "runtime/gram/position_samples.hpp"
#include "runtime/gram/sample_tables.hpp"
#include "runtime/gram/unit_rows.hpp"

namespace ntkc {
namespace {

/// What the per-sample tables say, in blocks of lane_padding samples. Not a number counts as the largest.
double largest_remainder(const KernelFunctions& kernel, MatrixView<const double> x) {
  constexpr std::ptrdiff_t block = lane_padding;
  if (kernel.positions.count > 0) {
    double largest = 0;
    for (std::ptrdiff_t first = 0; first < x.rows; first += block) {
      const runtime::PositionBlock samples(kernel, x, "x", first, nullptr, nullptr);
      for (std::ptrdiff_t j = 0; j < std::min(block, x.rows - first); ++j) {
        const double value = samples.table_entry(kernel, kernel.remainder_slot, j);
        if (!(value <= largest)) largest = value;
      }
    }
    return largest;
  }
  std::vector<double> self(block);
  std::vector<std::byte> table(
      static_cast<std::size_t>(kernel.slots * block * runtime::table_element(kernel)));
  double worst = 0;
  for (std::ptrdiff_t first = 0; first < x.rows; first += block) {
    for (std::ptrdiff_t j = 0; j < block; ++j) {
      const std::ptrdiff_t row = std::min(first + j, x.rows - 1);
      self[static_cast<std::size_t>(j)] = runtime::measure_row(x, row, "x", kernel.precision).self;
    }
    runtime::fill_table(kernel, self.data(), block, table.data(), block);
    for (std::ptrdiff_t j = 0; j < block; ++j) {
      const double value = runtime::table_value(kernel, table.data(), kernel.remainder_slot * block + j);
      if (!(value <= worst)) worst = value;
    }
  }
  return worst;
}

double mean_square(MatrixView<const double> x, std::ptrdiff_t row) {
  double sum = 0;
  for (std::ptrdiff_t k = 0; k < x.columns; ++k) sum += x(row, k) * x(row, k);
  return sum / static_cast<double>(x.columns);
}

}  // namespace

double expansion_remainder(const KernelFunctions& kernel, MatrixView<const double> x) {
  return kernel.remainder_slot < 0 ? 0 : largest_remainder(kernel, x);
}

double largest_accepted_loss(const KernelFunctions& kernel) { return std::max(1e-3, kernel.tolerance); }

double largest_input(MatrixView<const double> x, const std::string& name, std::int64_t positions) {
  double largest = 0;
  const std::ptrdiff_t channels = x.columns / std::max<std::int64_t>(positions, 1);
  for (std::ptrdiff_t i = 0; i < x.rows; ++i) {
    largest = std::max(largest, runtime::measure_row(x, i, name, Precision::f64).self);
    if (channels == 0 || channels * positions != x.columns) continue;
    const MatrixView<const double> sample(x.data + i * x.stride, positions, channels);
    for (std::ptrdiff_t p = 0; positions > 1 && p < positions; ++p)
      largest = std::max(largest, mean_square(sample, p));
  }
  return largest;
}

}  // namespace ntkc
