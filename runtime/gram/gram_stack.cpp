// Several kernels in one pass over the pairs.
#include <fmt/format.h>

#include "ntkc/gram.hpp"
#include "runtime/gram/gram_checks.hpp"
#include "runtime/gram/gram_problem.hpp"

namespace ntkc {
namespace runtime {
namespace {

template <typename T>
void check_stack(const KernelFunctions& kernel, const KernelStack& stack,
                 std::span<const MatrixView<T>> planes, std::ptrdiff_t rows, std::ptrdiff_t columns) {
  check_precision(kernel, precision_of<T>);
  if (planes.size() != stack.planes.size()) {
    throw InputError(fmt::format("the stack `{}` of the kernel `{}` has {} matrices, but the result has {}",
                                 stack.name, kernel.name, stack.planes.size(), planes.size()));
  }
  for (const MatrixView<T>& plane : planes) {
    check_result(plane, rows, columns);
    if (rows > 0 && columns > 0) prepare(plane);
  }
}

template <typename T>
void refuse_not_finite(const KernelFunctions& kernel, const TilePlace& place,
                       std::span<const MatrixView<T>> planes) {
  for (const MatrixView<T>& plane : planes) refuse_not_finite(kernel, place, plane, false);
}

/// The upper triangle of a tile on the diagonal is what the lower one is.
template <typename T>
void mirror_lower(const TilePlace& place, MatrixView<T> plane) {
  for (std::ptrdiff_t i = 0; i < place.rows; ++i) {
    for (std::ptrdiff_t j = 0; j < i; ++j)
      plane(place.row + j, place.column + i) = plane(place.row + i, place.column + j);
  }
}

}  // namespace
}  // namespace runtime

template <typename T>
void gram(const KernelFunctions& kernel, const KernelStack& stack, MatrixView<const double> x,
          std::span<const MatrixView<T>> planes, const Execution& execution) {
  using namespace runtime;
  check_inputs(kernel, x, "x");
  check_stack(kernel, stack, planes, x.rows, x.rows);
  if (x.rows == 0) return;
  for_each_lower_tile<T>(
      kernel, {.stack = stack.pair}, x, maximum_table_bytes, execution,
      [&](TileEvaluator<T>& evaluator, std::ptrdiff_t i, std::ptrdiff_t j, const TilePlace& place) {
        if (!evaluator.evaluate_stack(i, j, place, planes)) refuse_not_finite(kernel, place, planes);
        for (const MatrixView<T>& plane : planes) {
          if (i == j)
            mirror_lower(place, plane);
          else
            store_mirrored(place, plane);
        }
      });
}

template <typename T>
void cross_gram(const KernelFunctions& kernel, const KernelStack& stack, MatrixView<const double> x,
                MatrixView<const double> y, std::span<const MatrixView<T>> planes,
                const Execution& execution) {
  using namespace runtime;
  check_inputs(kernel, x, "x");
  check_inputs(kernel, y, "y");
  check_stack(kernel, stack, planes, x.rows, y.rows);
  if (x.rows == 0 || y.rows == 0) return;
  for_each_tile<T>(
      kernel, {.stack = stack.pair}, x, y, maximum_table_bytes, execution,
      [&](TileEvaluator<T>& evaluator, std::ptrdiff_t i, std::ptrdiff_t j, const TilePlace& place) {
        if (!evaluator.evaluate_stack(i, j, place, planes)) refuse_not_finite(kernel, place, planes);
      });
}

template void gram(const KernelFunctions&, const KernelStack&, MatrixView<const double>,
                   std::span<const MatrixView<double>>, const Execution&);
template void gram(const KernelFunctions&, const KernelStack&, MatrixView<const double>,
                   std::span<const MatrixView<float>>, const Execution&);
template void cross_gram(const KernelFunctions&, const KernelStack&, MatrixView<const double>,
                         MatrixView<const double>, std::span<const MatrixView<double>>, const Execution&);
template void cross_gram(const KernelFunctions&, const KernelStack&, MatrixView<const double>,
                         MatrixView<const double>, std::span<const MatrixView<float>>, const Execution&);

}  // namespace ntkc
