// What is known of the correlations of a program before it runs: their range, and whether their complements
// matter.
#pragma once

#include <vector>

#include "compiler/duals/range.hpp"
#include "compiler/kernel_ir/program.hpp"

namespace ntkc::passes {

using duals::Range;

/// The range of every pair covariance; a loop argument's holds in all iterations.
std::vector<Range> find_ranges(const kernel_ir::Program& program);

/// Which pair covariances need their complements to full relative accuracy, because an activation comes after
/// them: a kinked one depends on √z, a smooth one multiplies an error of z by up to q, which may be large.
/// For the rest z to an absolute 1e-16 will do.
std::vector<bool> find_critical(const kernel_ir::Program& program);

}  // namespace ntkc::passes
