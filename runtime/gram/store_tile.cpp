#include "runtime/gram/store_tile.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ntkc::runtime {

template <typename T>
bool is_finite(const T* values, std::ptrdiff_t count) {
  int bad = 0;  // not a branch: the loop stays vector code
  for (std::ptrdiff_t j = 0; j < count; ++j) {
    bad |= static_cast<int>(!(std::abs(values[j]) <= std::numeric_limits<T>::max()));
  }
  return bad == 0;
}

template <typename T>
void store_mirrored(const TilePlace& place, MatrixView<T> result) {
  constexpr std::ptrdiff_t block = 8;  // one cache line of doubles each way
  const bool diagonal = place.row == place.column;
  for (std::ptrdiff_t j0 = 0; j0 < place.columns; j0 += block) {
    const std::ptrdiff_t j1 = std::min(j0 + block, place.columns);
    for (std::ptrdiff_t i0 = 0; i0 < place.rows; i0 += block) {
      const std::ptrdiff_t i1 = std::min(i0 + block, place.rows);
      for (std::ptrdiff_t j = j0; j < j1; ++j) {
        T* to = &result(place.column + j, place.row);
        for (std::ptrdiff_t i = diagonal ? std::max(i0, j + 1) : i0; i < i1; ++i)
          to[i] = result(place.row + i, place.column + j);
      }
    }
  }
}

template bool is_finite(const double*, std::ptrdiff_t);
template bool is_finite(const float*, std::ptrdiff_t);
template void store_mirrored(const TilePlace&, MatrixView<double>);
template void store_mirrored(const TilePlace&, MatrixView<float>);

}  // namespace ntkc::runtime
