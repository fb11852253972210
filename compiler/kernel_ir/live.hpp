// What some of a program's roots need.
#pragma once

#include <vector>

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::kernel_ir {

/// By node. A carried value of a loop is needed if its argument or its result is.
std::vector<bool> find_live(const Program& program, const std::vector<Root>& roots);

}  // namespace ntkc::kernel_ir
