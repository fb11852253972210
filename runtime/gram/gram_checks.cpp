#include "runtime/gram/gram_checks.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <limits>

#include "ntkc/errors.hpp"

namespace ntkc::runtime {
namespace {

const char* precision_name(Precision precision) { return precision == Precision::f64 ? "f64" : "f32"; }

}  // namespace

void check_precision(const KernelFunctions& kernel, Precision precision) {
  if (kernel.precision == precision) return;
  throw InputError(fmt::format("the kernel `{}` is compiled for {}, but the result is {}; they must agree",
                               kernel.name, precision_name(kernel.precision), precision_name(precision)));
}

void check_inputs(const KernelFunctions& kernel, MatrixView<const double> x, const char* name) {
  if (x.columns != kernel.input_size()) {
    throw InputError(fmt::format(
        "{} has shape ({}, {}), but the kernel `{}` takes inputs of shape ({}), {} numbers each", name,
        x.rows, x.columns, kernel.name, fmt::join(kernel.input_shape, ", "), kernel.input_size()));
  }
  // BLAS counts in int; with padding to whole cache lines.
  if (x.columns > std::numeric_limits<int>::max() - 1024) {
    throw InputError(fmt::format("{} has {} columns; at most 2^31 - 1025 are supported", name, x.columns));
  }
}

void check_shape(std::ptrdiff_t rows, std::ptrdiff_t columns, std::ptrdiff_t expected_rows,
                 std::ptrdiff_t expected_columns) {
  if (rows == expected_rows && columns == expected_columns) return;
  throw InputError(fmt::format("the result has shape ({}, {}), but the Gram matrix has shape ({}, {})", rows,
                               columns, expected_rows, expected_columns));
}

void check_plane_count(const KernelFunctions& kernel, const KernelStack& stack, std::size_t planes) {
  if (planes == stack.planes.size()) return;
  throw InputError(fmt::format("the kernel {} of `{}` has {} planes, but the result has {}", stack.name,
                               kernel.name, stack.planes.size(), planes));
}

void refuse_not_finite(const KernelFunctions& kernel, double value, std::ptrdiff_t i, std::ptrdiff_t j) {
  throw NumericalError(fmt::format(
      "the kernel `{}` is {} for the pair of rows ({}, {}) (counting from 0); its variance overflows: "
      "use a smaller W_std or depth, or rescale the inputs",
      kernel.name, value, i, j));
}

}  // namespace ntkc::runtime
