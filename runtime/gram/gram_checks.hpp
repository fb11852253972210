// The checks of arguments before a Gram matrix is evaluated, and of its values afterwards.
#pragma once

#include <cmath>
#include <span>
#include <type_traits>

#include "ntkc/kernel_functions.hpp"
#include "ntkc/matrix.hpp"
#include "runtime/gram/store_tile.hpp"

namespace ntkc::runtime {

template <typename T>
inline constexpr Precision precision_of = std::is_same_v<T, double> ? Precision::f64 : Precision::f32;

/// These throw InputError.
void check_precision(const KernelFunctions& kernel, Precision precision);
void check_inputs(const KernelFunctions& kernel, MatrixView<const double> x, const char* name);
void check_shape(std::ptrdiff_t rows, std::ptrdiff_t columns, std::ptrdiff_t expected_rows,
                 std::ptrdiff_t expected_columns);
void check_plane_count(const KernelFunctions& kernel, const KernelStack& stack, std::size_t planes);
template <typename T>
void check_planes(const KernelFunctions& kernel, const KernelStack& stack,
                  std::span<const MatrixView<T>> planes, std::ptrdiff_t rows, std::ptrdiff_t columns) {
  check_plane_count(kernel, stack, planes.size());
  for (const MatrixView<T>& plane : planes) check_shape(plane.rows, plane.columns, rows, columns);
}

/// Throws NumericalError.
[[noreturn]] void refuse_not_finite(const KernelFunctions& kernel, double value, std::ptrdiff_t i,
                                    std::ptrdiff_t j);

/// Throws for the first entry of a tile, row by row, that is not finite.
template <typename T>
void refuse_not_finite(const KernelFunctions& kernel, const TilePlace& place, MatrixView<T> result,
                       bool lower) {
  for (std::ptrdiff_t i = place.row; i < place.row + place.rows; ++i) {
    const std::ptrdiff_t end = lower ? i + 1 : place.column + place.columns;
    for (std::ptrdiff_t j = place.column; j < end; ++j) {
      if (!std::isfinite(result(i, j))) refuse_not_finite(kernel, static_cast<double>(result(i, j)), i, j);
    }
  }
}

}  // namespace ntkc::runtime
