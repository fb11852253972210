// One block of a Gram matrix: product, half complements, kernel.
#pragma once

#include <cstddef>
#include <span>

#include "ntkc/kernel_functions.hpp"
#include "runtime/gram/aligned_array.hpp"
#include "runtime/gram/diagonal_roots.hpp"
#include "runtime/gram/sample_tables.hpp"
#include "runtime/gram/store_tile.hpp"
#include "runtime/gram/unit_rows.hpp"

namespace ntkc::runtime {

/// Tiles of the side along rows and columns. They depend on the number of samples alone, so that the shape of
/// every product, hence every bit of the result, does not depend on threads. 256 reaches 0.93 of the speed of
/// one large product with OpenBLAS (128: 0.84, 64: 0.72 at d = 784); smaller ones waste less on few samples.
constexpr std::ptrdiff_t row_tile(std::ptrdiff_t samples) {
  return samples <= 16 ? 16 : samples <= 64 ? 64 : samples <= 1024 ? 128 : 256;
}
constexpr std::ptrdiff_t column_tile(std::ptrdiff_t samples) {
  return samples <= 64 ? 64 : samples <= 1024 ? 128 : 256;
}
static_assert(column_tile(1) % lane_padding == 0);

/// Everything that a pair of samples is evaluated from; shared by all workers.
template <typename T>
struct PairProblem {
  PairFunction pair;
  std::ptrdiff_t table_element;  ///< bytes
  const UnitRows<T>& rows;
  const SampleTables<T>& row_tables;
  const UnitRows<T>& columns;
  const SampleTables<T>& column_tables;
};

/// The memory of one worker.
template <typename T>
class TileEvaluator {
 public:
  explicit TileEvaluator(const PairProblem<T>& problem);

  /// Evaluates all pairs of row tile I and column tile J, of which `place` says where they stand, into the
  /// planes. Returns whether all are finite and within their bounds.
  [[nodiscard]] bool evaluate(std::ptrdiff_t row_tile_index, std::ptrdiff_t column_tile_index,
                              const TilePlace& place, std::span<const MatrixView<T>> planes,
                              const EntryBounds<T>& bounds);
  /// The same for the lower triangle of the diagonal tile I, in bands that end at the diagonal, without
  /// bounds; what stands above it in the planes may change.
  [[nodiscard]] bool evaluate_lower(std::ptrdiff_t tile_index, const TilePlace& place,
                                    std::span<const MatrixView<T>> planes);

 private:
  void multiply(std::ptrdiff_t row, std::ptrdiff_t rows, std::ptrdiff_t column, std::ptrdiff_t columns,
                T* product);
  void set_tables(std::ptrdiff_t row_tile_index, std::ptrdiff_t column_tile_index);
  [[nodiscard]] bool evaluate_row(std::ptrdiff_t i, std::ptrdiff_t columns, std::ptrdiff_t needed,
                                  const TilePlace& place, std::span<const MatrixView<T>> planes,
                                  const EntryBounds<T>& bounds);

  const PairProblem<T>& problem_;
  std::ptrdiff_t
      stride_;            // a little more than the tile, so that the rows of a column do not share cache sets
  AlignedArray<T> tile_;  // correlations, entry (i, j) at i * stride_ + j
  AlignedArray<T> planes_row_;  // one row of the tile in each plane, stride_ apart
  TableBlock row_table_;
  PairArguments arguments_;
  typename SampleTables<T>::Scratch row_scratch_;
  typename SampleTables<T>::Scratch column_scratch_;
};

extern template class TileEvaluator<double>;
extern template class TileEvaluator<float>;

}  // namespace ntkc::runtime
