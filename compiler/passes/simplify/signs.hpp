// The signs of values, as far as the form of a program shows them.
#pragma once

#include <vector>

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::passes {

using elementary::Sign;

/// Returns the sign of each node that is a real, in the arithmetic of doubles, where products may underflow
/// to 0. Values that are not numbers may be said to have any sign.
std::vector<Sign> find_signs(const kernel_ir::Program& program);

}  // namespace ntkc::passes
