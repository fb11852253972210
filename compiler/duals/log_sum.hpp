// Logarithms of sums of exponentials without what overflows on the way.
#pragma once

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::duals {

/// f with every log Σ c e^b, c > 0 numbers, as m + log Σ e^(b + log c - m), m the largest of the exponents: that of
/// `log(1 + exp(z))` is finite where e^z is not. f itself if there is none.
kernel_ir::NodeId without_overflow(kernel_ir::Program& program, kernel_ir::NodeId f);

}  // namespace ntkc::duals
