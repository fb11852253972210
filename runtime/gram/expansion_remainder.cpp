#include "ntkc/expansion_remainder.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "runtime/gram/unit_rows.hpp"

namespace ntkc {
namespace {

/// What the per-sample tables say, in blocks of lane_padding samples. Not a number counts as the largest.
template <typename T>
double largest_remainder(const KernelFunctions& kernel, MatrixView<const double> x) {
  constexpr std::ptrdiff_t block = lane_padding;
  std::vector<double> self(block);
  std::vector<T> table(static_cast<std::size_t>(kernel.slots * block));
  double worst = 0;
  for (std::ptrdiff_t first = 0; first < x.rows; first += block) {
    for (std::ptrdiff_t j = 0; j < block; ++j) {
      const std::ptrdiff_t row = std::min(first + j, x.rows - 1);
      self[static_cast<std::size_t>(j)] = runtime::measure_row(x, row, "x", kernel.precision).self;
    }
    const SampleArguments arguments{
        .count = block, .self = self.data(), .table = table.data(), .table_stride = block};
    kernel.sample(&arguments);
    for (std::ptrdiff_t j = 0; j < block; ++j) {
      const auto value =
          static_cast<double>(table[static_cast<std::size_t>(kernel.remainder_slot * block + j)]);
      if (!(value <= worst)) worst = value;
    }
  }
  return worst;
}

}  // namespace

double expansion_remainder(const KernelFunctions& kernel, MatrixView<const double> x) {
  if (kernel.remainder_slot < 0) return 0;
  return kernel.precision == Precision::f32 ? largest_remainder<float>(kernel, x)
                                            : largest_remainder<double>(kernel, x);
}

double largest_accepted_loss(const KernelFunctions& kernel) { return std::max(1e-3, kernel.tolerance); }

double largest_input(MatrixView<const double> x, const std::string& name) {
  double largest = 0;
  for (std::ptrdiff_t i = 0; i < x.rows; ++i)
    largest = std::max(largest, runtime::measure_row(x, i, name, Precision::f64).self);
  return largest;
}

}  // namespace ntkc
