// Constant folding.
#pragma once

#include <optional>
#include <vector>

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::kernel_ir {

/// The value of an operation on literals, in double; nothing for operations that are not arithmetic.
std::optional<double> fold(Operation operation, const std::vector<double>& operands);

}  // namespace ntkc::kernel_ir
