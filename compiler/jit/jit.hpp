// Machine code from kernel IR, in memory (LLVM ORC). LLVM stays behind this header.
#pragma once

#include <memory>
#include <string>

#include "compiler/kernel_ir/program.hpp"
#include "ntkc/kernel_functions.hpp"

namespace ntkc::jit {

/// The processor that this process runs on.
struct Host {
  std::string cpu;          ///< LLVM's name; may be wrong on virtual machines, so `features` decides
  std::string features;     ///< LLVM feature string
  int register_bits = 128;  ///< widest vector register: 128, 256 (AVX2 with FMA), 512 (AVX-512 F, DQ, VL)
};
const Host& host();

/// "x86-64 with avx512f avx512dq avx512vl fma, 512-bit vectors"
std::string describe(const Host& machine);

struct JitOptions {
  bool f32 = false;
  int lanes = 0;          ///< 0: default_lanes
  int register_bits = 0;  ///< 0: the host's; 128: SSE2 only, 256: AVX2 and FMA, as on hosts that have no more
  bool in_slices = true;  ///< codegen::Target
};

/// What to compile for under `options`. Throws std::invalid_argument if the host cannot run it.
Host machine_for(const JitOptions& options);

/// Lanes that keep several registers in flight: 4 registers of f64 or f32.
int default_lanes(bool f32, const Host& machine);

/// Compiles an expanded program. The result's `name` and `input_shape` are left to the caller.
/// Throws std::runtime_error if LLVM fails.
KernelFunctions compile(const kernel_ir::Program& program, const JitOptions& options);

/// The module's LLVM IR after optimisation, or its assembly.
std::string llvm_text(const kernel_ir::Program& program, const JitOptions& options);
std::string assembly_text(const kernel_ir::Program& program, const JitOptions& options);

/// "19.1.7"
std::string llvm_version();

}  // namespace ntkc::jit
