// Where correlations lie.
#pragma once

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::duals {

/// Where a correlation u lies: anywhere, or 0 ≤ u with z = (1 - u)/2 ≤ z_max.
struct Range {
  bool nonnegative = false;
  double z_max = 0.5;

  friend bool operator==(const Range&, const Range&) = default;
};

/// The narrowest that is told apart.
constexpr Range narrowest_range = {true, 0.254};

/// The range of a pair covariance after an activation, given that of its operand. Nodes may be added.
Range dual_range(kernel_ir::Program& program, kernel_ir::NodeId phi, Range operand);

}  // namespace ntkc::duals
