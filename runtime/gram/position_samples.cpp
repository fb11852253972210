#include "runtime/gram/position_samples.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "runtime/gram/ordered_pairs.hpp"
#include "runtime/gram/parallel.hpp"
#include "runtime/gram/sample_tables.hpp"
#include "runtime/gram/unit_rows.hpp"

namespace ntkc::runtime {
namespace {

/// Of tables while they are made: a little more than a block, so that slots do not share cache sets.
constexpr std::ptrdiff_t stride = lane_padding + 16;

/// Entry k of sample j, from k * stride + j, to where it is in groups of `lanes` samples: in each group the samples of an
/// entry are next to one another, and entries follow.
void group(const std::byte* from, std::byte* to, std::ptrdiff_t count, std::ptrdiff_t lanes,
           std::ptrdiff_t element) {
  const auto copy = [&]<typename T>(const T* source, T* target) {
    for (std::ptrdiff_t first = 0; first < lane_padding; first += lanes) {
      for (std::ptrdiff_t k = 0; k < count; ++k) {
        for (std::ptrdiff_t j = 0; j < lanes; ++j) *target++ = source[k * stride + first + j];
      }
    }
  };
  if (element == sizeof(float))
    copy(reinterpret_cast<const float*>(from), reinterpret_cast<float*>(to));
  else
    copy(reinterpret_cast<const double*>(from), reinterpret_cast<double*>(to));
}

}  // namespace

double PositionBlock::bytes(const KernelFunctions& kernel) {
  const auto components = static_cast<double>(kernel.positions.count * kernel.positions.channels);
  return (static_cast<double>(kernel.slots) + components) * 2 * lane_padding *
         static_cast<double>(table_element(kernel));
}

PositionBlock::PositionBlock(const KernelFunctions& kernel, MatrixView<const double> x,
                             const std::string& name, std::ptrdiff_t first, const Proceed& proceed,
                             void* proceed_state)
    : element_(table_element(kernel)),
      slots_(kernel.slots),
      components_(kernel.positions.count * kernel.positions.channels),
      lanes_(kernel.positions.lanes),
      table_(slots_ * lane_padding * element_),
      row_table_(slots_ * lane_padding * element_),
      inputs_(components_ * lane_padding * element_),
      row_inputs_(components_ * lane_padding * element_) {
  const std::int64_t positions = kernel.positions.count;
  const std::int64_t channels = kernel.positions.channels;
  std::vector<double> self(static_cast<std::size_t>(positions * stride), 1.0);
  const AlignedArray<double> unit(components_ * stride);
  std::fill_n(unit.data(), components_ * stride, 0.0);
  for (std::ptrdiff_t j = 0; j < std::min(lane_padding, x.rows - first); ++j) {
    measure_row(x, first + j, name, kernel.precision);
    const MatrixView<const double> vectors(&x(first + j, 0), positions, channels);
    const std::string position_name = fmt::format("the positions of row {} of {}", first + j, name);
    for (std::ptrdiff_t p = 0; p < positions; ++p) {
      const RowMeasure measure = measure_row(vectors, p, position_name, kernel.precision);
      self[static_cast<std::size_t>(p * stride + j)] = measure.self;
      for (std::ptrdiff_t k = 0; k < channels; ++k)
        unit.data()[(p * channels + k) * stride + j] = vectors(p, k) * measure.inverse_norm;
    }
  }
  const AlignedArray<std::byte> inputs(components_ * stride * element_);
  if (element_ == sizeof(double))
    std::memcpy(inputs.data(), unit.data(), static_cast<std::size_t>(components_ * stride * element_));
  else
    std::copy_n(unit.data(), components_ * stride, reinterpret_cast<float*>(inputs.data()));
  const AlignedArray<std::byte> table(slots_ * stride * element_);
  const AlignedArray<std::byte> scratch(kernel.positions.scratch_bytes);
  const SampleArguments arguments{.count = lane_padding,
                                  .self = self.data(),
                                  .table = table.data(),
                                  .table_stride = stride,
                                  .position_stride = stride,
                                  .inputs = unit.data(),
                                  .scratch = scratch.data(),
                                  .proceed = proceed,
                                  .proceed_state = proceed_state};
  kernel.sample(&arguments);
  group(table.data(), table_.data(), slots_, lanes_, element_);
  group(table.data(), row_table_.data(), slots_, 1, element_);
  group(inputs.data(), inputs_.data(), components_, lanes_, element_);
  group(inputs.data(), row_inputs_.data(), components_, 1, element_);
}

void PositionBlock::set_columns(PairArguments& arguments, std::ptrdiff_t column) const {
  arguments.column_table = table_.data() + column * slots_ * element_;
  arguments.column_table_stride = lanes_;
  arguments.column_inputs = inputs_.data() + column * components_ * element_;
  arguments.column_input_stride = lanes_;
}

void PositionBlock::set_row(PairArguments& arguments, std::ptrdiff_t row) const {
  arguments.row_table = row_table_.data() + row * slots_ * element_;
  arguments.row_table_stride = 1;
  arguments.row_inputs = row_inputs_.data() + row * components_ * element_;
  arguments.row_input_stride = 1;
}

double PositionBlock::table_entry(const KernelFunctions& kernel, std::int64_t slot,
                                  std::ptrdiff_t sample) const {
  return table_value(kernel, row_table_.data(), sample * slots_ + slot);
}

PositionSamples::PositionSamples(const KernelFunctions& kernel, MatrixView<const double> x,
                                 const std::string& name, int threads, std::size_t maximum_bytes)
    : kernel_(kernel), x_(x), name_(name), workers_(threads) {
  const double block = PositionBlock::bytes(kernel);
  if (static_cast<double>(blocks()) * block > static_cast<double>(maximum_bytes)) {
    workers_ = block_holders(block, threads, maximum_bytes);
    return;
  }
  kept_.resize(static_cast<std::size_t>(blocks()));
  parallel_for(blocks(), threads,
               [this](std::ptrdiff_t index, int) { kept_[static_cast<std::size_t>(index)] = make(index); });
}

PositionBlock PositionSamples::make(std::ptrdiff_t index) const {
  const std::ptrdiff_t first = index * lane_padding;
  PositionBlock result(kernel_, x_, name_, first, nullptr, nullptr);
  if (kernel_.remainder_slot >= 0) {
    for (std::ptrdiff_t j = 0; j < std::min(lane_padding, x_.rows - first); ++j)
      check_loss(kernel_, result.table_entry(kernel_, kernel_.remainder_slot, j), input_row(first + j));
  }
  return result;
}

const PositionBlock& PositionSamples::block(std::ptrdiff_t index, Scratch& scratch) const {
  if (!kept_.empty()) return kept_[static_cast<std::size_t>(index)];
  if (scratch.index != index) scratch.block = make(index);
  scratch.index = index;
  return scratch.block;
}

InputRow PositionSamples::input_row(std::ptrdiff_t index) const {
  return {name_, index, measure_row(x_, index, name_, kernel_.precision).self};
}

double position_bytes(const KernelFunctions& kernel, std::int64_t samples, int threads,
                      std::size_t maximum_bytes) {
  const double block = PositionBlock::bytes(kernel);
  const double blocks = static_cast<double>((samples + lane_padding - 1) / lane_padding);
  const double scratch =
      (static_cast<double>(kernel.positions.scratch_bytes) + OrderedPairs::bytes(kernel)) * threads;
  if (blocks * block <= static_cast<double>(maximum_bytes)) return blocks * block + scratch;
  return 2 * block * block_holders(block, threads, maximum_bytes) + scratch;
}

}  // namespace ntkc::runtime
