// Tiles of the Gram matrix: where they stand, and their mirror images.
#pragma once

#include <cstddef>

#include "ntkc/matrix.hpp"

namespace ntkc::runtime {

/// Where a tile stands: its entry (0, 0) at (row, column) of the matrix, its first `rows` × `columns`
/// entries.
struct TilePlace {
  std::ptrdiff_t row;
  std::ptrdiff_t column;
  std::ptrdiff_t rows;
  std::ptrdiff_t columns;
};

/// Whether all values are finite.
template <typename T>
[[nodiscard]] bool is_finite(const T* values, std::ptrdiff_t count);

/// Copies a tile of the result, transposed, to the transposed place; of a tile on the diagonal what stands
/// below the diagonal.
template <typename T>
void store_mirrored(const TilePlace& place, MatrixView<T> result);

}  // namespace ntkc::runtime
