#include "runtime/gram/unit_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "ntkc/errors.hpp"
#include "runtime/gram/micro_kernel/micro_kernel.hpp"
#include "runtime/gram/parallel.hpp"

namespace ntkc::runtime {

// Squares of doubles neither overflow nor underflow in a long double of this range, and its precision hides
// the rounding of the norm: x86's 80-bit format has both. Elsewhere this file needs double-double sums and
// scaling.
static_assert(std::numeric_limits<long double>::max_exponent > 4096 &&
              std::numeric_limits<long double>::digits >= 64);

namespace {

/// Σ x_k², with four chains of additions so that their latencies overlap.
long double sum_of_squares(const double* x, std::ptrdiff_t size) {
  long double sum0 = 0;
  long double sum1 = 0;
  long double sum2 = 0;
  long double sum3 = 0;
  std::ptrdiff_t k = 0;
  for (; k + 4 <= size; k += 4) {
    sum0 += static_cast<long double>(x[k]) * x[k];
    sum1 += static_cast<long double>(x[k + 1]) * x[k + 1];
    sum2 += static_cast<long double>(x[k + 2]) * x[k + 2];
    sum3 += static_cast<long double>(x[k + 3]) * x[k + 3];
  }
  for (; k < size; ++k) sum0 += static_cast<long double>(x[k]) * x[k];
  return (sum0 + sum1) + (sum2 + sum3);
}

[[noreturn]] void refuse_not_finite(MatrixView<const double> x, std::ptrdiff_t index,
                                    const std::string& name) {
  const double* row = &x(index, 0);
  const double* bad = std::find_if(row, row + x.columns, [](double value) { return !std::isfinite(value); });
  throw InputError(
      fmt::format("{} contains {} at row {}, column {} (counting from 0); replace it or leave the row out",
                  name, std::isnan(*bad) ? "NaN" : "infinity", index, bad - row));
}

void check_range(double self, std::ptrdiff_t index, const std::string& name, Precision precision) {
  const bool single = precision == Precision::f32;
  const double smallest = single ? std::numeric_limits<float>::min() : std::numeric_limits<double>::min();
  const double largest = single ? std::numeric_limits<float>::max() : std::numeric_limits<double>::max();
  if (self >= smallest && self <= largest) return;
  throw InputError(
      fmt::format("row {} of {} (counting from 0) is too {}: its mean square |x|²/d is {} the range of {}; "
                  "rescale the inputs",
                  index, name, self > largest ? "large" : "small", self > largest ? "above" : "below",
                  single ? "f32" : "f64"));
}

}  // namespace

RowMeasure measure_row(MatrixView<const double> x, std::ptrdiff_t index, const std::string& name,
                       Precision precision) {
  const long double sum = sum_of_squares(&x(index, 0), x.columns);
  if (!std::isfinite(sum)) refuse_not_finite(x, index, name);
  if (sum == 0) return {};
  const auto self = static_cast<double>(sum / static_cast<long double>(x.columns));
  check_range(self, index, name, precision);
  return {self, static_cast<double>(1 / std::sqrt(sum))};
}

template <typename T>
UnitRows<T>::UnitRows(MatrixView<const double> x, std::ptrdiff_t tile, const std::string& name,
                      Precision precision, int threads)
    : x_(x), name_(name), tile_(tile), tiles_((x.rows + tile - 1) / tile) {
  // Whole panels too: the rows after the last tile are zero.
  const std::ptrdiff_t panel = micro_kernel<T>().panel;
  const std::ptrdiff_t padded = round_up(tiles_ * tile_, std::max(panel, lane_padding));
  self_ = AlignedArray<double>(padded);
  inverse_norms_ = AlignedArray<double>(padded);
  // The micro-kernel reads rows in eights, and no panel without a row of ours: of a pair of inputs that is a part.
  const std::ptrdiff_t packed = round_up(x.rows, std::max<std::ptrdiff_t>(panel, 8));
  packed_ = AlignedArray<T>(packed * x.columns);
  parallel_for(padded / panel, threads, [&](std::ptrdiff_t task, int) {
    for (std::ptrdiff_t row = task * panel; row < (task + 1) * panel; ++row) {
      const RowMeasure measure = row < x.rows ? measure_row(x, row, name, precision) : RowMeasure{1, 0};
      self_.data()[row] = measure.self;
      inverse_norms_.data()[row] = measure.inverse_norm;
    }
    if (task * panel < packed) pack_panel(task * panel);
  });
}

template <typename T>
void UnitRows<T>::pack_panel(std::ptrdiff_t first) {
  const std::ptrdiff_t panel = micro_kernel<T>().panel;
  const std::ptrdiff_t used = std::clamp<std::ptrdiff_t>(x_.rows - first, 0, panel);
  T* to = packed_.data() + first * x_.columns;
  if (used < panel) std::fill_n(to, panel * x_.columns, T(0));
  // A few components at a time: what is written stays in the cache until the last row of the panel is done.
  constexpr std::ptrdiff_t block = 16;
  for (std::ptrdiff_t k0 = 0; k0 < x_.columns; k0 += block) {
    const std::ptrdiff_t k1 = std::min(k0 + block, x_.columns);
    for (std::ptrdiff_t row = 0; row < used; ++row) {
      const double* from = &x_(first + row, 0);
      const double inverse_norm = inverse_norms_.data()[first + row];
      for (std::ptrdiff_t k = k0; k < k1; ++k) to[k * panel + row] = static_cast<T>(from[k] * inverse_norm);
    }
  }
}

template class UnitRows<double>;
template class UnitRows<float>;

}  // namespace ntkc::runtime
