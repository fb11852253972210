#include "runtime/gram/half_complement.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "runtime/gram/target_clones.hpp"

namespace ntkc::runtime {

namespace {

/// The loop that both precisions share; inlined into each of their clones. Returns whether a near pair was
/// seen.
template <typename T>
[[gnu::always_inline]] inline bool convert(T* row, std::ptrdiff_t columns) {
  int near = 0;
  for (std::ptrdiff_t j = 0; j < columns; ++j) {
    const T u = row[j] + T(0);  // -0 + 0 = +0: the sign of a zero vector's correlation is always +
    T m = (T(1) - std::abs(u)) * T(0.5);
    m = m > T(0) ? m : T(0);
    near |= static_cast<int>(m < near_threshold<T> / 2);
    row[j] = std::copysign(m, u);
  }
  return near != 0;
}

NTKC_TARGET_CLONES bool convert_row(double* row, std::ptrdiff_t columns) { return convert(row, columns); }
NTKC_TARGET_CLONES bool convert_row(float* row, std::ptrdiff_t columns) { return convert(row, columns); }

using Lanes [[gnu::vector_size(64)]] = double;

/// |a x - b y|², two chains of eight lanes and what is left one by one; the same sum on every clone, and the
/// same with the two exchanged.
NTKC_TARGET_CLONES double squared_distance(const double* x, double a, const double* y, double b,
                                           std::ptrdiff_t size) {
  Lanes sum0 = {};
  Lanes sum1 = {};
  std::ptrdiff_t k = 0;
  for (; k + 16 <= size; k += 16) {
    Lanes x0;
    Lanes x1;
    Lanes y0;
    Lanes y1;
    std::memcpy(&x0, x + k, sizeof(Lanes));
    std::memcpy(&x1, x + k + 8, sizeof(Lanes));
    std::memcpy(&y0, y + k, sizeof(Lanes));
    std::memcpy(&y1, y + k + 8, sizeof(Lanes));
    const Lanes difference0 = a * x0 - b * y0;
    const Lanes difference1 = a * x1 - b * y1;
    sum0 += difference0 * difference0;
    sum1 += difference1 * difference1;
  }
  double rest = 0;
  for (; k < size; ++k) {
    const double difference = a * x[k] - b * y[k];
    rest += difference * difference;
  }
  const Lanes sum = sum0 + sum1;
  return (((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]))) + rest;
}

/// Below this √m the rounding of a x and b y, and of the norms, takes more than some 1e-13 of it.
constexpr double least_rounded = 1e-3;

/// |x/|x| - y/|y||² for such pairs, to a few roundings of itself: a = 1/|x| and b = ±1/|y| are rounded, so that A = |a x|
/// and B = |b y| differ by some 1e-16 from 1. With d = a x - b y, each product with what its rounding left out, and
/// s = a x + b y
///   |x̂ - ŷ|² = (|d|² - (A - B)²)/(A B),  A - B = (A² - B²)/(A + B) = d·s/2 (1 + O(1e-16)).
/// The sum is the same with the two exchanged.
NTKC_TARGET_CLONES double squared_angle(const double* x, double a, const double* y, double b,
                                        std::ptrdiff_t size) {
  double square = 0;
  double along = 0;
  for (std::ptrdiff_t k = 0; k < size; ++k) {
    const double p = a * x[k];
    const double q = b * y[k];
    const double difference = (p - q) + (std::fma(a, x[k], -p) - std::fma(b, y[k], -q));
    square += difference * difference;
    along += difference * (p + q);
  }
  return std::max(square - along * along / 4, 0.0);
}

template <typename T>
void recompute_near_pairs(T* row, std::ptrdiff_t columns, const ScaledRows& x, std::ptrdiff_t i,
                          const ScaledRows& y) {
  const double* x_row = x.data + i * x.stride;
  for (std::ptrdiff_t j = 0; j < columns; ++j) {
    if (std::abs(row[j]) >= near_threshold<T> / 2) continue;
    const double sign = std::copysign(1.0, static_cast<double>(row[j]));
    const double* y_row = y.data + j * y.stride;
    const double a = x.inverse_norms[i];
    const double b = sign * y.inverse_norms[j];
    // Two numbers are parallel or opposite, whatever x · (1/x) rounds to.
    double distance = x.size == 1 ? 0 : squared_distance(x_row, a, y_row, b, x.size);
    if (distance < 4 * least_rounded * least_rounded) distance = squared_angle(x_row, a, y_row, b, x.size);
    row[j] = std::copysign(static_cast<T>(distance / 4), row[j]);
  }
}

template <typename T>
void convert_tile(T* tile, std::ptrdiff_t tile_stride, std::ptrdiff_t rows, std::ptrdiff_t columns,
                  const ScaledRows& x, const ScaledRows& y) {
  for (std::ptrdiff_t i = 0; i < rows; ++i) {
    T* row = tile + i * tile_stride;
    if (convert_row(row, columns)) recompute_near_pairs(row, columns, x, i, y);
  }
}

}  // namespace

void half_complement_tile(double* tile, std::ptrdiff_t tile_stride, std::ptrdiff_t rows,
                          std::ptrdiff_t columns, const ScaledRows& x, const ScaledRows& y) {
  convert_tile(tile, tile_stride, rows, columns, x, y);
}

void half_complement_tile(float* tile, std::ptrdiff_t tile_stride, std::ptrdiff_t rows,
                          std::ptrdiff_t columns, const ScaledRows& x, const ScaledRows& y) {
  convert_tile(tile, tile_stride, rows, columns, x, y);
}

}  // namespace ntkc::runtime
