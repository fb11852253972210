// What bounds the entries of a kernel: |K(x, y)| ≤ √(K(x, x) K(y, y)).
#pragma once

#include <cstddef>
#include <vector>

namespace ntkc::runtime {

/// √K(x, x) of each sample in each plane of a kernel, enlarged by what an entry may be off by.
template <typename T>
class DiagonalRoots {
 public:
  DiagonalRoots(std::size_t planes, std::ptrdiff_t samples)
      : samples_(samples), roots_(planes * static_cast<std::size_t>(samples)) {}

  /// Takes K(x, x) ≥ 0 of sample i, of which an entry may be off by a share of `loss`.
  void set(std::size_t plane, std::ptrdiff_t i, T diagonal, double loss);
  [[nodiscard]] const T* of(std::size_t plane) const {
    return roots_.data() + static_cast<std::ptrdiff_t>(plane) * samples_;
  }

 private:
  std::ptrdiff_t samples_;
  std::vector<T> roots_;
};

/// The roots of the rows and of the columns; null where nothing is known, as of a derivative.
template <typename T>
struct EntryBounds {
  const DiagonalRoots<T>* rows = nullptr;
  const DiagonalRoots<T>* columns = nullptr;
};

/// Whether |value| ≤ row_root · column_root, and finite.
template <typename T>
[[nodiscard]] bool is_bounded(T value, T row_root, T column_root);
/// The same of a row of values.
template <typename T>
[[nodiscard]] bool are_bounded(const T* values, std::ptrdiff_t count, T row_root, const T* column_roots);

extern template class DiagonalRoots<double>;
extern template class DiagonalRoots<float>;

}  // namespace ntkc::runtime
