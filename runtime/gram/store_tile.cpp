#include "runtime/gram/store_tile.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ntkc::runtime {

namespace {

template <typename T>
bool copy_row(const T* from, T* to, std::ptrdiff_t count) {
  int bad = 0;
  for (std::ptrdiff_t j = 0; j < count; ++j) {
    bad |= static_cast<int>(!(std::abs(from[j]) <= std::numeric_limits<T>::max()));
    to[j] = from[j];
  }
  return bad == 0;
}

}  // namespace

template <typename T>
bool store_tile(const T* tile, std::ptrdiff_t stride, const TilePlace& place, MatrixView<T> result) {
  bool finite = true;
  for (std::ptrdiff_t i = 0; i < place.rows; ++i) {
    finite &= copy_row(tile + i * stride, &result(place.row + i, place.column), place.columns);
  }
  return finite;
}

template <typename T>
void store_mirrored(const T* tile, std::ptrdiff_t stride, const TilePlace& place, MatrixView<T> result) {
  constexpr std::ptrdiff_t block = 8;  // one cache line of doubles each way
  for (std::ptrdiff_t j0 = 0; j0 < place.columns; j0 += block) {
    const std::ptrdiff_t j1 = std::min(j0 + block, place.columns);
    for (std::ptrdiff_t i0 = 0; i0 < place.rows; i0 += block) {
      const std::ptrdiff_t i1 = std::min(i0 + block, place.rows);
      for (std::ptrdiff_t j = j0; j < j1; ++j) {
        T* to = &result(place.column + j, place.row);
        for (std::ptrdiff_t i = i0; i < i1; ++i) to[i] = tile[i * stride + j];
      }
    }
  }
}

template <typename T>
bool store_lower(const T* tile, std::ptrdiff_t stride, const TilePlace& place, MatrixView<T> result) {
  bool finite = true;
  for (std::ptrdiff_t i = 0; i < place.rows; ++i) {
    finite &= copy_row(tile + i * stride, &result(place.row + i, place.column), i + 1);
    for (std::ptrdiff_t j = 0; j < i; ++j) result(place.column + j, place.row + i) = tile[i * stride + j];
  }
  return finite;
}

template bool store_tile(const double*, std::ptrdiff_t, const TilePlace&, MatrixView<double>);
template bool store_tile(const float*, std::ptrdiff_t, const TilePlace&, MatrixView<float>);
template void store_mirrored(const double*, std::ptrdiff_t, const TilePlace&, MatrixView<double>);
template void store_mirrored(const float*, std::ptrdiff_t, const TilePlace&, MatrixView<float>);
template bool store_lower(const double*, std::ptrdiff_t, const TilePlace&, MatrixView<double>);
template bool store_lower(const float*, std::ptrdiff_t, const TilePlace&, MatrixView<float>);

}  // namespace ntkc::runtime
