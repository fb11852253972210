// What is known of the correlations of a program before it runs: their range, and whether their complements
// matter.
#pragma once

#include <vector>

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::passes {

/// Where a correlation u lies: anywhere, or 0 ≤ u with z = (1 - u)/2 ≤ z_max.
struct Range {
  bool nonnegative = false;
  double z_max = 0.5;

  friend bool operator==(const Range&, const Range&) = default;
};

/// The range of a pair covariance after an activation, given that of its operand. Nodes may be added.
Range dual_range(kernel_ir::Program& program, kernel_ir::NodeId phi, Range operand);

/// The range of every pair covariance; a loop argument's holds in all iterations.
std::vector<Range> find_ranges(const kernel_ir::Program& program);

/// Which pair covariances need their complements to full relative accuracy, because an activation comes after
/// them: a kinked one depends on √z, a smooth one multiplies an error of z by up to q, which may be large.
/// For the rest z to an absolute 1e-16 will do.
std::vector<bool> find_critical(const kernel_ir::Program& program);

}  // namespace ntkc::passes
