// What becomes of a kernel when its two inputs are exchanged.
#pragma once

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::codegen {

/// Whether K(x, x') and K(x', x) are the same to the last bit as the program is written: whether exchanging
/// the inputs gives the same operations on the same numbers, up to the order of sums and products of two and
/// to signs that cancel. What is not has to be evaluated with the two in an order of its own. Of values at pairs
/// of positions (p, p'), exchanging the inputs is meant to exchange the positions, too; the code for sums over such
/// pairs is the same for both (position_emitter.hpp).
bool is_symmetric(const kernel_ir::Program& program);

/// Whether pairs have arithmetic whose terms may cancel, that of the calculus of Gaussian moments: exponentials,
/// probabilities, waves of a pair.
bool needs_wide_pairs(const kernel_ir::Program& program);

}  // namespace ntkc::codegen
