// Several kernels in one pass over the pairs.
#include <fmt/format.h>

#include <utility>

#include "ntkc/gram.hpp"
#include "runtime/gram/gram_checks.hpp"
#include "runtime/gram/gram_problem.hpp"
#include "runtime/gram/sample_tables.hpp"
#include "runtime/gram/unit_rows.hpp"

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
  const int threads = thread_count(execution);
  const UnitRows<T> samples(x, column_tile(x.rows), "x", kernel.precision, threads);
  const SampleTables<T> tables(kernel, samples, threads, maximum_table_bytes);
  const PairProblem<T> problem{nullptr, stack.pair, samples, tables, samples, tables};
  Evaluators<T> evaluators(problem, threads);
  std::vector<std::pair<std::ptrdiff_t, std::ptrdiff_t>> tiles;  // on and below the diagonal
  for (std::ptrdiff_t i = 0; i < samples.tiles(); ++i) {
    for (std::ptrdiff_t j = 0; j <= i; ++j) tiles.emplace_back(i, j);
  }
  ProgressMeter progress(execution, static_cast<double>(tiles.size()));
  parallel_for(static_cast<std::ptrdiff_t>(tiles.size()), threads, [&](std::ptrdiff_t task, int worker) {
    const auto [i, j] = tiles[static_cast<std::size_t>(task)];
    const TilePlace place = place_of(samples, i, samples, j);
    if (!evaluators[worker].evaluate_stack(i, j, place, planes)) refuse_not_finite(kernel, place, planes);
    for (const MatrixView<T>& plane : planes) {
      if (i == j)
        mirror_lower(place, plane);
      else
        store_mirrored(place, plane);
    }
    progress.add(1);
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
  const int threads = thread_count(execution);
  const UnitRows<T> rows(x, row_tile(x.rows), "x", kernel.precision, threads);
  const UnitRows<T> columns(y, column_tile(y.rows), "y", kernel.precision, threads);
  const SampleTables<T> row_tables(kernel, rows, threads, maximum_table_bytes);
  const SampleTables<T> column_tables(kernel, columns, threads, maximum_table_bytes);
  const PairProblem<T> problem{nullptr, stack.pair, rows, row_tables, columns, column_tables};
  Evaluators<T> evaluators(problem, threads);
  const std::ptrdiff_t tasks = rows.tiles() * columns.tiles();
  ProgressMeter progress(execution, static_cast<double>(tasks));
  parallel_for(tasks, threads, [&](std::ptrdiff_t task, int worker) {
    const std::ptrdiff_t i = task / columns.tiles();
    const std::ptrdiff_t j = task % columns.tiles();
    const TilePlace place = place_of(rows, i, columns, j);
    if (!evaluators[worker].evaluate_stack(i, j, place, planes)) refuse_not_finite(kernel, place, planes);
    progress.add(1);
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
