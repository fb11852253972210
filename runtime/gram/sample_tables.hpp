// The per-sample values of a kernel, in blocks of as many samples as a tile has.
#pragma once

#include <cstddef>
#include <cstdint>

#include "ntkc/kernel_functions.hpp"
#include "runtime/gram/aligned_array.hpp"
#include "runtime/gram/unit_rows.hpp"

namespace ntkc::runtime {

/// Tables larger than this are not kept: a network of thousands of layers has thousands of slots per sample.
/// Blocks are then computed where they are needed, twice per tile at most, which costs about 2/256 of
/// evaluating the tile.
inline constexpr std::size_t maximum_table_bytes = std::size_t{1} << 30;

/// Bytes of an element of a table: KernelFunctions::wide_tables.
inline std::ptrdiff_t table_element(const KernelFunctions& kernel) {
  return kernel.precision == Precision::f64 || kernel.wide_tables ? sizeof(double) : sizeof(float);
}
/// Element `index` of a table.
double table_value(const KernelFunctions& kernel, const std::byte* table, std::ptrdiff_t index);
/// Fills a table for `count` samples, a multiple of lane_padding.
void fill_table(const KernelFunctions& kernel, const double* self, std::ptrdiff_t count, std::byte* table,
                std::ptrdiff_t stride);

/// What one block may take. Kernels of so many slots that it would be more get smaller tiles, down to what
/// machine code takes at a time.
inline constexpr double maximum_block_bytes = 1 << 27;

/// The size of the table of a block of so many samples, and of one row of it.
struct BlockSize {
  BlockSize(std::int64_t slots, std::ptrdiff_t tile, std::ptrdiff_t entry_bytes);

  std::ptrdiff_t count;   ///< samples, rounded up to lane_padding
  std::ptrdiff_t stride;  ///< a little more, so that slots do not share cache sets
  double bytes;
};

/// Of at most `tile` samples.
std::ptrdiff_t fitting_tile(std::int64_t slots, std::ptrdiff_t tile, std::ptrdiff_t entry_bytes);

/// How many of `threads` workers may hold two blocks each in `maximum_bytes`; one at least.
int block_holders(double block_bytes, int threads, std::size_t maximum_bytes);

/// One block: entry `slot` of its sample j is element slot * stride + j.
struct TableBlock {
  const std::byte* data = nullptr;
  std::ptrdiff_t stride = 0;
};

template <typename T>
class SampleTables {
 public:
  /// Memory of one worker for a block that is not kept; remembers which one it holds.
  struct Scratch {
    AlignedArray<std::byte> data;
    std::ptrdiff_t block = -1;
  };

  SampleTables(const KernelFunctions& kernel, const UnitRows<T>& samples, int threads,
               std::size_t maximum_bytes);

  /// Block `index`, the samples of that tile. Valid until `scratch` is used again.
  [[nodiscard]] TableBlock block(std::ptrdiff_t index, Scratch& scratch) const;
  /// How many workers there should be, so that their blocks take no more than the tables might.
  [[nodiscard]] int workers() const { return workers_; }

 private:
  void compute(std::ptrdiff_t index, std::byte* table) const;
  [[nodiscard]] std::ptrdiff_t block_bytes() const {
    return kernel_.slots * size_.stride * table_element(kernel_);
  }

  const KernelFunctions& kernel_;
  const UnitRows<T>& samples_;
  BlockSize size_;
  int workers_;
  AlignedArray<std::byte> kept_;  // all blocks, or empty
};

extern template class SampleTables<double>;
extern template class SampleTables<float>;

}  // namespace ntkc::runtime
