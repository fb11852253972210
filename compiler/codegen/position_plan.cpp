#include "compiler/codegen/position_plan.hpp"

#include <algorithm>
#include <map>

namespace ntkc::codegen {

using kernel_ir::Dependence;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Place;
using kernel_ir::Program;
using kernel_ir::RegionId;
using kernel_ir::Space;
using kernel_ir::Type;

bool has_positions(const Program& program) {
  return std::ranges::any_of(program.nodes(),
                             [](const Node& node) { return node.place.space != Space::point; });
}

PositionPlan::PositionPlan(const Program& program, const std::vector<bool>& needed, Dependence dependence,
                           const std::vector<bool>& is_stored)
    : program_(program),
      needed_(needed),
      dependence_(dependence),
      level_(program.size(), 0),
      has_array_(program.size(), false),
      is_target_(program.size(), false),
      levels_(program.regions().size()) {
  find_levels();
  find_arrays(is_stored);
  for (RegionId region = 0; region < program.regions().size(); ++region) make_levels(region);
}

/// Of this function: what depends on as much as it does, and constants.
bool PositionPlan::is_own(NodeId id) const {
  const Node& node = program_[id];
  return needed_[id] && (node.dependence == dependence_ || node.dependence == Dependence::constant) &&
         node.type != Type::none;
}

bool PositionPlan::is_positioned(NodeId id) const {
  return is_own(id) && program_[id].place.space != Space::point;
}

/// What costs nothing to have again: inputs, entries of tables, one number for all positions.
bool PositionPlan::is_free(NodeId id) const {
  const Node& node = program_[id];
  switch (node.operation) {
    case Operation::input_square:
    case Operation::first:
    case Operation::second:
    case Operation::broadcast:
      return true;
    case Operation::rows:
    case Operation::columns:
      return !reads_elsewhere(node, node.operands[0]);
    default:
      return false;
  }
}

/// Whether an operand has to be there at all positions.
bool PositionPlan::reads_elsewhere(const Node& node, NodeId operand) const {
  if (!is_positioned(operand)) return false;
  switch (node.operation) {
    case Operation::coupled:
    case Operation::congruent:
    case Operation::diagonal:
      return true;
    case Operation::tap_product:
    case Operation::rows:
    case Operation::columns: {
      const Operation read = program_[operand].operation;
      return read != Operation::first && read != Operation::second && read != Operation::broadcast;
    }
    default:
      return false;
  }
}

void PositionPlan::find_levels() {
  for (NodeId id = 0; id < program_.size(); ++id) {
    const Node& node = program_[id];
    if (!needed_[id] || node.dependence == Dependence::function || node.operation == Operation::loop_argument)
      continue;
    std::int64_t level = 0;
    for (const NodeId operand : node.operands) {
      const Node& used = program_[operand];
      if (used.region != node.region || used.operation == Operation::loop_argument) continue;
      const bool is_later = node.operation == Operation::loop_result || reads_elsewhere(node, operand) ||
                            (node.operation == Operation::loop && is_positioned(operand));
      level = std::max(level, level_[operand] + (is_later ? 1 : 0));
    }
    // What a loop reads of the regions around it is there before.
    if (node.operation == Operation::loop) {
      for (NodeId inner = 0; inner < id; ++inner) {
        RegionId region = program_[inner].region;
        if (!needed_[inner] || region == node.region) continue;
        while (region != 0 && program_.regions()[region].loop != id)
          region = program_.regions()[region].parent;
        if (region == 0) continue;
        for (const NodeId operand : program_[inner].operands) {
          if (program_[operand].region == node.region)
            level = std::max(level, level_[operand] + (is_positioned(operand) ? 1 : 0));
        }
      }
    }
    level_[id] = level;
  }
}

void PositionPlan::find_arrays(const std::vector<bool>& is_stored) {
  const auto need = [this](NodeId id) {
    if (is_positioned(id)) has_array_[id] = true;
  };
  for (NodeId id = 0; id < program_.size(); ++id) {
    const Node& node = program_[id];
    if (!needed_[id] || node.dependence == Dependence::function) continue;
    if (node.operation == Operation::loop_argument || node.operation == Operation::loop_result) need(id);
    if (node.operation == Operation::loop) {
      const auto& body = program_.body(node);
      for (std::size_t i = 0; i < body.arguments.size(); ++i) {
        if (!is_positioned(body.arguments[i])) continue;
        need(node.operands[i]);
        need(body.results[i]);
      }
      continue;
    }
    for (const NodeId operand : node.operands) {
      if (node.operation == Operation::loop_result || !is_own(id)) continue;
      const bool is_late = level_[operand] < level_[id] || program_[operand].region != node.region;
      if (reads_elsewhere(node, operand) || (is_late && !is_free(operand))) need(operand);
    }
  }
  for (NodeId id = 0; id < program_.size(); ++id) {
    const bool is_carried = program_[id].operation == Operation::loop_argument ||
                            program_[id].operation == Operation::loop_result;
    const bool is_stored_series = program_[id].operation == Operation::hermite_series;
    is_target_[id] =
        is_positioned(id) && !is_carried && (has_array_[id] || is_stored[id] || is_stored_series);
  }
}

PositionGroup PositionPlan::make_group(Place place, std::int64_t level, std::vector<NodeId> targets) const {
  std::vector<bool> wanted(targets.back() + 1, false);
  for (const NodeId target : targets) wanted[target] = true;
  PositionGroup group{place, {}, std::move(targets)};
  for (NodeId id = group.targets.back() + 1; id-- > 0;) {
    if (!wanted[id]) continue;
    group.nodes.push_back(id);
    const Node& node = program_[id];
    const bool is_here =
        is_target_[id] && level_[id] == level && node.region == program_[group.targets[0]].region;
    if (has_array_[id] && !is_here) continue;  // read from its array
    for (const NodeId operand : node.operands) {
      if (is_positioned(operand) && !reads_elsewhere(node, operand) && program_[operand].place == place)
        wanted[operand] = true;
    }
  }
  std::ranges::reverse(group.nodes);
  return group;
}

void PositionPlan::make_levels(RegionId region) {
  std::vector<PositionLevel>& levels = levels_[region];
  const auto at = [&](NodeId id) -> PositionLevel& {
    const auto level = static_cast<std::size_t>(level_[id]);
    if (levels.size() <= level) levels.resize(level + 1);
    return levels[level];
  };
  std::map<std::pair<std::int64_t, std::pair<Space, kernel_ir::ExtentsId>>, std::vector<NodeId>> targets;
  for (NodeId id = 0; id < program_.size(); ++id) {
    const Node& node = program_[id];
    if (!needed_[id] || node.region != region || node.dependence == Dependence::function) continue;
    if (node.operation == Operation::loop) {
      at(id).loops.push_back(id);
    } else if (is_own(id) && node.place.space == Space::point) {
      at(id).points.push_back(id);
    } else if (is_target_[id]) {
      targets[{level_[id], {node.place.space, node.place.extents}}].push_back(id);
    }
  }
  for (auto& [key, ids] : targets) {
    const Place place = program_[ids[0]].place;
    at(ids[0]).groups.push_back(make_group(place, key.first, std::move(ids)));
  }
}

}  // namespace ntkc::codegen
