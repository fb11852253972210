#include "compiler/codegen/position_plan.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

namespace ntkc::codegen {

using kernel_ir::Dependence;
using kernel_ir::no_node;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Place;
using kernel_ir::Program;
using kernel_ir::RegionId;
using kernel_ir::Space;
using kernel_ir::Type;

namespace {

/// Levels between two stages; the segments of a stage come last.
constexpr std::int64_t levels_of_stage = std::int64_t{1} << 32;

}  // namespace

bool has_positions(const Program& program) {
  return std::ranges::any_of(program.nodes(),
                             [](const Node& node) { return node.place.space != Space::point; });
}

PositionPlan::PositionPlan(const Program& program, const std::vector<bool>& needed, Dependence dependence,
                           std::vector<bool> is_stored, bool in_slices)
    : program_(program),
      needed_(needed),
      dependence_(dependence),
      is_stored_(std::move(is_stored)),
      stage_(program.size(), 0),
      parent_(program.size(), no_node),
      kinds_(program.size()),
      space_(program.size(), Space::point),
      scale_(program.size()),
      segment_(program.size(), no_segment),
      is_local_(program.size(), false),
      is_light_(program.size(), false),
      level_(program.size(), 0),
      storage_(program.size()),
      is_target_(program.size(), false),
      sinks_(program.size()),
      levels_(program.regions().size()) {
  find_light();
  if (in_slices) find_segments();
  find_levels();
  find_storage();
  make_levels();
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
    case Operation::identity:
    case Operation::self_identity:
    case Operation::broadcast:
      return true;
    case Operation::rows:
    case Operation::columns:  // a series is read where it stands in the table
      return node.type == Type::series || !reads_elsewhere(node, node.operands[0]);
    default:
      return false;
  }
}

/// What is made of that alone, by arithmetic: it is computed where it is needed, rather than kept from the first level
/// on, where all of it would be.
void PositionPlan::find_light() {
  for (NodeId id = 0; id < program_.size(); ++id) {
    const Node& node = program_[id];
    if (!is_positioned(id)) continue;
    const bool is_arithmetic = (kernel_ir::has_value(node.operation) && !node.operands.empty()) ||
                               node.operation == Operation::tap_product;
    const auto is_ready = [&](NodeId operand) {
      return !is_positioned(operand) || (is_light_[operand] && !reads_elsewhere(node, operand));
    };
    is_light_[id] = is_free(id) || (is_arithmetic && std::ranges::all_of(node.operands, is_ready));
  }
}

