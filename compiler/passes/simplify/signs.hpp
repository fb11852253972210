// What the form of a value says of its sign.
#pragma once

#include <vector>

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::passes {

using elementary::Sign;

/// By node, of reals, in the arithmetic of doubles, where products may underflow to 0. What is not a number
/// has any sign.
std::vector<Sign> find_signs(const kernel_ir::Program& program);

}  // namespace ntkc::passes
