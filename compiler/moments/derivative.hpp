// Derivatives of functions of the kernel IR, in symbols.
#pragma once

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::moments {

/// The derivative of a function or constant by `by`, the variable or a parameter, almost everywhere: min,
/// max, abs, sign and select_less are differentiated branch by branch, jumps add nothing. A node of the same
/// program.
kernel_ir::NodeId differentiate(kernel_ir::Program& program, kernel_ir::NodeId function,
                                kernel_ir::NodeId by);

}  // namespace ntkc::moments
