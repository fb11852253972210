#include "runtime/gram/diagonal_roots.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ntkc::runtime {

template <typename T>
void DiagonalRoots<T>::set(std::size_t plane, std::ptrdiff_t i, T diagonal, double loss) {
  roots_[plane * static_cast<std::size_t>(samples_) + static_cast<std::size_t>(i)] =
      std::sqrt(diagonal) * static_cast<T>(std::sqrt(1 + loss));
}

namespace {

/// Below the range of T products are not what they are relative to.
template <typename T>
constexpr T slack = std::numeric_limits<T>::min();

}  // namespace

template <typename T>
bool is_bounded(T value, T row_root, T column_root) {
  return std::abs(value) <= std::min(row_root * column_root + slack<T>, std::numeric_limits<T>::max());
}

template <typename T>
bool are_bounded(const T* values, std::ptrdiff_t count, T row_root, const T* column_roots) {
  int bad = 0;  // not a branch: the loop stays vector code
  for (std::ptrdiff_t j = 0; j < count; ++j)
    bad |= static_cast<int>(!is_bounded(values[j], row_root, column_roots[j]));
  return bad == 0;
}

template class DiagonalRoots<double>;
template class DiagonalRoots<float>;
template bool is_bounded(double, double, double);
template bool is_bounded(float, float, float);
template bool are_bounded(const double*, std::ptrdiff_t, double, const double*);
template bool are_bounded(const float*, std::ptrdiff_t, float, const float*);

}  // namespace ntkc::runtime
