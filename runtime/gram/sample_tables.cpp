#include "runtime/gram/sample_tables.hpp"

#include <algorithm>
#include <cstring>

#include "runtime/gram/gram_checks.hpp"
#include "runtime/gram/parallel.hpp"

namespace ntkc::runtime {

BlockSize::BlockSize(std::int64_t slots, std::ptrdiff_t tile, std::ptrdiff_t entry_bytes)
    : count(round_up(tile, lane_padding)),
      stride(count + 16),
      bytes(static_cast<double>(slots) * static_cast<double>(stride) * static_cast<double>(entry_bytes)) {}

std::ptrdiff_t fitting_tile(std::int64_t slots, std::ptrdiff_t tile, std::ptrdiff_t entry_bytes) {
  while (tile > lane_padding && BlockSize(slots, tile, entry_bytes).bytes > maximum_block_bytes) tile /= 2;
  return tile;
}

int block_holders(double block_bytes, int threads, std::size_t maximum_bytes) {
  const double holders = static_cast<double>(maximum_bytes) / std::max(2 * block_bytes, 1.0);
  return static_cast<int>(std::clamp<double>(holders, 1, threads));
}

double table_value(const KernelFunctions& kernel, const std::byte* table, std::ptrdiff_t index) {
  const std::byte* place = table + index * table_element(kernel);
  if (table_element(kernel) == sizeof(float)) {
    float value = 0;
    std::memcpy(&value, place, sizeof value);
    return value;
  }
  double value = 0;
  std::memcpy(&value, place, sizeof value);
  return value;
}

void fill_table(const KernelFunctions& kernel, const double* self, std::ptrdiff_t count, std::byte* table,
                std::ptrdiff_t stride) {
  const SampleArguments arguments{.count = count, .self = self, .table = table, .table_stride = stride};
  kernel.sample(&arguments);
}

template <typename T>
SampleTables<T>::SampleTables(const KernelFunctions& kernel, const UnitRows<T>& samples, int threads,
                              std::size_t maximum_bytes)
    : kernel_(kernel),
      samples_(samples),
      size_(kernel.slots, samples.tile(), table_element(kernel)),
      workers_(threads) {
  if (static_cast<double>(samples.tiles()) * size_.bytes > static_cast<double>(maximum_bytes)) {
    workers_ = block_holders(size_.bytes, threads, maximum_bytes);
    return;
  }
  kept_ = AlignedArray<std::byte>(samples.tiles() * block_bytes());
  parallel_for(samples.tiles(), threads,
               [this](std::ptrdiff_t index, int) { compute(index, kept_.data() + index * block_bytes()); });
}

template <typename T>
TableBlock SampleTables<T>::block(std::ptrdiff_t index, Scratch& scratch) const {
  if (kept_) return {kept_.data() + index * block_bytes(), size_.stride};
  if (!scratch.data) scratch.data = AlignedArray<std::byte>(block_bytes());
  if (scratch.block != index) compute(index, scratch.data.data());
  scratch.block = index;
  return {scratch.data.data(), size_.stride};
}

template <typename T>
void SampleTables<T>::compute(std::ptrdiff_t index, std::byte* table) const {
  const std::ptrdiff_t first = index * samples_.tile();
  fill_table(kernel_, samples_.self(first), size_.count, table, size_.stride);
  if (kernel_.remainder_slot < 0) return;
  const std::ptrdiff_t used = std::min(samples_.tile(), samples_.rows() - first);
  for (std::ptrdiff_t j = 0; j < used; ++j)
    check_loss(kernel_, table_value(kernel_, table, kernel_.remainder_slot * size_.stride + j),
               input_row(samples_, first + j));
}

template class SampleTables<double>;
template class SampleTables<float>;

}  // namespace ntkc::runtime
