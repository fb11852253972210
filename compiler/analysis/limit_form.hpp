// What a recursion becomes where its variances are large.
#pragma once

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::analysis {

/// Replaces activations by αzᵖ for z > 0 and β|z|ᵖ for z < 0, to which they tend for large |z| (softplus,
/// swish, mish: ReLU; tanh: sign), wherever the √q that they are applied to are at least `large` for all
/// inputs of the upper part of a range of q up to `largest`. Those that tend to no power stay. What changes
/// is of relative order 1/√q in slopes and less in variances.
kernel_ir::Program limit_form(const kernel_ir::Program& program, double largest, double large);

}  // namespace ntkc::analysis
