#include "runtime/gram/gram_checks.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "ntkc/errors.hpp"
#include "ntkc/expansion_remainder.hpp"
#include "runtime/gram/position_samples.hpp"
#include "runtime/gram/sample_tables.hpp"

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

namespace {

/// The table of one sample of this |x|²/d; with positions, that at each of them.
std::vector<double> table_of(const KernelFunctions& kernel, double self) {
  std::vector<double> result;
  if (kernel.positions.count > 0) {
    const std::vector<double> x(static_cast<std::size_t>(kernel.input_size()), std::sqrt(self));
    const PositionBlock block(kernel, {x.data(), 1, kernel.input_size()}, "x", 0, nullptr, nullptr);
    for (std::int64_t slot = 0; slot < kernel.slots; ++slot)
      result.push_back(block.table_entry(kernel, slot, 0));
    return result;
  }
  const std::vector<double> selves(static_cast<std::size_t>(lane_padding), self);
  std::vector<std::byte> table(static_cast<std::size_t>(kernel.slots * lane_padding * table_element(kernel)));
  fill_table(kernel, selves.data(), lane_padding, table.data(), lane_padding);
  for (std::int64_t slot = 0; slot < kernel.slots; ++slot)
    result.push_back(table_value(kernel, table.data(), slot * lane_padding));
  return result;
}

/// Whether a variance in the sample's table is infinite.
bool overflows(const KernelFunctions& kernel, double self) {
  const std::vector<double> table = table_of(kernel, self);
  for (std::size_t slot = 0; slot < table.size(); ++slot) {
    if (std::cmp_not_equal(slot, kernel.remainder_slot) && std::isinf(table[slot])) return true;
  }
  return false;
}

/// Why an entry at these inputs is not finite, and what to do.
std::string not_finite_cause(const KernelFunctions& kernel, const InputRow& x, const InputRow& y,
                             bool infinite) {
  if (infinite || overflows(kernel, x.self) || overflows(kernel, y.self))
    return "its variance overflows: use a smaller W_std or depth, or rescale the inputs";
  return fmt::format(
      "a step of its formula leaves the range of {}, where |x|²/d is {:.1e} and {:.1e}: rescale the inputs",
      precision_name(kernel.precision), x.self, y.self);
}

}  // namespace

void check_loss(const KernelFunctions& kernel, double loss, const InputRow& row) {
  const double accepted = largest_accepted_loss(kernel);
  if (loss <= accepted) return;
  const std::string place =
      fmt::format("the kernel `{}` at row {} of {} (counting from 0)", kernel.name, row.index, row.name);
  if (std::isnan(loss) || overflows(kernel, row.self))
    throw NumericalError(
        fmt::format("{} is not finite; {}", place, not_finite_cause(kernel, row, row, false)));
  throw NumericalError(fmt::format(
      "{} may be off by up to {:.1e} of an entry, and at most {:.0e} is accepted: |x|²/d is {:.1e} there, "
      "where expansions have too few terms or closed forms lose their digits (`ntkc show --emit=kernel` says "
      "up to which q each activation is good); scale the inputs (--preprocess=standardize or unit-norm), use "
      "a smaller W_std, or accept it with --tolerance=T up to 0.1",
      place, loss, accepted, row.self));
}

void refuse_entry(const KernelFunctions& kernel, double value, const InputRow& x, const InputRow& y) {
  const std::string place =
      fmt::format("the kernel `{}` is {} for the pair of rows ({}, {}) (counting from 0)", kernel.name,
                  std::isnan(value) ? "not a number" : fmt::format("{}", value), x.index, y.index);
  if (!std::isfinite(value))
    throw NumericalError(fmt::format("{}; {}", place, not_finite_cause(kernel, x, y, std::isinf(value))));
  throw NumericalError(
      fmt::format("{}, which is more than √(K(x,x) K(y,y)): its closed form has lost its digits, where "
                  "|x|²/d is {:.1e} and {:.1e}; rescale the inputs",
                  place, x.self, y.self));
}

void check_variance(const KernelFunctions& kernel, double value, const InputRow& x) {
  if (!std::isfinite(value)) refuse_entry(kernel, value, x, x);
  const bool is_single = kernel.precision == Precision::f32;
  const double smallest = is_single ? std::numeric_limits<float>::min() : std::numeric_limits<double>::min();
  if (value == 0 || value >= smallest) return;
  if (value > 0)
    throw NumericalError(fmt::format(
        "the kernel `{}` is {} at row {} of {} (counting from 0), below the range in which {} keeps its "
        "digits, where |x|²/d is {:.1e}; rescale the inputs",
        kernel.name, value, x.index, x.name, precision_name(kernel.precision), x.self));
  throw NumericalError(
      fmt::format("the kernel `{}` has the negative variance {} at row {} of {} (counting from 0): its "
                  "closed form has lost "
                  "its digits, where |x|²/d is {:.1e}; rescale the inputs",
                  kernel.name, value, x.index, x.name, x.self));
}

}  // namespace ntkc::runtime