/// Whether an operand has to be there at all positions.
bool PositionPlan::reads_elsewhere(const Node& node, NodeId operand) const {
  if (!is_positioned(operand)) return false;
  switch (node.operation) {
    case Operation::coupled:
    case Operation::congruent:
    case Operation::diagonal:
    case Operation::separate:
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

/// Whether a node adds up what it reads of a segment, slice by slice.
bool PositionPlan::is_sink(NodeId id, NodeId operand) const {
  const Node& node = program_[id];
  const bool is_flatten =
      node.operation == Operation::coupled && std::get<kernel_ir::Coupled>(program_.attribute(node)).to_point;
  return segment_[operand] != no_segment && node.region == 0 &&
         (node.operation == Operation::congruent || node.operation == Operation::diagonal || is_flatten);
}

/// With what a loop reads of the regions around it.
std::vector<NodeId> PositionPlan::operands_of(NodeId id) const {
  const Node& node = program_[id];
  std::vector<NodeId> result = node.operands;
  if (node.operation != Operation::loop) return result;
  for (NodeId inner = 0; inner < id; ++inner) {
    RegionId region = program_[inner].region;
    if (!needed_[inner] || region == node.region) continue;
    while (region != 0 && program_.regions()[region].loop != id) region = program_.regions()[region].parent;
    if (region == 0) continue;
    for (const NodeId operand : program_[inner].operands) {
      if (program_[operand].region == node.region) result.push_back(operand);
    }
  }
  return result;
}

void PositionPlan::find_levels() {
  for (NodeId id = 0; id < program_.size(); ++id) {
    const Node& node = program_[id];
    if (!needed_[id] || node.dependence == Dependence::function || node.operation == Operation::loop_argument)
      continue;
    std::int64_t level = 0;
    for (const NodeId operand : operands_of(id)) {
      const Node& used = program_[operand];
      // Of a segment those in it count, otherwise those of the same stage that are in none.
      const bool counts = used.region == node.region && used.operation != Operation::loop_argument &&
                          segment_[operand] == segment_[id] && stage_[operand] == stage_[id];
      if (!counts) continue;
      const bool is_later = node.operation == Operation::loop_result || reads_elsewhere(node, operand) ||
                            (node.operation == Operation::loop && is_positioned(operand));
      level = std::max(level, level_[operand] + (is_later ? 1 : 0));
    }
    level_[id] = level;
  }
}

void PositionPlan::find_storage() {
  const auto keep = [this](NodeId operand, bool in_slice) {
    if (!is_positioned(operand) || program_[operand].type == Type::series) return;
    if (in_slice)
      storage_[operand].in_buffer = true;
    else
      storage_[operand].in_array = true;
  };
  for (NodeId id = 0; id < program_.size(); ++id) {
    const Node& node = program_[id];
    if (!needed_[id] || node.dependence == Dependence::function) continue;
    const bool is_carried =
        node.operation == Operation::loop_argument || node.operation == Operation::loop_result;
    if (is_carried) keep(id, segment_[id] != no_segment);
    if (node.operation == Operation::loop) {
      const auto& body = program_.body(node);
      for (std::size_t i = 0; i < body.arguments.size(); ++i) {
        if (!is_positioned(body.arguments[i])) continue;
        keep(node.operands[i], segment_[id] != no_segment);
        keep(body.results[i], segment_[id] != no_segment);
      }
      continue;
    }
    if (node.operation == Operation::loop_result || !is_own(id)) continue;
    for (const NodeId operand : node.operands) {
      if (is_sink(id, operand)) {
        sinks_[operand].push_back(id);
        keep(id, false);
        continue;
      }
      const bool is_same = segment_[operand] == segment_[id] && segment_[id] != no_segment;
      if (is_same && (is_local_[id] || !reads_elsewhere(node, operand))) {
        const bool is_late = level_[operand] < level_[id] || program_[operand].region != node.region;
        if (is_local_[id] || (is_late && !is_light_[operand])) keep(operand, true);
        continue;
      }
      const bool is_late = level_[operand] < level_[id] || program_[operand].region != node.region ||
                           segment_[operand] != segment_[id] || stage_[operand] != stage_[id];
      if (reads_elsewhere(node, operand) || (is_late && !is_light_[operand])) keep(operand, false);
    }
  }
  for (NodeId id = 0; id < program_.size(); ++id) {
    const Node& node = program_[id];
    const bool is_carried =
        node.operation == Operation::loop_argument || node.operation == Operation::loop_result;
    // What is carried into a segment's array is copied there behind the loop.
    const bool is_copied =
        node.operation == Operation::loop_result &&
        ((segment_[id] != no_segment && storage_[id].in_array) || is_stored_[id] || !sinks_[id].empty());
    const bool is_summed = !node.operands.empty() && is_sink(id, node.operands[0]);
    const bool is_kept = storage_[id].in_array || storage_[id].in_buffer || is_stored_[id] ||
                         node.operation == Operation::hermite_series || !sinks_[id].empty();
    is_target_[id] =
        is_positioned(id) && (is_copied || (!is_carried && is_kept && (!is_summed || is_stored_[id])));
    if (is_target_[id] && segment_[id] != no_segment && program_[id].region == 0) {
      Segment& segment = segments_[static_cast<std::size_t>(segment_[id])];
      const bool is_wanted = storage_[id].in_array || is_stored_[id] || !sinks_[id].empty();
      const kernel_ir::Extents& extents = program_.extents(node.place);
      for (std::size_t d = 0; is_wanted && d < extents.size(); ++d) {
        segment.range[d] = std::max(segment.range[d], (extents[d] - 1) * scale_[id][d] + 1);
        segment.step[d] = std::gcd(segment.step[d], scale_[id][d]);
      }
    }
  }
}

/// Targets of one level and place.
PositionGroup PositionPlan::make_group(std::vector<NodeId> targets) const {
  std::vector<bool> wanted(targets.back() + 1, false);
  for (const NodeId target : targets) wanted[target] = true;
  const Node& any = program_[targets[0]];
  const std::int64_t segment = segment_[targets[0]];
  const std::int64_t level = level_[targets[0]];
  const std::int64_t stage = stage_[targets[0]];
  PositionGroup group{any.place, {}, std::move(targets)};
  for (NodeId id = group.targets.back() + 1; id-- > 0;) {
    if (!wanted[id]) continue;
    group.nodes.push_back(id);
    const Node& node = program_[id];
    const bool is_here = is_target_[id] && level_[id] == level && node.region == any.region &&
                         segment_[id] == segment && stage_[id] == stage;
    const bool is_read =
        segment != no_segment && segment_[id] == segment ? storage_[id].in_buffer : storage_[id].in_array;
    if (is_read && (!is_here || node.operation == Operation::loop_result)) continue;
    for (const NodeId operand : node.operands) {
      if (is_positioned(operand) && !reads_elsewhere(node, operand) && program_[operand].place == any.place)
        wanted[operand] = true;
    }
  }
  std::ranges::reverse(group.nodes);
  return group;
}

void PositionPlan::make_levels() {
  // By region, stage, whether in a segment and which, level, place and scale.
  using Key = std::tuple<RegionId, std::int64_t, std::int64_t,
                         std::tuple<Space, kernel_ir::ExtentsId, kernel_ir::Extents>>;
  std::vector<std::map<std::int64_t, PositionLevel>> regions(levels_.size());
  std::vector<std::map<std::int64_t, PositionLevel>> in_segments(segments_.size());
  const auto at = [&](NodeId id) -> PositionLevel& {
    const Node& node = program_[id];
    if (segment_[id] != no_segment && node.region == 0)
      return in_segments[static_cast<std::size_t>(segment_[id])][level_[id]];
    return regions[node.region][stage_[id] * levels_of_stage + level_[id]];
  };
  std::map<Key, std::vector<NodeId>> targets;
  std::vector<bool> is_computed(segments_.size(), false);
  for (NodeId id = 0; id < program_.size(); ++id) {
    const Node& node = program_[id];
    if (!needed_[id] || node.dependence == Dependence::function) continue;
    if (node.operation == Operation::loop) {
      at(id).loops.push_back(id);
    } else if (is_own(id) && node.place.space == Space::point) {
      at(id).points.push_back(id);
    } else if (is_target_[id]) {
      const std::int64_t segment = node.region == 0 ? segment_[id] : no_segment;
      const bool is_in_segment = segment != no_segment;
      targets[{node.region,
               segment,
               is_in_segment ? level_[id] : stage_[id] * levels_of_stage + level_[id],
               {node.place.space, node.place.extents, scale_[id]}}]
          .push_back(id);
      if (!is_in_segment || is_computed[static_cast<std::size_t>(segment)]) continue;
      is_computed[static_cast<std::size_t>(segment)] = true;
      regions[0][stage_[id] * levels_of_stage + levels_of_stage - 1].segments.push_back(
          static_cast<std::size_t>(segment));
    }
  }
  for (auto& [key, ids] : targets) at(ids[0]).groups.push_back(make_group(ids));
  const auto in_order = [](std::map<std::int64_t, PositionLevel>& from, std::vector<PositionLevel>& to) {
    for (auto& [number, level] : from) to.push_back(std::move(level));
  };
  for (std::size_t i = 0; i < regions.size(); ++i) in_order(regions[i], levels_[i]);
  for (std::size_t i = 0; i < in_segments.size(); ++i) in_order(in_segments[i], segments_[i].levels);
}

}  // namespace ntkc::codegen
