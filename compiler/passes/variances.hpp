// Finds how large self covariances get for inputs of a stated size.
#pragma once

#include <vector>

#include "compiler/duals/options.hpp"
#include "compiler/kernel_ir/program.hpp"

namespace ntkc::passes {

using duals::DeviationRange;

/// Returns the range of √q of every sample covariance for inputs with |x|²/d up to `largest_input`, over all
/// iterations of the loops around it. The program is run for a few sizes between 0 and the largest, so a
/// value between them may be a little off.
std::vector<DeviationRange> find_deviations(const kernel_ir::Program& program, double largest_input);

}  // namespace ntkc::passes
