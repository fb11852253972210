#include "runtime/gram/tile_evaluator.hpp"

#include <algorithm>

#include "runtime/gram/half_complement.hpp"
#include "runtime/gram/micro_kernel/micro_kernel.hpp"

namespace ntkc::runtime {

template <typename T>
TileEvaluator<T>::TileEvaluator(const PairProblem<T>& problem)
    : problem_(problem), stride_(problem.columns.tile() + 16), tile_(problem.rows.tile() * stride_) {}

template <typename T>
void TileEvaluator<T>::evaluate(std::ptrdiff_t row_tile_index, std::ptrdiff_t column_tile_index) {
  const std::ptrdiff_t row = row_tile_index * problem_.rows.tile();
  const std::ptrdiff_t column = column_tile_index * problem_.columns.tile();
  const std::ptrdiff_t rows = std::min(problem_.rows.tile(), problem_.rows.rows() - row);
  const std::ptrdiff_t columns = std::min(problem_.columns.tile(), problem_.columns.rows() - column);
  multiply(row, rows, column, columns, tile_.data());
  evaluate_band(row_tile_index, column_tile_index, 0, rows, columns);
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
    evaluate_band(tile_index, tile_index, first, rows, first + rows);
  }
}

/// Correlations of `rows` rows with `columns` columns, both rounded up to what the micro-kernel takes, and zeros up to
/// whole lanes: the kernel function reads them, and they must be finite.
template <typename T>
void TileEvaluator<T>::multiply(std::ptrdiff_t row, std::ptrdiff_t rows, std::ptrdiff_t column, std::ptrdiff_t columns,
                                T* product) {
  const MicroKernel<T>& kernel = micro_kernel<T>();
  constexpr std::ptrdiff_t row_step = 8;
  const std::ptrdiff_t computed = round_up(columns, kernel.panel);
  kernel.multiply(problem_.rows.packed(), row, round_up(rows, row_step), problem_.columns.packed(), column, computed,
                  problem_.rows.size(), product, stride_);
  const std::ptrdiff_t padded = round_up(columns, lane_padding);
  for (std::ptrdiff_t i = 0; i < rows; ++i) std::fill(product + i * stride_ + computed, product + i * stride_ + padded, T(0));
}

/// Correlations → kernel, in place, for `rows` rows of a tile from `first_row` on.
template <typename T>
void TileEvaluator<T>::evaluate_band(std::ptrdiff_t row_tile_index, std::ptrdiff_t column_tile_index,
                                     std::ptrdiff_t first_row, std::ptrdiff_t rows, std::ptrdiff_t columns) {
  const UnitRows<T>& x = problem_.rows;
  const UnitRows<T>& y = problem_.columns;
  const std::ptrdiff_t i = row_tile_index * x.tile() + first_row;
  const std::ptrdiff_t j = column_tile_index * y.tile();
  T* block = tile_.data() + first_row * stride_;
  const std::ptrdiff_t padded = round_up(columns, lane_padding);
  half_complement_tile(block, stride_, rows, padded, x.scaled(i), y.scaled(j));
  const TableBlock<T> row_table = problem_.row_tables.block(row_tile_index, row_scratch_);
  const TableBlock<T> column_table = problem_.column_tables.block(column_tile_index, column_scratch_);
  problem_.pair(block, block, stride_, rows, padded, row_table.data + first_row, row_table.stride, column_table.data,
                column_table.stride);
}

template class TileEvaluator<double>;
template class TileEvaluator<float>;

}  // namespace ntkc::runtime
