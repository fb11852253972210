// What the code of a program takes.
#pragma once

#include "compiler/kernel_ir/program.hpp"
#include "ntkc/cost.hpp"

namespace ntkc::driver {

/// Of a program that has been through the passes.
KernelCost cost_of(const kernel_ir::Program& program);

}  // namespace ntkc::driver
