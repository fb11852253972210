// How exact a kernel is at the inputs at hand: enough terms of its Hermite expansions, and a note where they
// or the rounding of closed forms leave more open than was asked.
#pragma once

#include <vector>

#include "cli/common_options.hpp"
#include "cli/console.hpp"
#include "ntkc/matrix.hpp"

namespace ntkc::cli {

/// The options for a kernel whose expansions are to have enough terms for these inputs.
CompileOptions serving(CompileOptions options, const std::vector<MatrixView<const double>>& inputs);
/// Puts what a layer may be off by at these inputs into the report, with a note if it is more than asked.
/// What is too much to go on is refused where the Gram matrix is evaluated.
void report_expansions(const KernelFunctions& kernel, const std::vector<MatrixView<const double>>& inputs,
                       Console& console);

}  // namespace ntkc::cli
