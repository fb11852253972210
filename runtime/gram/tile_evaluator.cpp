#include "runtime/gram/tile_evaluator.hpp"

#include <algorithm>

#include "runtime/gram/half_complement.hpp"
#include "runtime/gram/micro_kernel/micro_kernel.hpp"

namespace ntkc::runtime {

template <typename T>
TileEvaluator<T>::TileEvaluator(const PairProblem<T>& problem)
    : problem_(problem), stride_(problem.columns.tile() + 16), tile_(problem.rows.tile() * stride_) {}

template <typename T>
bool TileEvaluator<T>::evaluate(std::ptrdiff_t row_tile_index, std::ptrdiff_t column_tile_index,
                                const TilePlace& place, MatrixView<T> result) {
  multiply(place.row, place.rows, place.column, place.columns, tile_.data());
  // Straight to the result, unless the kernel function would write past the tile.
  const bool fits = place.columns % lane_padding == 0;
  bool finite = true;
  for (std::ptrdiff_t i = 0; i < place.rows; ++i) {
    T* target = &result(place.row + i, place.column);
    evaluate_row(row_tile_index, column_tile_index, i, place.columns, fits ? target : nullptr);
    if (!fits) std::copy_n(tile_.data() + i * stride_, place.columns, target);
    finite &= is_finite(target, place.columns);
  }
  return finite;
}

template <typename T>
void TileEvaluator<T>::evaluate_lower(std::ptrdiff_t tile_index) {
  const std::ptrdiff_t start = tile_index * problem_.rows.tile();
  const std::ptrdiff_t valid = std::min(problem_.rows.tile(), problem_.rows.rows() - start);
  // Products in narrow bands, to leave out what is above the diagonal; the kernel in bands of whole lanes.
  constexpr std::ptrdiff_t narrow = 16;
  for (std::ptrdiff_t first = 0; first < valid; first += lane_padding) {
    const std::ptrdiff_t rows = std::min(lane_padding, valid - first);
    for (std::ptrdiff_t i = first; i < first + rows; i += narrow) {
      const std::ptrdiff_t count = std::min(narrow, first + rows - i);
      multiply(start + i, count, start, i + count, tile_.data() + i * stride_);
    }
    for (std::ptrdiff_t i = first; i < first + rows; ++i)
      evaluate_row(tile_index, tile_index, i, first + rows, nullptr);
  }
}

/// Correlations of `rows` rows with `columns` columns, both rounded up to what the micro-kernel takes, and
/// zeros up to whole lanes: the kernel function reads them, and they must be finite.
template <typename T>
void TileEvaluator<T>::multiply(std::ptrdiff_t row, std::ptrdiff_t rows, std::ptrdiff_t column,
                                std::ptrdiff_t columns, T* product) {
  const MicroKernel<T>& kernel = micro_kernel<T>();
  constexpr std::ptrdiff_t row_step = 8;
  constexpr std::ptrdiff_t cached_bytes = std::ptrdiff_t{1} << 19;
  const std::ptrdiff_t computed = round_up(columns, kernel.panel);
  // As many rows at a time as stay in the second-level cache while all columns pass by.
  const std::ptrdiff_t size = problem_.rows.size();
  const std::ptrdiff_t passes = rows * size * static_cast<std::ptrdiff_t>(sizeof(T)) / cached_bytes + 1;
  const std::ptrdiff_t pass = round_up((rows + passes - 1) / passes, row_step);
  for (std::ptrdiff_t i = 0; i < rows; i += pass) {
    kernel.multiply(problem_.rows.packed(), row + i, round_up(std::min(pass, rows - i), row_step),
                    problem_.columns.packed(), column, computed, size, product + i * stride_, stride_);
  }
  const std::ptrdiff_t padded = round_up(columns, lane_padding);
  for (std::ptrdiff_t i = 0; i < rows; ++i)
    std::fill(product + i * stride_ + computed, product + i * stride_ + padded, T(0));
}

template <typename T>
bool TileEvaluator<T>::evaluate_stack(std::ptrdiff_t row_tile_index, std::ptrdiff_t column_tile_index,
                                      const TilePlace& place, std::span<const MatrixView<T>> planes) {
  multiply(place.row, place.rows, place.column, place.columns, tile_.data());
  const auto count = static_cast<std::ptrdiff_t>(planes.size());
  if (!stack_row_) stack_row_ = AlignedArray<T>(count * stride_);
  const std::ptrdiff_t padded = round_up(place.columns, lane_padding);
  const UnitRows<T>& x = problem_.rows;
  const UnitRows<T>& y = problem_.columns;
  bool finite = true;
  for (std::ptrdiff_t i = 0; i < place.rows; ++i) {
    T* row = tile_.data() + i * stride_;
    half_complement_tile(row, stride_, 1, padded, x.scaled(row_tile_index * x.tile() + i),
                         y.scaled(column_tile_index * y.tile()));
    const TableBlock<T> row_table = problem_.row_tables.block(row_tile_index, row_scratch_);
    const TableBlock<T> column_table = problem_.column_tables.block(column_tile_index, column_scratch_);
    problem_.stack(row, stack_row_.data(), stride_, 1, padded, row_table.data + i, row_table.stride,
                   column_table.data, column_table.stride, stride_);
    for (std::ptrdiff_t p = 0; p < count; ++p) {
      T* target = &planes[static_cast<std::size_t>(p)](place.row + i, place.column);
      std::copy_n(stack_row_.data() + p * stride_, place.columns, target);
      finite &= is_finite(target, place.columns);
    }
  }
  return finite;
}

/// Correlations → kernel, row `i` of the tile: to `target`, or in place without one. Row by row, so that what
/// one step leaves in the first-level cache the next one finds there.
template <typename T>
void TileEvaluator<T>::evaluate_row(std::ptrdiff_t row_tile_index, std::ptrdiff_t column_tile_index,
                                    std::ptrdiff_t i, std::ptrdiff_t columns, T* target) {
  const UnitRows<T>& x = problem_.rows;
  const UnitRows<T>& y = problem_.columns;
  T* row = tile_.data() + i * stride_;
  const std::ptrdiff_t padded = round_up(columns, lane_padding);
  half_complement_tile(row, stride_, 1, padded, x.scaled(row_tile_index * x.tile() + i),
                       y.scaled(column_tile_index * y.tile()));
  const TableBlock<T> row_table = problem_.row_tables.block(row_tile_index, row_scratch_);
  const TableBlock<T> column_table = problem_.column_tables.block(column_tile_index, column_scratch_);
  problem_.pair(row, target != nullptr ? target : row, stride_, 1, padded, row_table.data + i,
                row_table.stride, column_table.data, column_table.stride);
}

template class TileEvaluator<double>;
template class TileEvaluator<float>;

}  // namespace ntkc::runtime
