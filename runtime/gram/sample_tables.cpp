#include "runtime/gram/sample_tables.hpp"

#include <algorithm>
#include <cstring>

#include "runtime/gram/gram_checks.hpp"
#include "runtime/gram/parallel.hpp"

namespace ntkc::runtime {

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
      count_(round_up(samples.tile(), lane_padding)),
      stride_(count_ + 16) {
  if (static_cast<double>(samples.tiles()) * static_cast<double>(block_bytes()) >
      static_cast<double>(maximum_bytes))
    return;
  kept_ = AlignedArray<std::byte>(samples.tiles() * block_bytes());
  parallel_for(samples.tiles(), threads,
               [this](std::ptrdiff_t index, int) { compute(index, kept_.data() + index * block_bytes()); });
}

template <typename T>
TableBlock SampleTables<T>::block(std::ptrdiff_t index, Scratch& scratch) const {
  if (kept_) return {kept_.data() + index * block_bytes(), stride_};
  if (!scratch.data) scratch.data = AlignedArray<std::byte>(block_bytes());
  if (scratch.block != index) compute(index, scratch.data.data());
  scratch.block = index;
  return {scratch.data.data(), stride_};
}

template <typename T>
void SampleTables<T>::compute(std::ptrdiff_t index, std::byte* table) const {
  const std::ptrdiff_t first = index * samples_.tile();
  fill_table(kernel_, samples_.self(first), count_, table, stride_);
  if (kernel_.remainder_slot < 0) return;
  const std::ptrdiff_t used = std::min(samples_.tile(), samples_.rows() - first);
  for (std::ptrdiff_t j = 0; j < used; ++j)
    check_loss(kernel_, table_value(kernel_, table, kernel_.remainder_slot * stride_ + j),
               input_row(samples_, first + j));
}

template class SampleTables<double>;
template class SampleTables<float>;

}  // namespace ntkc::runtime
