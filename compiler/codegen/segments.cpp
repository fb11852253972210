// Which values over pairs of positions are computed offset by offset.
#include <algorithm>
#include <map>
#include <numeric>

#include "compiler/codegen/position_plan.hpp"

namespace ntkc::codegen {

using kernel_ir::Coupled;
using kernel_ir::Extents;
using kernel_ir::no_node;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::RegionId;
using kernel_ir::Space;
using kernel_ir::Window;

namespace {

/// Whether a window of stride s keeps offsets: it reads s p + t for p and s p' + t for p', so that an offset d is made
/// of the offset s d.
bool keeps_offsets(const Window& window, std::int64_t inputs) {
  if (window.base_dilation != 1) return false;
  const std::int64_t reach = (window.size - 1) * window.dilation;
  return !window.circular ||
         (inputs % window.stride == 0 && window.outputs(inputs) == inputs / window.stride &&
          window.low >= 0 && window.low <= inputs && reach <= inputs);
}

/// The largest offset of one place that is counted in positions of another.
constexpr std::int64_t most_scale = std::int64_t{1} << 20;

}  // namespace

/// Whether it is a value that segments may be made of; those on the diagonal are one slice, of the offset 0.
bool PositionPlan::is_sliced(NodeId id) const {
  return is_positioned(id) && program_[id].type == kernel_ir::Type::real;
}

NodeId PositionPlan::find(NodeId id) {
  while (parent_[id] != id) id = parent_[id] = parent_[parent_[id]];
  return id;
}

/// The offsets of a node are those of each of the others, or `strides` times as far apart where that is not empty. All
/// that is in a segment with one of them is counted in smaller steps where they differ. False if they cannot agree.
bool PositionPlan::agree_on_scale(NodeId id, const std::vector<NodeId>& others, const Extents& strides,
                                  std::size_t rank) {
  Extents scale(rank, 1);
  const auto of = [&](NodeId other, std::size_t d) {
    return scale_[other][d] * (strides.empty() ? 1 : strides[d]);
  };
  for (const NodeId other : others) {
    for (std::size_t d = 0; d < rank; ++d) scale[d] = std::lcm(scale[d], of(other, d));
  }
  if (std::ranges::any_of(scale, [](std::int64_t each) { return each > most_scale; })) return false;
  std::map<NodeId, Extents> factors;  // by segment
  for (const NodeId other : others) {
    Extents factor;
    for (std::size_t d = 0; d < rank; ++d) factor.push_back(scale[d] / of(other, d));
    const auto [known, is_new] = factors.try_emplace(find(other), factor);
    if (!is_new && known->second != factor) return false;
  }
  for (const auto& [segment, factor] : factors) {
    if (std::ranges::all_of(factor, [](std::int64_t each) { return each == 1; })) continue;
    for (NodeId member = 0; member < program_.size(); ++member) {
      if (parent_[member] == no_node || find(member) != segment) continue;
      for (std::size_t d = 0; d < rank; ++d) scale_[member][d] *= factor[d];
    }
  }
  scale_[id] = scale;
  return true;
}

/// Brings a node, whose dimensions have to be of these kinds, into the segment of the others; false if that cannot
/// be.
bool PositionPlan::unite(NodeId id, const std::vector<NodeId>& others, const Kinds& kinds, Space space,
                         const Extents& strides) {
  Kinds all = kinds;
  for (const NodeId other : others) {
    if (space_[find(other)] != space) return false;
    const Kinds& theirs = kinds_[find(other)];
    for (std::size_t d = 0; d < all.size(); ++d) {
      if (theirs[d] == Kind::any) continue;
      if (all[d] != Kind::any && all[d] != theirs[d]) return false;
      all[d] = theirs[d];
    }
  }
  if (!agree_on_scale(id, others, strides, all.size())) return false;
  parent_[id] = id;
  for (const NodeId other : others) parent_[find(other)] = id;
  kinds_[id] = all;
  space_[id] = space;
  return true;
}

/// A node over pairs of positions: with its operands if it is in their stage and keeps their offsets.
void PositionPlan::place_in_segment(NodeId id) {
  const Node& node = program_[id];
  Kinds kinds(program_.extents(node.place).size(), Kind::any);
  Extents strides;
  bool is_local = false;
  if (node.operation == Operation::coupled) {
    const auto& map = std::get<Coupled>(program_.attribute(node));
    const Extents& inputs = program_.extents(program_[node.operands[0]].place);
    is_local = parent_[node.operands[0]] != no_node && !is_free(node.operands[0]);
    for (std::size_t d = 0; d < inputs.size(); ++d) {
      is_local = is_local && keeps_offsets(map.windows[d], inputs[d]);
      kinds[d] = map.windows[d].circular ? Kind::circular : Kind::padded;
      strides.push_back(map.windows[d].stride);
    }
    if (!is_local) {
      std::ranges::fill(kinds, Kind::any);
      strides.clear();
    }
  }
  const auto joins = [&](NodeId operand) {
    return parent_[operand] != no_node && !is_free(operand) &&
           (is_local || !reads_elsewhere(node, operand)) && stage_[operand] == stage_[id];
  };
  std::int64_t stage = 0;
  for (const NodeId operand : node.operands) {
    if (program_[operand].region != node.region) continue;
    const bool is_read =
        is_sliced(operand) && parent_[operand] != no_node && reads_elsewhere(node, operand) && !is_local;
    stage = std::max(stage, stage_[operand] + (is_read ? 1 : 0));
  }
  stage_[id] = stage;
  std::vector<NodeId> others;
  for (const NodeId operand : node.operands) {
    if (joins(operand)) others.push_back(operand);
  }
  is_local_[id] = is_local && !others.empty();
  if (others.empty()) strides.clear();
  if (unite(id, others, kinds, node.place.space, strides)) return;
  // In another stage, from arrays.
  is_local_[id] = false;
  ++stage_[id];
  unite(id, {}, Kinds(kinds.size(), Kind::any), node.place.space);
}

/// Whether a loop keeps offsets in all it does, the kinds that it wants, and what it reads of the region around.
bool PositionPlan::read_body(NodeId loop, Space space, Kinds& kinds, std::vector<NodeId>& outer) const {
  const auto& body = program_.body(program_[loop]);
  const RegionId region = program_.loop(program_[loop]).body;
  for (std::size_t i = 0; i < body.arguments.size(); ++i) {
    if (!is_own(body.arguments[i])) continue;
    if (!is_sliced(body.arguments[i]) || program_[body.arguments[i]].place.space != space ||
        program_.extents(program_[body.arguments[i]].place).size() != kinds.size())
      return false;
    const bool is_inside = program_[body.results[i]].region == region && is_sliced(body.results[i]);
    if (!is_inside || !is_sliced(program_[loop].operands[i]) || is_free(program_[loop].operands[i]))
      return false;
    outer.push_back(program_[loop].operands[i]);
  }
  if (outer.empty()) return false;
  for (NodeId id = 0; id < loop; ++id) {
    const Node& node = program_[id];
    if (!needed_[id] || node.region != region || node.dependence == kernel_ir::Dependence::function) continue;
    if (node.operation == Operation::loop) return false;
    if (!is_own(id)) continue;
    if (!is_sliced(id) || program_[id].place.space != space) {
      if (is_free(id) && !is_stored_[id]) continue;
      return false;
    }
    if (is_stored_[id] || node.operation == Operation::hermite_series) return false;
    for (const NodeId operand : node.operands) {
      const bool is_other = !is_sliced(operand) || program_[operand].place.space != space;
      if (is_positioned(operand) && !is_free(operand) && is_other) return false;
      if (is_other || is_free(operand)) {
        if (node.operation == Operation::coupled) return false;
        continue;
      }
      if (program_[operand].region != region) outer.push_back(operand);
    }
    if (node.operation != Operation::coupled) {
      if (std::ranges::any_of(node.operands, [&](NodeId o) { return reads_elsewhere(node, o); }))
        return false;
      continue;
    }
    const auto& map = std::get<Coupled>(program_.attribute(node));
    const Extents& inputs = program_.extents(program_[node.operands[0]].place);
    for (std::size_t d = 0; d < inputs.size(); ++d) {
      const Kind kind = map.windows[d].circular ? Kind::circular : Kind::padded;
      if (!keeps_offsets(map.windows[d], inputs[d]) || map.windows[d].stride != 1 ||
          (kinds[d] != Kind::any && kinds[d] != kind))
        return false;
      kinds[d] = kind;
    }
  }
  return true;
}

void PositionPlan::place_loop(NodeId id) {
  const Node& loop = program_[id];
  const RegionId region = program_.loop(loop).body;
  Kinds kinds;
  Space space = Space::point;
  for (const NodeId argument : program_.body(loop).arguments) {
    if (!is_sliced(argument)) continue;
    kinds.assign(program_.extents(program_[argument].place).size(), Kind::any);
    space = program_[argument].place.space;
  }
  std::vector<NodeId> outer;
  bool is_local = !kinds.empty() && kinds.size() <= 2 && read_body(id, space, kinds, outer);
  for (const NodeId each : outer) is_local = is_local && parent_[each] != no_node;
  std::int64_t stage = 0;
  std::int64_t stage_behind = 0;  // of what it reads from arrays
  for (const NodeId operand : operands_of(id)) {
    stage = std::max(stage, stage_[operand]);
    stage_behind = std::max(stage_behind, stage_[operand] + (parent_[operand] != no_node ? 1 : 0));
  }
  for (const NodeId each : outer) is_local = is_local && stage_[each] == stage;
  if (!is_local || !unite(id, outer, kinds, space)) {
    stage_[id] = stage_behind;
    return;
  }
  stage_[id] = stage;
  for (NodeId inner = 0; inner < id; ++inner) {
    if (program_[inner].region != region || !is_sliced(inner) || program_[inner].place.space != space)
      continue;
    parent_[inner] = id;
    scale_[inner] = scale_[id];
    is_local_[inner] = program_[inner].operation == Operation::coupled;
  }
}

void PositionPlan::find_segments() {
  for (NodeId id = 0; id < program_.size(); ++id) {
    const Node& node = program_[id];
    if (!needed_[id] || node.region != 0 || node.dependence == kernel_ir::Dependence::function) continue;
    if (node.operation == Operation::loop) {
      place_loop(id);
      continue;
    }
    if (node.operation == Operation::loop_result) {
      stage_[id] = stage_[node.operands[0]];
      if (parent_[node.operands[0]] != no_node && is_sliced(id)) {
        const Kinds kinds = kinds_[find(node.operands[0])];
        unite(id, {node.operands[0]}, kinds, node.place.space);
      }
      continue;
    }
    const bool mixes = node.operation == Operation::congruent || node.operation == Operation::diagonal ||
                       node.operation == Operation::broadcast || node.operation == Operation::separate ||
                       node.operation == Operation::identity || node.operation == Operation::self_identity ||
                       node.operation == Operation::hermite_series;
    if (is_sliced(id) && !mixes && program_.extents(node.place).size() <= 2) {
      place_in_segment(id);
      continue;
    }
    for (const NodeId operand : node.operands) {
      if (program_[operand].region == 0)
        stage_[id] = std::max(stage_[id], stage_[operand] + (parent_[operand] != no_node ? 1 : 0));
    }
  }
  number_segments();
}

void PositionPlan::number_segments() {
  std::map<NodeId, std::int64_t> numbers;
  for (NodeId id = 0; id < program_.size(); ++id) {
    if (parent_[id] == no_node) continue;
    const NodeId first = find(id);
    const auto [known, is_new] = numbers.try_emplace(first, std::ssize(segments_));
    segment_[id] = known->second;
    if (!is_new) continue;
    Segment& segment = segments_.emplace_back();
    segment.space = space_[first];
    for (const Kind kind : kinds_[first]) segment.is_circular.push_back(kind == Kind::circular);
    segment.range.assign(kinds_[first].size(), 1);
    segment.step.assign(kinds_[first].size(), 0);
  }
}

}  // namespace ntkc::codegen
