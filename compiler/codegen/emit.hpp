// Kernel IR → LLVM IR: one function for the samples, one for each kernel, on vectors of any width. Both are
// what runtime/include/ntkc/kernel_functions.hpp says.
#pragma once

#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::codegen {

/// What code to emit.
struct Target {
  int lanes =
      16;  ///< elements of a vector value; wider than a register means several at once, which hides latency
  bool f32 = false;   ///< element type of tiles, and of tables and pairs unless `wide`
  bool wide = false;  ///< of f32: tables and what is computed at a pair are f64 (exchange.hpp says where)
  std::string cpu;    ///< LLVM names, as attributes of the functions; "" for none
  std::string features;
  int register_bits = 256;  ///< preferred vector register: 128, 256, 512
  bool in_slices = true;  ///< values over pairs of positions are computed offset by offset where that can be
};

/// A function of the module that evaluates a kernel, as PairFunction says.
struct EmittedKernel {
  std::string name;  ///< of its roots
  std::int64_t planes = 1;
  std::string symbol;
};

struct EmittedModule {
  std::unique_ptr<llvm::LLVMContext> context;
  std::unique_ptr<llvm::Module> module;
  std::string sample_symbol;  ///< of the SampleFunction
  std::vector<EmittedKernel> kernels;
  std::int64_t slots = 0;  ///< rows of the per-sample table
  std::int64_t remainder_slot =
      -1;  ///< row of the largest remainder of a sample's expansions; -1: there are none
  std::int64_t scratch_bytes = 0;  ///< KernelFunctions::Positions
  bool rows_by_lane = false;       ///< KernelFunctions::Positions
};

/// Precondition: the program has been through the pass pipeline (reals only, parameters bound); all its roots
/// are emitted. Throws std::invalid_argument otherwise, and if the table would have more than 2^31 rows.
EmittedModule emit(const kernel_ir::Program& program, const Target& target);

}  // namespace ntkc::codegen
