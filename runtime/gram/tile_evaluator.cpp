#include "runtime/gram/tile_evaluator.hpp"

#include <algorithm>

#include "runtime/gram/half_complement.hpp"
#include "runtime/gram/micro_kernel/micro_kernel.hpp"

namespace ntkc::runtime {

template <typename T>
TileEvaluator<T>::TileEvaluator(const PairProblem<T>& problem)
    : problem_(problem), stride_(problem.columns.tile() + 16), tile_(problem.rows.tile() * stride_) {
  arguments_.rows = 1;
  arguments_.plane_stride = stride_;
}

template <typename T>
bool TileEvaluator<T>::evaluate(std::ptrdiff_t row_tile_index, std::ptrdiff_t column_tile_index,
                                const TilePlace& place, std::span<const MatrixView<T>> planes,
                                const EntryBounds<T>& bounds) {
  multiply(place.row, place.rows, place.column, place.columns, tile_.data());
  set_tables(row_tile_index, column_tile_index);
  bool sound = true;
  for (std::ptrdiff_t i = 0; i < place.rows; ++i)
    sound &= evaluate_row(i, place.columns, place.columns, place, planes, bounds);
  return sound;
}

template <typename T>
bool TileEvaluator<T>::evaluate_lower(std::ptrdiff_t tile_index, const TilePlace& place,
                                      std::span<const MatrixView<T>> planes) {
  set_tables(tile_index, tile_index);
  // Products in narrow bands, to leave out what is above the diagonal; the kernel in bands of whole lanes.
  constexpr std::ptrdiff_t narrow = 16;
  bool finite = true;
  for (std::ptrdiff_t first = 0; first < place.rows; first += lane_padding) {
    const std::ptrdiff_t end = std::min(first + lane_padding, place.rows);
    for (std::ptrdiff_t i = first; i < end; i += narrow) {
      const std::ptrdiff_t count = std::min(narrow, end - i);
      multiply(place.row + i, count, place.column, i + count, tile_.data() + i * stride_);
    }
    for (std::ptrdiff_t i = first; i < end; ++i) {
      arguments_.same_column = i;
      finite &= evaluate_row(i, end, i + 1, place, planes, {});
    }
  }
  arguments_.same_column = no_column;
  return finite;
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
void TileEvaluator<T>::set_tables(std::ptrdiff_t row_tile_index, std::ptrdiff_t column_tile_index) {
  row_table_ = problem_.row_tables.block(row_tile_index, row_scratch_);
  const TableBlock column_table = problem_.column_tables.block(column_tile_index, column_scratch_);
  arguments_.row_table_stride = row_table_.stride;
  arguments_.column_table = column_table.data;
  arguments_.column_table_stride = column_table.stride;
}

/// Correlations → kernel: row `i` of the tile, of which the first `needed` entries are wanted, into the
/// planes. Returns whether these are finite and within their bounds. Row by row, so that what one step leaves
/// in the first-level cache the next one finds there.
template <typename T>
bool TileEvaluator<T>::evaluate_row(std::ptrdiff_t i, std::ptrdiff_t columns, std::ptrdiff_t needed,
                                    const TilePlace& place, std::span<const MatrixView<T>> planes,
                                    const EntryBounds<T>& bounds) {
  T* row = tile_.data() + i * stride_;
  const std::ptrdiff_t padded = round_up(columns, lane_padding);
  half_complement_tile(row, stride_, 1, padded, problem_.rows.scaled(place.row + i),
                       problem_.columns.scaled(place.column));
  // Straight to the result if it is one plane, unless the kernel function would write past the tile.
  const bool straight = planes.size() == 1 && padded <= place.columns;
  if (!straight && !planes_row_)
    planes_row_ = AlignedArray<T>(static_cast<std::ptrdiff_t>(planes.size()) * stride_);
  arguments_.columns = padded;
  arguments_.half_complement = row;
  arguments_.row_table = row_table_.data + i * problem_.table_element;
  arguments_.result = straight ? &planes[0](place.row + i, place.column) : planes_row_.data();
  problem_.pair(&arguments_);
  bool sound = true;
  for (std::size_t p = 0; p < planes.size(); ++p) {
    T* target = &planes[p](place.row + i, place.column);
    if (!straight) std::copy_n(planes_row_.data() + static_cast<std::ptrdiff_t>(p) * stride_, needed, target);
    sound &= bounds.rows == nullptr ? is_finite(target, needed)
                                    : are_bounded(target, needed, bounds.rows->of(p)[place.row + i],
                                                  bounds.columns->of(p) + place.column);
  }
  return sound;
}

template class TileEvaluator<double>;
template class TileEvaluator<float>;

}  // namespace ntkc::runtime
