#include "ntkc/gram.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "runtime/gram/gram_checks.hpp"
#include "runtime/gram/gram_options.hpp"
#include "runtime/gram/gram_problem.hpp"
#include "runtime/gram/parallel.hpp"
#include "runtime/gram/sample_tables.hpp"
#include "runtime/gram/store_tile.hpp"
#include "runtime/gram/unit_rows.hpp"

namespace ntkc::runtime {

template <typename T>
void gram(const KernelFunctions& kernel, const KernelStack& stack, MatrixView<const double> x,
          std::span<const MatrixView<T>> planes, const Execution& execution, const GramOptions& options) {
  check_precision(kernel, precision_of<T>);
  check_inputs(kernel, x, "x");
  check_planes(kernel, stack, planes, x.rows, x.rows);
  if (x.rows == 0) return;
  for (const MatrixView<T>& plane : planes) prepare(plane);
  for_each_lower_tile<T>(
      kernel, stack.pair, x, options.maximum_table_bytes, execution,
      [&](TileEvaluator<T>& evaluator, std::ptrdiff_t i, std::ptrdiff_t j, const TilePlace& place) {
        const bool finite =
            i == j ? evaluator.evaluate_lower(i, place, planes) : evaluator.evaluate(i, j, place, planes);
        for (const MatrixView<T>& plane : planes) {
          store_mirrored(place, plane);
          if (!finite) refuse_not_finite(kernel, place, plane, i == j);
        }
      });
}

template void gram(const KernelFunctions&, const KernelStack&, MatrixView<const double>,
                   std::span<const MatrixView<double>>, const Execution&, const GramOptions&);
template void gram(const KernelFunctions&, const KernelStack&, MatrixView<const double>,
                   std::span<const MatrixView<float>>, const Execution&, const GramOptions&);

template <typename T>
void cross_gram(const KernelFunctions& kernel, const KernelStack& stack, MatrixView<const double> x,
                MatrixView<const double> y, std::span<const MatrixView<T>> planes, const Execution& execution,
                const GramOptions& options) {
  check_precision(kernel, precision_of<T>);
  check_inputs(kernel, x, "x");
  check_inputs(kernel, y, "y");
  check_planes(kernel, stack, planes, x.rows, y.rows);
  if (x.rows == 0 || y.rows == 0) return;
  for (const MatrixView<T>& plane : planes) prepare(plane);
  for_each_tile<T>(
      kernel, stack.pair, x, y, options.maximum_table_bytes, execution,
      [&](TileEvaluator<T>& evaluator, std::ptrdiff_t i, std::ptrdiff_t j, const TilePlace& place) {
        if (evaluator.evaluate(i, j, place, planes)) return;
        for (const MatrixView<T>& plane : planes) refuse_not_finite(kernel, place, plane, false);
      });
}

template void cross_gram(const KernelFunctions&, const KernelStack&, MatrixView<const double>,
                         MatrixView<const double>, std::span<const MatrixView<double>>, const Execution&,
                         const GramOptions&);
template void cross_gram(const KernelFunctions&, const KernelStack&, MatrixView<const double>,
                         MatrixView<const double>, std::span<const MatrixView<float>>, const Execution&,
                         const GramOptions&);

namespace {

/// The diagonal of a block of lane_padding samples; evaluates the block of all their pairs, of which the
/// others are not used.
template <typename T>
void diagonal_block(const KernelFunctions& kernel, PairFunction pair, const double* self, std::ptrdiff_t used,
                    double* result) {
  const AlignedArray<T> table(kernel.slots * lane_padding);
  const AlignedArray<T> block(lane_padding * lane_padding);
  const SampleArguments sample{
      .count = lane_padding, .self = self, .table = table.data(), .table_stride = lane_padding};
  kernel.sample(&sample);
  for (std::ptrdiff_t i = 0; i < used; ++i) {
    // A zero vector has u = 0 with everything, itself included.
    std::fill_n(block.data() + i * lane_padding, lane_padding, self[i] == 0 ? T(0.5) : T(0));
  }
  const PairArguments arguments{.rows = used,
                                .columns = lane_padding,
                                .half_complement = block.data(),
                                .half_complement_stride = lane_padding,
                                .row_table = table.data(),
                                .row_table_stride = lane_padding,
                                .column_table = table.data(),
                                .column_table_stride = lane_padding,
                                .result = block.data(),
                                .result_stride = lane_padding};
  pair(&arguments);
  for (std::ptrdiff_t i = 0; i < used; ++i)
    result[i] = static_cast<double>(block.data()[i * lane_padding + i]);
}

}  // namespace

}  // namespace ntkc::runtime

namespace ntkc {

const KernelStack& require_kernel(const KernelFunctions& kernel, KernelKind kind) {
  const KernelStack* stack = kernel.find(kind);
  if (stack != nullptr) return *stack;
  throw InputError(fmt::format("the kernel `{}` was compiled without {}; compile it with that kernel, too",
                               kernel.name, kind == KernelKind::sigma ? "Σ (sigma)" : "Θ (theta)"));
}

template <typename T>
void gram(const KernelFunctions& kernel, const KernelStack& stack, MatrixView<const double> x,
          std::span<const MatrixView<T>> planes, const Execution& execution) {
  runtime::gram<T>(kernel, stack, x, planes, execution, {});
}

template <typename T>
void cross_gram(const KernelFunctions& kernel, const KernelStack& stack, MatrixView<const double> x,
                MatrixView<const double> y, std::span<const MatrixView<T>> planes,
                const Execution& execution) {
  runtime::cross_gram<T>(kernel, stack, x, y, planes, execution, {});
}

void gram_diagonal(const KernelFunctions& kernel, KernelKind kind, MatrixView<const double> x,
                   double* result) {
  const KernelStack& stack = require_kernel(kernel, kind);
  runtime::check_inputs(kernel, x, "x");
  runtime::check_plane_count(kernel, stack, 1);
  const std::ptrdiff_t blocks = (x.rows + lane_padding - 1) / lane_padding;
  runtime::parallel_for(blocks, runtime::thread_count({}), [&](std::ptrdiff_t task, int) {
    const std::ptrdiff_t first = task * lane_padding;
    const std::ptrdiff_t used = std::min(lane_padding, x.rows - first);
    double self[lane_padding];
    std::fill_n(self, lane_padding, 1.0);
    for (std::ptrdiff_t i = 0; i < used; ++i) {
      self[i] = runtime::measure_row(x, first + i, "x", kernel.precision).self;
    }
    const auto block =
        kernel.precision == Precision::f64 ? runtime::diagonal_block<double> : runtime::diagonal_block<float>;
    block(kernel, stack.pair, self, used, result + first);
    for (std::ptrdiff_t i = first; i < first + used; ++i) {
      if (!std::isfinite(result[i])) runtime::refuse_not_finite(kernel, result[i], i, i);
    }
  });
}

Matrix gram(const KernelFunctions& kernel, KernelKind kind, const Matrix& x, const Execution& execution) {
  Matrix result(x.rows(), x.rows(), Uninitialized{});
  gram<double>(kernel, kind, x.view(), result.view(), execution);
  return result;
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
