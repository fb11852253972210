// Long blocks in parts, for LLVM's back end.
#pragma once

#include <llvm/IR/Module.h>

namespace ntkc::jit {

/// Selection, scheduling and register allocation take time quadratic in the length of a block, and what is
/// written out (hundreds of layers, the terms of an activation) is one block. Each block of more than a few
/// hundred instructions becomes several, with branches between them that LLVM does not fold.
///
/// Precondition: every function takes a pointer that is not null, as a PairFunction does.
void split_long_blocks(llvm::Module& module);

}  // namespace ntkc::jit
