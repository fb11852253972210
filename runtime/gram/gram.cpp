#include "ntkc/gram.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "ntkc/expansion_remainder.hpp"
#include "runtime/gram/diagonal_roots.hpp"
#include "runtime/gram/gram_checks.hpp"
#include "runtime/gram/gram_options.hpp"
#include "runtime/gram/gram_problem.hpp"
#include "runtime/gram/kept_tiles.hpp"
#include "runtime/gram/parallel.hpp"
#include "runtime/gram/position_gram.hpp"
#include "runtime/gram/position_samples.hpp"
#include "runtime/gram/sample_tables.hpp"
#include "runtime/gram/store_tile.hpp"
#include "runtime/gram/unit_rows.hpp"

namespace ntkc::runtime {

namespace {

/// Throws for the first entry of a tile, row by row, that is not finite or beyond its bounds; of the lower
/// triangle if it is on the diagonal.
template <typename T>
void check_tile(const KernelFunctions& kernel, const TilePlace& place, std::span<const MatrixView<T>> planes,
                const EntryBounds<T>& bounds, const UnitRows<T>& rows, const UnitRows<T>& columns,
                bool lower) {
  for (std::size_t p = 0; p < planes.size(); ++p) {
    for (std::ptrdiff_t i = place.row; i < place.row + place.rows; ++i) {
      const std::ptrdiff_t end = lower ? i + 1 : place.column + place.columns;
      for (std::ptrdiff_t j = place.column; j < end; ++j) {
        const T value = planes[p](i, j);
        const bool is_sound = bounds.rows == nullptr
                                  ? std::isfinite(value)
                                  : is_bounded(value, bounds.rows->of(p)[i], bounds.columns->of(p)[j]);
        if (!is_sound)
          refuse_entry(kernel, static_cast<double>(value), input_row(rows, i), input_row(columns, j));
      }
    }
  }
}

/// Takes the diagonal of a tile, which is finite; throws for a negative variance.
template <typename T>
void read_diagonal(const KernelFunctions& kernel, const TilePlace& place,
                   std::span<const MatrixView<T>> planes, const UnitRows<T>& samples,
                   DiagonalRoots<T>& roots) {
  for (std::size_t p = 0; p < planes.size(); ++p) {
    for (std::ptrdiff_t i = place.row; i < place.row + place.rows; ++i) {
      check_variance(kernel, static_cast<double>(planes[p](i, i)), input_row(samples, i));
      roots.set(p, i, planes[p](i, i), largest_accepted_loss(kernel));
    }
  }
}

}  // namespace

template <typename T>
void gram(const KernelFunctions& kernel, const KernelStack& stack, MatrixView<const double> x,
          std::span<const MatrixView<T>> planes, const Execution& execution, const GramOptions& options) {
  check_precision(kernel, precision_of<T>);
  check_inputs(kernel, x, "x");
  check_planes(kernel, stack, planes, x.rows, x.rows);
  if (x.rows == 0) return;
  for (const MatrixView<T>& plane : planes) prepare(plane);
  if (kernel.positions.count > 0) {
    position_gram(kernel, stack, x, planes, execution, options);
    return;
  }
  DiagonalRoots<T> roots(stack.is_kernel ? planes.size() : 0, x.rows);
  const EntryBounds<T> bounds = stack.is_kernel ? EntryBounds<T>{&roots, &roots} : EntryBounds<T>{};
  std::optional<KeptTiles<T>> kept;
  const auto prepare = [&](const UnitRows<T>& samples) {
    const std::ptrdiff_t tiles = samples.tiles();
    kept.emplace(execution, kernel, stack, x, MatrixView<const double>(), samples.tile(),
                 tiles * (tiles + 1) / 2);
    return kept->tiles();
  };
  for_each_lower_tile<T>(kernel, stack.pair, x, options.maximum_table_bytes, execution, prepare,
                         [&](TileEvaluator<T>& evaluator, const UnitRows<T>& samples, std::ptrdiff_t i,
                             std::ptrdiff_t j, const TilePlace& place) {
                           const std::ptrdiff_t task = i * (i + 1) / 2 + j;
                           const bool is_there = kept->restore(task, place, planes);
                           const auto check = [&](const EntryBounds<T>& known) {
                             check_tile<T>(kernel, place, planes, known, samples, samples, i == j);
                           };
                           if (i != j) {
                             if (!is_there && !evaluator.evaluate(i, j, place, planes, bounds)) check(bounds);
                           } else {
                             if (!is_there && !evaluator.evaluate_lower(i, place, planes)) check({});
                             if (stack.is_kernel) {
                               read_diagonal<T>(kernel, place, planes, samples, roots);
                               check(bounds);
                             }
                           }
                           for (const MatrixView<T>& plane : planes) store_mirrored(place, plane);
                           if (!is_there) kept->keep(task, place, planes);
                           return !is_there;
                         });
}

template void gram(const KernelFunctions&, const KernelStack&, MatrixView<const double>,
                   std::span<const MatrixView<double>>, const Execution&, const GramOptions&);
template void gram(const KernelFunctions&, const KernelStack&, MatrixView<const double>,
                   std::span<const MatrixView<float>>, const Execution&, const GramOptions&);

namespace {

/// The diagonal of lane_padding samples from `first` of the inputs called `name`, in each plane,
/// result[p * lane_padding + i]; evaluates the block of all their pairs, of which the others are not used.
template <typename T>
void diagonal_block(const KernelFunctions& kernel, const KernelStack& stack, const std::string& name,
                    std::ptrdiff_t first, const double* self, std::ptrdiff_t used, T* result) {
  constexpr std::ptrdiff_t block_size = lane_padding * lane_padding;
  const std::ptrdiff_t planes = std::ssize(stack.planes);
  const AlignedArray<std::byte> table(kernel.slots * lane_padding * table_element(kernel));
  const AlignedArray<T> half_complements(block_size);
  const AlignedArray<T> block(planes * block_size);
  fill_table(kernel, self, lane_padding, table.data(), lane_padding);
  if (kernel.remainder_slot >= 0) {
    for (std::ptrdiff_t i = 0; i < used; ++i)
      check_loss(kernel, table_value(kernel, table.data(), kernel.remainder_slot * lane_padding + i),
                 {name, first + i, self[i]});
  }
  for (std::ptrdiff_t i = 0; i < used; ++i) {
    // A zero vector has u = 0 with everything, itself included.
    std::fill_n(half_complements.data() + i * lane_padding, lane_padding, self[i] == 0 ? T(0.5) : T(0));
  }
  const PairArguments arguments{.rows = used,
                                .columns = lane_padding,
                                .half_complement = half_complements.data(),
                                .half_complement_stride = lane_padding,
                                .row_table = table.data(),
                                .row_table_stride = lane_padding,
                                .column_table = table.data(),
                                .column_table_stride = lane_padding,
                                .result = block.data(),
                                .result_stride = lane_padding,
                                .plane_stride = block_size,
                                .same_column = 0};
  stack.pair(&arguments);
  for (std::ptrdiff_t p = 0; p < planes; ++p)
    for (std::ptrdiff_t i = 0; i < used; ++i)
      result[p * lane_padding + i] = block.data()[p * block_size + i * (lane_padding + 1)];
}

/// The bounds of entries with these samples.
template <typename T>
DiagonalRoots<T> find_roots(const KernelFunctions& kernel, const KernelStack& stack,
                            const UnitRows<T>& samples, const Execution& execution) {
  DiagonalRoots<T> roots(stack.planes.size(), samples.rows());
  const std::ptrdiff_t blocks = (samples.rows() + lane_padding - 1) / lane_padding;
  parallel_for(blocks, thread_count(execution), [&](std::ptrdiff_t block, int) {
    const std::ptrdiff_t first = block * lane_padding;
    const std::ptrdiff_t used = std::min(lane_padding, samples.rows() - first);
    std::vector<T> diagonal(stack.planes.size() * static_cast<std::size_t>(lane_padding));
    diagonal_block<T>(kernel, stack, samples.name(), first, samples.self(first), used, diagonal.data());
    for (std::size_t p = 0; p < stack.planes.size(); ++p) {
      for (std::ptrdiff_t i = 0; i < used; ++i) {
        const T variance = diagonal[p * lane_padding + static_cast<std::size_t>(i)];
        check_variance(kernel, static_cast<double>(variance), input_row(samples, first + i));
        roots.set(p, first + i, variance, largest_accepted_loss(kernel));
      }
    }
  });
  return roots;
}

/// Whether the bounds of entries are worth what the diagonals cost: where a closed form or an expansion may
/// have lost its digits, and a block of lane_padding pairs for each sample is little beside the matrix.
bool has_bounds(const KernelFunctions& kernel, const KernelStack& stack, std::ptrdiff_t rows,
                std::ptrdiff_t columns) {
  return stack.is_kernel && kernel.remainder_slot >= 0 && lane_padding * (rows + columns) <= rows * columns;
}

}  // namespace

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
  if (kernel.positions.count > 0) {
    position_cross_gram(kernel, stack, x, y, planes, execution, options);
    return;
  }
  std::optional<DiagonalRoots<T>> row_roots;
  std::optional<DiagonalRoots<T>> column_roots;
  EntryBounds<T> bounds;
  std::optional<KeptTiles<T>> kept;
  for_each_tile<T>(
      kernel, stack.pair, x, y, options.maximum_table_bytes, execution,
      [&](const UnitRows<T>& rows, const UnitRows<T>& columns) {
        const std::ptrdiff_t tasks = rows.tiles() * columns.tiles();
        kept.emplace(execution, kernel, stack, x, y, rows.tile() * 65536 + columns.tile(), tasks);
        if (has_bounds(kernel, stack, x.rows, y.rows)) {
          row_roots = find_roots(kernel, stack, rows, execution);
          column_roots = find_roots(kernel, stack, columns, execution);
          bounds = {&*row_roots, &*column_roots};
        }
        return kept->tiles();
      },
      [&](TileEvaluator<T>& evaluator, const UnitRows<T>& rows, const UnitRows<T>& columns, std::ptrdiff_t i,
          std::ptrdiff_t j, const TilePlace& place) {
        const std::ptrdiff_t task = i * columns.tiles() + j;
        if (kept->restore(task, place, planes)) return false;
        if (!evaluator.evaluate(i, j, place, planes, bounds))
          check_tile<T>(kernel, place, planes, bounds, rows, columns, false);
        kept->keep(task, place, planes);
        return true;
      });
}

