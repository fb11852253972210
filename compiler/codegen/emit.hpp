// Kernel IR → LLVM IR: one function for the samples, one for each root, on vectors of any width.
#pragma once

#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include <cstdint>
#include <memory>
#include <string>

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::codegen {

/// What code to emit.
struct Target {
  int lanes =
      16;  ///< elements of a vector value; wider than a register means several at once, which hides latency
  bool f32 = false;  ///< element type of tables and tiles
  std::string cpu;   ///< LLVM names, as attributes of the functions; "" for none
  std::string features;
  int register_bits = 256;  ///< preferred vector register: 128, 256, 512
};

/// Names of the functions in the module; the signatures are SampleFunction, PairFunction and, for a kernel of
/// several planes, StackFunction of runtime/include/ntkc/kernel_functions.hpp.
inline constexpr const char* sample_name = "ntkc_sample";
std::string pair_name(const std::string& root);  ///< "ntkc_pair_Sigma"
/// Whether the kernel of that name is a StackFunction: anything but Σ and Θ, and these if they have several
/// planes.
bool is_stack(const kernel_ir::Program& program, const std::string& root);

struct EmittedModule {
  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::Module> module;
  std::int64_t slots = 0;  ///< rows of the per-sample table
  std::int64_t remainder_slot =
      -1;  ///< row of the largest remainder of a sample's expansions; -1: there are none
};

/// Precondition: the program has been through the pass pipeline (reals only, parameters bound); all its roots
/// are emitted. Throws std::invalid_argument otherwise, and if the table would have more than 2^31 rows.
EmittedModule emit(const kernel_ir::Program& program, const Target& target);

}  // namespace ntkc::codegen
