// The checks of arguments before a Gram matrix is evaluated, and of its values afterwards.
#pragma once

#include <span>
#include <string>
#include <type_traits>

#include "ntkc/kernel_functions.hpp"
#include "ntkc/matrix.hpp"
#include "runtime/gram/unit_rows.hpp"

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

/// Row `index` of the inputs called `name`, |x|²/d of which is `self`, for messages.
struct InputRow {
  const std::string& name;
  std::ptrdiff_t index;
  double self;
};

template <typename T>
InputRow input_row(const UnitRows<T>& samples, std::ptrdiff_t index) {
  return {samples.name(), index, *samples.self(index)};
}

/// Throws NumericalError if `loss`, what a layer may be off by at an input, is more than is accepted.
void check_loss(const KernelFunctions& kernel, double loss, const InputRow& row);

/// Throws NumericalError if `value`, K(x, x) of a kernel, is negative or not finite.
void check_variance(const KernelFunctions& kernel, double value, const InputRow& x);
/// Throws NumericalError for an entry that is not finite, or larger than the diagonal allows.
[[noreturn]] void refuse_entry(const KernelFunctions& kernel, double value, const InputRow& x,
                               const InputRow& y);

}  // namespace ntkc::runtime
