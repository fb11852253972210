// In which order the values with positions of one function are computed, and which of them are kept as arrays.
// Internal to this folder.
//
// A map of positions reads its operand at other positions than those it is computed at, so that all of the operand
// must be there before. Nodes have levels: that of a node is the largest of its operands', one more where it reads
// one of them at other positions. What is elementwise and of one level is computed in one loop over the positions;
// of its values those are stored that a later level needs.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::codegen {

/// One loop over the positions of a place, or over pairs of them.
struct PositionGroup {
  kernel_ir::Place place;
  std::vector<kernel_ir::NodeId> nodes;    ///< to evaluate at each position, in order
  std::vector<kernel_ir::NodeId> targets;  ///< of these, what is stored
};

/// What comes after one another in a region.
struct PositionLevel {
  std::vector<kernel_ir::NodeId> points;  ///< values that are one number
  std::vector<PositionGroup> groups;
  std::vector<kernel_ir::NodeId> loops;
};

class PositionPlan {
 public:
  /// Of the nodes that depend on one input, or on the pair, and that are needed.
  PositionPlan(const kernel_ir::Program& program, const std::vector<bool>& needed,
               kernel_ir::Dependence dependence, const std::vector<bool>& is_stored);

  [[nodiscard]] const std::vector<PositionLevel>& levels(kernel_ir::RegionId region) const {
    return levels_[region];
  }
  [[nodiscard]] bool has_array(kernel_ir::NodeId id) const { return has_array_[id]; }
  /// Whether a node of the program is one of this function's with more than one number.
  [[nodiscard]] bool is_positioned(kernel_ir::NodeId id) const;

 private:
  [[nodiscard]] bool is_own(kernel_ir::NodeId id) const;
  [[nodiscard]] bool is_free(kernel_ir::NodeId id) const;
  [[nodiscard]] bool reads_elsewhere(const kernel_ir::Node& node, kernel_ir::NodeId operand) const;
  void find_levels();
  void find_arrays(const std::vector<bool>& is_stored);
  void make_levels(kernel_ir::RegionId region);
  PositionGroup make_group(kernel_ir::Place place, std::int64_t level,
                           std::vector<kernel_ir::NodeId> targets) const;

  const kernel_ir::Program& program_;
  const std::vector<bool>& needed_;
  kernel_ir::Dependence dependence_;
  std::vector<std::int64_t> level_;
  std::vector<bool> has_array_;
  std::vector<bool> is_target_;
  std::vector<std::vector<PositionLevel>> levels_;
};

/// Whether a value of the program has positions.
bool has_positions(const kernel_ir::Program& program);

}  // namespace ntkc::codegen
