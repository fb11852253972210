// Arrays of numbers that start on a cache line.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace ntkc::runtime {

/// Uninitialised; its first writer touches the pages. Throws std::bad_alloc.
template <typename T>
class AlignedArray {
 public:
  AlignedArray() = default;
  explicit AlignedArray(std::ptrdiff_t size)
      : data_(static_cast<T*>(::operator new(static_cast<std::size_t>(size) * sizeof(T), alignment))) {}

  [[nodiscard]] T* data() const { return data_.get(); }
  [[nodiscard]] explicit operator bool() const { return data_ != nullptr; }

 private:
  static constexpr std::align_val_t alignment{64};
  struct Release {
    void operator()(T* data) const { ::operator delete(data, alignment); }
  };
  std::unique_ptr<T, Release> data_;
};

/// The smallest multiple of `unit` that is not below `value`.
constexpr std::ptrdiff_t round_up(std::ptrdiff_t value, std::ptrdiff_t unit) {
  return (value + unit - 1) / unit * unit;
}

}  // namespace ntkc::runtime
