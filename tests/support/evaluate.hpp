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

/// The kernel at (x, y). The pair is put into every lane of a row and the lanes must agree to the last bit;
/// otherwise NaN.
template <typename T>
double evaluate(const KernelFunctions& kernel, PairFunction pair, const kernel_ir::InputCovariance& input) {
  constexpr std::ptrdiff_t n = lane_padding;
  std::vector<double> first(n, static_cast<double>(input.first));
  std::vector<double> second(n, static_cast<double>(input.second));
  std::vector<T> row_table(static_cast<std::size_t>(kernel.slots * n + 1));
  std::vector<T> column_table(static_cast<std::size_t>(kernel.slots * n + 1));
  kernel.sample(first.data(), n, row_table.data(), n);
  kernel.sample(second.data(), n, column_table.data(), n);
  std::vector<T> tile(n, static_cast<T>(half_complement(input)));
  pair(tile.data(), tile.data(), n, 1, n, row_table.data(), n, column_table.data(), n);
  for (const T value : tile) {
    if (!(value == tile[0])) return std::nan("");
  }
  return static_cast<double>(tile[0]);
}

}  // namespace ntkc::test
