// Where per-sample values stand in the table that `sample` writes and `pair` reads.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::kernel_ir {

/// A sample value that pair nodes read has a slot, a row of the table; a series has one for each term; a value
/// with positions has as many for each of them; in a loop there are as many for each iteration. The row of a node
/// in region r at flattened iteration i is
///   base(r) + i · per_iteration(r) + local.
struct SlotLayout {
  struct RegionSlots {
    std::int64_t base = 0;
    std::int64_t per_iteration = 0;
  };
  std::vector<RegionSlots> regions;
  std::vector<std::int64_t> local;  ///< by node; -1: no slot
  std::int64_t total = 0;
};

/// More rows than any machine has memory for.
inline constexpr std::int64_t most_slots = std::int64_t{1} << 31;

SlotLayout assign_slots(const Program& program, const std::vector<bool>& live);

}  // namespace ntkc::kernel_ir
