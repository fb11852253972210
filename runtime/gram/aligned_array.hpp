// Arrays of numbers that start on a cache line.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace ntkc::runtime {

/// Memory on a cache line; large blocks on huge pages. Throws std::bad_alloc.
void* allocate_aligned(std::size_t bytes);
/// The last large block released is kept for the next request of its size, if it has at most 64 MiB. A Gram
/// matrix needs tens of MB for a fraction of a second; fresh pages would take up to a sixth of this time.
void release_aligned(void* data, std::size_t bytes);

/// Asks the system to use huge pages for large memory that nothing was written to yet. No other effect.
void advise_huge_pages(void* data, std::size_t bytes);

/// Its entries are uninitialised, so that the thread that writes them first gets the pages. Throws
/// std::bad_alloc.
template <typename T>
class AlignedArray {
 public:
  AlignedArray() = default;
  explicit AlignedArray(std::ptrdiff_t size)
      : data_(static_cast<T*>(allocate_aligned(static_cast<std::size_t>(size) * sizeof(T))),
              Release{static_cast<std::size_t>(size) * sizeof(T)}) {}

  [[nodiscard]] T* data() const { return data_.get(); }
  [[nodiscard]] explicit operator bool() const { return data_ != nullptr; }

 private:
  struct Release {
    std::size_t bytes = 0;
    void operator()(T* data) const { release_aligned(data, bytes); }
  };
  std::unique_ptr<T, Release> data_;
};

/// The smallest multiple of `unit` that is not below `value`.
constexpr std::ptrdiff_t round_up(std::ptrdiff_t value, std::ptrdiff_t unit) {
  return (value + unit - 1) / unit * unit;
}

}  // namespace ntkc::runtime
