// What the kernels of a network take, before they are evaluated.
#pragma once

#include <string>
#include <string_view>

#include "ntkc/compile_options.hpp"

#pragma GCC visibility push(default)
namespace ntkc {

struct KernelCost {
  /// Floating point operations of a pair of inputs, functions counted as what their machine code takes: what all
  /// pairs take, not what some of them take besides.
  double operations = 0;
  /// Numbers that are kept of each sample.
  double table = 0;
};

/// Of the kernels that the options ask for, together. Throws CompileError.
KernelCost kernel_cost(std::string_view arch_text, const CompileOptions& options = {},
                       const std::string& file_name = "<string>");

}  // namespace ntkc
#pragma GCC visibility pop
