#include "runtime/gram/sample_tables.hpp"

#include <algorithm>

#include "runtime/gram/gram_checks.hpp"
#include "runtime/gram/parallel.hpp"

namespace ntkc::runtime {

template <typename T>
SampleTables<T>::SampleTables(const KernelFunctions& kernel, const UnitRows<T>& samples, int threads,
                              std::size_t maximum_bytes)
    : kernel_(kernel),
      samples_(samples),
      count_(round_up(samples.tile(), lane_padding)),
      stride_(count_ + 16) {
  const double bytes = static_cast<double>(samples.tiles()) * static_cast<double>(kernel.slots) *
                       static_cast<double>(stride_) * static_cast<double>(sizeof(T));
  if (bytes > static_cast<double>(maximum_bytes)) return;
  kept_ = AlignedArray<T>(samples.tiles() * kernel.slots * stride_);
  parallel_for(samples.tiles(), threads, [this](std::ptrdiff_t index, int) {
    compute(index, kept_.data() + index * kernel_.slots * stride_);
  });
}

template <typename T>
TableBlock<T> SampleTables<T>::block(std::ptrdiff_t index, Scratch& scratch) const {
  if (kept_) return {kept_.data() + index * kernel_.slots * stride_, stride_};
  if (!scratch.data) scratch.data = AlignedArray<T>(kernel_.slots * stride_);
  if (scratch.block != index) compute(index, scratch.data.data());
  scratch.block = index;
  return {scratch.data.data(), stride_};
}

template <typename T>
void SampleTables<T>::compute(std::ptrdiff_t index, T* table) const {
  const SampleArguments arguments{.count = count_,
                                  .self = samples_.self(index * samples_.tile()),
                                  .table = table,
                                  .table_stride = stride_};
  kernel_.sample(&arguments);
  if (kernel_.remainder_slot < 0) return;
  const T* loss = table + kernel_.remainder_slot * stride_;
  const std::ptrdiff_t first = index * samples_.tile();
  const std::ptrdiff_t used = std::min(samples_.tile(), samples_.rows() - first);
  for (std::ptrdiff_t j = 0; j < used; ++j)
    check_loss(kernel_, static_cast<double>(loss[j]), input_row(samples_, first + j));
}

template class SampleTables<double>;
template class SampleTables<float>;

}  // namespace ntkc::runtime
