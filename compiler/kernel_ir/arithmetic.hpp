// Arithmetic of the IR on numbers in quadruple precision.
#pragma once

#include <span>

#include "compiler/kernel_ir/program.hpp"
#include "compiler/kernel_ir/quad.hpp"

namespace ntkc::kernel_ir {

/// The value of an operation on reals. Throws std::invalid_argument for any other.
Quad evaluate(Operation operation, std::span<const Quad> operands);

}  // namespace ntkc::kernel_ir
