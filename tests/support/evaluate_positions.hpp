// A compiled kernel of inputs with positions on pairs of them, through the interface that the runtime uses.
#pragma once

#include <cmath>
#include <memory>
#include <span>
#include <vector>

#include "ntkc/kernel_functions.hpp"

namespace ntkc::test {

/// Inputs and their table, for rows and for columns.
template <typename Element>
class PositionSamples {
 public:
  PositionSamples(const KernelFunctions& kernel, const std::vector<std::vector<double>>& samples)
      : count_((std::ssize(samples) + lane_padding - 1) / lane_padding * lane_padding) {
    const std::int64_t positions = kernel.positions.count;
    const std::int64_t channels = kernel.positions.channels;
    const auto size = static_cast<std::size_t>(positions * channels * count_);
    std::vector<double> self(static_cast<std::size_t>(positions * count_), 1.0);
    std::vector<double> unit(size, 0.0);
    for (std::size_t j = 0; j < samples.size(); ++j) {
      for (std::int64_t p = 0; p < positions; ++p) {
        const double* x = samples[j].data() + p * channels;
        long double sum = 0;
        for (std::int64_t k = 0; k < channels; ++k) sum += static_cast<long double>(x[k]) * x[k];
        self[static_cast<std::size_t>(p * count_) + j] = static_cast<double>(sum / channels);
        for (std::int64_t k = 0; k < channels; ++k)
          unit[static_cast<std::size_t>((p * channels + k) * count_) + j] =
              sum == 0 ? 0 : static_cast<double>(x[k] / std::sqrt(sum));
      }
    }
    inputs_.assign(unit.begin(), unit.end());
    table_.resize(static_cast<std::size_t>(kernel.slots * count_ + 1));
    scratch_ = aligned(kernel.positions.scratch_bytes);
    const SampleArguments arguments{.count = count_,
                                    .self = self.data(),
                                    .table = table_.data(),
                                    .table_stride = count_,
                                    .position_stride = count_,
                                    .inputs = unit.data(),
                                    .scratch = scratch_.get()};
    kernel.sample(&arguments);
  }

  [[nodiscard]] std::int64_t count() const { return count_; }
  [[nodiscard]] const Element* inputs() const { return inputs_.data(); }
  [[nodiscard]] const Element* table() const { return table_.data(); }
  [[nodiscard]] void* scratch() const { return scratch_.get(); }

 private:
  using Memory = std::unique_ptr<void, decltype(&std::free)>;
  static Memory aligned(std::int64_t bytes) {
    return {std::aligned_alloc(64, static_cast<std::size_t>(bytes + 63) / 64 * 64 + 64), &std::free};
  }

  std::int64_t count_;
  std::vector<Element> inputs_;
  std::vector<Element> table_;
  Memory scratch_ = aligned(0);
};

/// Planes of the kernel at (x, y_j), one after another: the planes of y_0, those of y_1, …
template <typename T, typename Element = T>
std::vector<std::vector<double>> evaluate_positions(const KernelFunctions& kernel, const KernelStack& stack,
                                                    const std::vector<double>& x,
                                                    const std::vector<std::vector<double>>& ys) {
  const std::size_t rows = kernel.positions.rows_by_lane ? ys.size() : 1;
  const PositionSamples<Element> row(kernel, std::vector(rows, x));
  const PositionSamples<Element> columns(kernel, ys);
  const std::int64_t planes = std::ssize(stack.planes);
  std::vector<T> result(static_cast<std::size_t>(planes * columns.count()));
  const PairArguments arguments{.rows = 1,
                                .columns = columns.count(),
                                .row_table = row.table(),
                                .row_table_stride = row.count(),
                                .column_table = columns.table(),
                                .column_table_stride = columns.count(),
                                .result = result.data(),
                                .plane_stride = columns.count(),
                                .row_inputs = row.inputs(),
                                .row_input_stride = row.count(),
                                .column_inputs = columns.inputs(),
                                .column_input_stride = columns.count(),
                                .scratch = columns.scratch()};
  stack.pair(&arguments);
  std::vector<std::vector<double>> values;
  for (std::size_t j = 0; j < ys.size(); ++j) {
    std::vector<double>& of = values.emplace_back();
    for (std::int64_t plane = 0; plane < planes; ++plane)
      of.push_back(result[static_cast<std::size_t>(plane * columns.count()) + j]);
  }
  return values;
}

}  // namespace ntkc::test
