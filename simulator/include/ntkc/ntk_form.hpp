// What is taken of an empirical tangent kernel of several outputs.
#pragma once

#include <cstdint>

#pragma GCC visibility push(default)
namespace ntkc {

/// With n inputs and o outputs. All three tend to the infinite kernel: `full` to Θ(x_i, x_j) on k = l and 0
/// elsewhere, the others to Θ.
enum class NtkForm : std::uint8_t {
  full,    ///< n o × n o: row i o + k is output k at input i
  trace,   ///< n × n: the mean over k = l
  pseudo,  ///< n × n: the kernel of the sum of the outputs, divided by o
};

}  // namespace ntkc
#pragma GCC visibility pop
