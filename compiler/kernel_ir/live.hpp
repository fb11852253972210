// Finds the nodes that roots of a program need.
#pragma once

#include <vector>

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::kernel_ir {

/// Returns for each node whether one of the roots needs it. A value that a loop carries is needed if its
/// argument or its result is.
std::vector<bool> find_live(const Program& program, const std::vector<Root>& roots);

}  // namespace ntkc::kernel_ir
