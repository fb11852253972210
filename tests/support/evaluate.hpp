// A compiled kernel on one pair of inputs, through the interface that the runtime uses.
#pragma once

#include <cmath>
#include <vector>

#include "compiler/kernel_ir/interpreter.hpp"
#include "ntkc/kernel_functions.hpp"

namespace ntkc::test {

/// (1 - |u|)/2 with the sign of u, rounded once from quadruple precision: the most exact input a tile can
/// hold.
inline double half_complement(const kernel_ir::InputCovariance& input) {
  using kernel_ir::Quad;
  const double product = static_cast<double>(input.first) * static_cast<double>(input.second);
  if (product == 0) return 0.5;
  // (1 - |c|/g)/2 = (g² - c²)/(2 g (g + |c|)); g by Newton's step from the double square root.
  Quad g = std::sqrt(static_cast<double>(input.first)) * std::sqrt(static_cast<double>(input.second));
  for (int i = 0; i < 3; ++i) g = (g + input.first * input.second / g) / 2;
  const Quad c = input.cross < 0 ? -input.cross : input.cross;
  const Quad m = (input.first * input.second - c * c) / (2 * g * (g + c));
  return std::copysign(m > 0 ? static_cast<double>(m) : 0.0, input.cross < 0 ? -1.0 : 1.0);
}

/// The table of samples with these self covariances, as many as lane_padding or a multiple of it.
template <typename T>
std::vector<T> sample_table(const KernelFunctions& kernel, const std::vector<double>& self) {
  const auto count = static_cast<std::int64_t>(self.size());
  // Doubles take the place of two floats.
  const std::int64_t width = kernel.wide_tables ? 2 : 1;
  std::vector<T> table(static_cast<std::size_t>(width * kernel.slots * count + 1));
  const SampleArguments arguments{
      .count = count, .self = self.data(), .table = table.data(), .table_stride = count};
  kernel.sample(&arguments);
  return table;
}

/// A kernel of one plane on a row of pairs, whose tables are as long as the row.
template <typename T>
std::vector<T> evaluate_row(const KernelStack& stack, const std::vector<T>& half_complements,
                            const std::vector<T>& row_table, const std::vector<T>& column_table) {
  const auto count = static_cast<std::int64_t>(half_complements.size());
  std::vector<T> result(half_complements.size());
  const PairArguments arguments{.rows = 1,
                                .columns = count,
                                .half_complement = half_complements.data(),
                                .row_table = row_table.data(),
                                .row_table_stride = count,
                                .column_table = column_table.data(),
                                .column_table_stride = count,
                                .result = result.data()};
  stack.pair(&arguments);
  return result;
}

/// The kernel at (x, y). The pair is put into every lane of a row and the lanes must agree to the last bit;
/// otherwise NaN.
template <typename T>
double evaluate(const KernelFunctions& kernel, KernelKind kind, const kernel_ir::InputCovariance& input) {
  const auto self = [](kernel_ir::Quad q) {
    return std::vector<double>(lane_padding, static_cast<double>(q));
  };
  const std::vector<T> values = evaluate_row<T>(
      *kernel.find(kind), std::vector<T>(lane_padding, static_cast<T>(half_complement(input))),
      sample_table<T>(kernel, self(input.first)), sample_table<T>(kernel, self(input.second)));
  for (const T value : values) {
    if (!(value == values[0])) return std::nan("");
  }
  return static_cast<double>(values[0]);
}

}  // namespace ntkc::test
