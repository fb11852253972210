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
  evaluate_block(row_tile_index, column_tile_index, 0, problem_.rows.tile(), problem_.columns.tile());
}

template <typename T>
void TileEvaluator<T>::evaluate_lower(std::ptrdiff_t tile_index) {
  const std::ptrdiff_t tile = problem_.rows.tile();
  const std::ptrdiff_t valid = std::min(tile, problem_.rows.rows() - tile_index * tile);
  for (std::ptrdiff_t first = 0; first < valid; first += lane_padding) {
    evaluate_block(tile_index, tile_index, first, lane_padding, first + lane_padding);
  }
}

template <typename T>
void TileEvaluator<T>::evaluate_block(std::ptrdiff_t row_tile_index, std::ptrdiff_t column_tile_index,
                                      std::ptrdiff_t first_row, std::ptrdiff_t rows, std::ptrdiff_t columns) {
  const UnitRows<T>& x = problem_.rows;
  const UnitRows<T>& y = problem_.columns;
  const std::ptrdiff_t i = row_tile_index * x.tile() + first_row;
  const std::ptrdiff_t j = column_tile_index * y.tile();
  T* block = tile_.data() + first_row * stride_;
  micro_kernel<T>().multiply(x.packed(), i, rows, y.packed(), j, columns, x.size(), block, stride_);
  // The product has one shape always; from here on, padding costs time and changes nothing.
  const std::ptrdiff_t used_rows = std::min(rows, x.rows() - i);
  const std::ptrdiff_t used_columns = std::min(columns, round_up(y.rows() - j, lane_padding));
  half_complement_tile(block, stride_, used_rows, used_columns, x.accurate(i), y.accurate(j), x.stride());
  const TableBlock<T> row_table = problem_.row_tables.block(row_tile_index, row_scratch_);
  const TableBlock<T> column_table = problem_.column_tables.block(column_tile_index, column_scratch_);
  problem_.pair(block, block, stride_, used_rows, used_columns, row_table.data + first_row, row_table.stride,
                column_table.data, column_table.stride);
}

template class TileEvaluator<double>;
template class TileEvaluator<float>;

}  // namespace ntkc::runtime
