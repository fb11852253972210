// What of a program is printed, and how it is used. Internal to this folder.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::kernel_ir {

/// By node.
struct PrintedUses {
  explicit PrintedUses(const Program& program);

  std::vector<bool> live;
  std::vector<std::uint32_t> count;       ///< a square is one use
  std::vector<bool> needs_name;           ///< some user reads it by name
  std::vector<bool> is_function_operand;  ///< of an expectation
  std::vector<RegionId> user_region;      ///< of the last one
};

}  // namespace ntkc::kernel_ir
