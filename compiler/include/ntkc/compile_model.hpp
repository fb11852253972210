// The kernel of a model that was fitted before, perhaps by another program.
#pragma once

#include "ntkc/compile_options.hpp"
#include "ntkc/kernel_functions.hpp"
#include "ntkc/model.hpp"

#pragma GCC visibility push(default)
namespace ntkc {

/// The options to compile the network of a model with, so that it has the kernel that it was fitted with: Σ or Θ, its
/// precision and tolerance, parameters, and expansions that serve the inputs it was fitted to. Of `base` the limits and
/// where warnings go are kept: a model may be somebody else's. It may not import files. The model has to outlive the
/// options.
CompileOptions options_of(const Model& model, const CompileOptions& base = {});

/// Compiles it. Throws CompileError.
KernelFunctions compile_model(const Model& model, const CompileOptions& base = {});

}  // namespace ntkc
#pragma GCC visibility pop
