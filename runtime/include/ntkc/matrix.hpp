// Row-major matrices as the runtime takes and returns them: a pointer and a shape.
#pragma once

#include <cstddef>
#include <new>
#include <utility>
#include <vector>

#pragma GCC visibility push(default)
namespace ntkc {

/// A row-major matrix somebody else owns; row i starts at data + i * stride.
template <typename T>
struct MatrixView {
  T* data = nullptr;
  std::ptrdiff_t rows = 0;
  std::ptrdiff_t columns = 0;
  std::ptrdiff_t stride = 0;

  MatrixView() = default;
  MatrixView(T* data_, std::ptrdiff_t rows_, std::ptrdiff_t columns_)
      : MatrixView(data_, rows_, columns_, columns_) {}
  MatrixView(T* data_, std::ptrdiff_t rows_, std::ptrdiff_t columns_, std::ptrdiff_t stride_)
      : data(data_), rows(rows_), columns(columns_), stride(stride_) {}
  /// A writable view serves as a read-only one.
  operator MatrixView<const T>() const {
    return {data, rows, columns, stride};
  }  // NOLINT(google-explicit-constructor)

  [[nodiscard]] T& operator()(std::ptrdiff_t i, std::ptrdiff_t j) const { return data[i * stride + j]; }
};

/// Asks for entries left as they come: the threads that fill the matrix then touch its pages first.
struct Uninitialized {};

/// Arrays begin on a cache line: BLAS adds in another order where numbers are aligned differently, and no result
/// may depend on where the memory happens to be. New entries are left as they come unless a value is given.
template <typename T>
struct ArrayAllocator {
  using value_type = T;
  static constexpr std::align_val_t alignment{64};

  ArrayAllocator() = default;
  template <typename U>
  ArrayAllocator(const ArrayAllocator<U>& /*other*/) {}  // NOLINT(google-explicit-constructor)

  T* allocate(std::size_t size) { return static_cast<T*>(::operator new(size * sizeof(T), alignment)); }
  void deallocate(T* data, std::size_t size) { ::operator delete(data, size * sizeof(T), alignment); }
  template <typename U>
  void construct(U* place) {
    ::new (static_cast<void*>(place)) U;
  }
  template <typename U, typename Argument>
  void construct(U* place, Argument&& argument) {
    ::new (static_cast<void*>(place)) U(std::forward<Argument>(argument));
  }
  friend bool operator==(const ArrayAllocator&, const ArrayAllocator&) { return true; }
};

template <typename T>
using Array = std::vector<T, ArrayAllocator<T>>;

/// A row-major matrix that owns its entries, zero at first unless asked otherwise.
template <typename T>
class BasicMatrix {
 public:
  BasicMatrix() = default;
  BasicMatrix(std::ptrdiff_t rows, std::ptrdiff_t columns)
      : rows_(rows),
        columns_(columns),
        data_(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns), T(0)) {}
  BasicMatrix(std::ptrdiff_t rows, std::ptrdiff_t columns, Uninitialized /*tag*/)
      : rows_(rows),
        columns_(columns),
        data_(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns)) {}

  [[nodiscard]] std::ptrdiff_t rows() const { return rows_; }
  [[nodiscard]] std::ptrdiff_t columns() const { return columns_; }
  [[nodiscard]] T* data() { return data_.data(); }
  [[nodiscard]] const T* data() const { return data_.data(); }
  [[nodiscard]] T& operator()(std::ptrdiff_t i, std::ptrdiff_t j) {
    return data_[static_cast<std::size_t>(i * columns_ + j)];
  }
  [[nodiscard]] const T& operator()(std::ptrdiff_t i, std::ptrdiff_t j) const {
    return data_[static_cast<std::size_t>(i * columns_ + j)];
  }
  [[nodiscard]] MatrixView<T> view() { return {data_.data(), rows_, columns_}; }
  [[nodiscard]] MatrixView<const T> view() const { return {data_.data(), rows_, columns_}; }
  /// What functions read they take as a view.
  operator MatrixView<const T>() const { return view(); }  // NOLINT(google-explicit-constructor)

 private:
  std::ptrdiff_t rows_ = 0;
  std::ptrdiff_t columns_ = 0;
  Array<T> data_;
};

using Matrix = BasicMatrix<double>;

}  // namespace ntkc
#pragma GCC visibility pop