template void cross_gram(const KernelFunctions&, const KernelStack&, MatrixView<const double>,
                         MatrixView<const double>, std::span<const MatrixView<double>>, const Execution&,
                         const GramOptions&);
template void cross_gram(const KernelFunctions&, const KernelStack&, MatrixView<const double>,
                         MatrixView<const double>, std::span<const MatrixView<float>>, const Execution&,
                         const GramOptions&);

}  // namespace ntkc::runtime

namespace ntkc {

double sample_table_bytes(const KernelFunctions& kernel, std::int64_t samples, const Execution& execution) {
  if (kernel.positions.count > 0)
    return runtime::position_bytes(kernel, samples, runtime::thread_count(execution),
                                   runtime::maximum_table_bytes);
  const std::ptrdiff_t entry = runtime::table_element(kernel);
  const std::ptrdiff_t tile = runtime::fitting_tile(kernel.slots, runtime::column_tile(samples), entry);
  const double block = runtime::BlockSize(kernel.slots, tile, entry).bytes;
  const double all = block * static_cast<double>((samples + tile - 1) / tile);
  if (all <= static_cast<double>(runtime::maximum_table_bytes)) return all;
  return 2 * block *
         runtime::block_holders(block, runtime::thread_count(execution), runtime::maximum_table_bytes);
}

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

namespace {

template <typename T>
void fill_diagonal(const KernelFunctions& kernel, const KernelStack& stack, const std::string& name,
                   std::ptrdiff_t first, const double* self, std::ptrdiff_t used, double* result) {
  T block[lane_padding];
  runtime::diagonal_block<T>(kernel, stack, name, first, self, used, block);
  std::copy_n(block, used, result);
}

}  // namespace

void gram_diagonal(const KernelFunctions& kernel, KernelKind kind, MatrixView<const double> x,
                   double* result) {
  const KernelStack& stack = require_kernel(kernel, kind);
  runtime::check_inputs(kernel, x, "x");
  runtime::check_plane_count(kernel, stack, 1);
  if (kernel.positions.count > 0) {
    const auto evaluate = kernel.precision == Precision::f64 ? runtime::position_diagonal<double>
                                                             : runtime::position_diagonal<float>;
    evaluate(kernel, stack, x, result);
    return;
  }
  const std::ptrdiff_t blocks = (x.rows + lane_padding - 1) / lane_padding;
  const std::string name = "x";
  runtime::parallel_for(blocks, runtime::thread_count({}), [&](std::ptrdiff_t task, int) {
    const std::ptrdiff_t first = task * lane_padding;
    const std::ptrdiff_t used = std::min(lane_padding, x.rows - first);
    double self[lane_padding];
    std::fill_n(self, lane_padding, 1.0);
    for (std::ptrdiff_t i = 0; i < used; ++i)
      self[i] = runtime::measure_row(x, first + i, name, kernel.precision).self;
    const auto fill = kernel.precision == Precision::f64 ? fill_diagonal<double> : fill_diagonal<float>;
    fill(kernel, stack, name, first, self, used, result + first);
    for (std::ptrdiff_t i = 0; i < used; ++i) {
      const runtime::InputRow row{name, first + i, self[i]};
      if (stack.is_kernel)
        runtime::check_variance(kernel, result[first + i], row);
      else if (!std::isfinite(result[first + i]))
        runtime::refuse_entry(kernel, result[first + i], row, row);
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
