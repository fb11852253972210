// From a tile to the Gram matrix.
#pragma once

#include <cstddef>

#include "ntkc/matrix.hpp"

namespace ntkc::runtime {

/// Where a tile goes: its entry (0, 0) to (row, column), its first `rows` × `columns` entries.
struct TilePlace {
  std::ptrdiff_t row;
  std::ptrdiff_t column;
  std::ptrdiff_t rows;
  std::ptrdiff_t columns;
};

/// Copies a tile to its place. Like the other two, returns whether all its entries are finite.
template <typename T>
[[nodiscard]] bool store_tile(const T* tile, std::ptrdiff_t stride, const TilePlace& place,
                              MatrixView<T> result);

/// Copies the transposed tile to the transposed place.
template <typename T>
void store_mirrored(const T* tile, std::ptrdiff_t stride, const TilePlace& place, MatrixView<T> result);

/// Copies the lower triangle of a tile on the diagonal, and its mirror image.
template <typename T>
[[nodiscard]] bool store_lower(const T* tile, std::ptrdiff_t stride, const TilePlace& place,
                               MatrixView<T> result);

}  // namespace ntkc::runtime
