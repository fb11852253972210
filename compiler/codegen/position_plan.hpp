// In which order the values with positions of one function are computed, and which of them are kept as arrays.
// Internal to this folder.
//
// A map of positions reads its operand at other positions than those it is computed at, so that all of the operand
// must be there before. Nodes have levels: that of a node is the largest of its operands', one more where it reads
// one of them at other positions. What is elementwise and of one level is computed in one loop over the positions;
// of its values those are stored that a later level needs.
//
// Slices. Values over pairs of positions (p, p') need not be there for all pairs at a time: elementwise operations
// and convolutions keep the offset p' - p, one of stride s makes the offset d of the offset s d, so that a whole
// stretch of the network is computed for one offset after another, on arrays as large as an image. Such a stretch is a
// segment. It ends where a map mixes offsets; what that makes of the pairs is added up slice by slice. Offsets that
// nothing which is wanted is made of are left out: behind two convolutions of stride 2 a sixteenth is left.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::codegen {

/// One loop over the positions of a place, or over pairs of them.
struct PositionGroup {
  kernel_ir::Place place;
  std::vector<kernel_ir::NodeId> nodes;    ///< to evaluate at each position, in order
  std::vector<kernel_ir::NodeId> targets;  ///< of these, what is stored, or added to what a map makes of it
};

/// What comes after one another in a region.
struct PositionLevel {
  std::vector<kernel_ir::NodeId> points;  ///< values that are one number
  std::vector<PositionGroup> groups;
  std::vector<kernel_ir::NodeId> loops;
  std::vector<std::size_t> segments;
};

/// A stretch that is computed offset by offset.
struct Segment {
  kernel_ir::Space space = kernel_ir::Space::full;  ///< on the diagonal there is one offset, 0
  /// By dimension: whether positions are taken modulo their number, so that each offset has all of them; otherwise
  /// an offset has the rectangle of the p for which both p and p + offset are inside.
  std::vector<bool> is_circular;
  /// Offsets are counted between the positions of what has most of them. Of these the ones that what is wanted is made
  /// of: multiples of `step` up to range - 1.
  kernel_ir::Extents range;
  kernel_ir::Extents step;
  std::vector<PositionLevel>
      levels;  ///< of the region of the segment; those of a loop in it, PositionPlan::levels
};

/// Where a value with positions is to be found.
struct Storage {
  bool in_array = false;   ///< all of it
  bool in_buffer = false;  ///< the current slice, of a node in a segment
};

class PositionPlan {
 public:
  static constexpr std::int64_t no_segment = -1;

  /// Of the nodes that depend on one input, or on the pair, and that are needed.
  PositionPlan(const kernel_ir::Program& program, const std::vector<bool>& needed,
               kernel_ir::Dependence dependence, std::vector<bool> is_stored, bool in_slices);

  [[nodiscard]] const std::vector<PositionLevel>& levels(kernel_ir::RegionId region) const {
    return levels_[region];
  }
  [[nodiscard]] const std::vector<Segment>& segments() const { return segments_; }
  [[nodiscard]] std::int64_t segment(kernel_ir::NodeId id) const { return segment_[id]; }
  [[nodiscard]] const Storage& storage(kernel_ir::NodeId id) const { return storage_[id]; }
  /// Whether a node of the program is one of this function's with more than one number.
  [[nodiscard]] bool is_positioned(kernel_ir::NodeId id) const;
  /// Of `coupled` in a segment: whether its operand is read from the same slice.
  [[nodiscard]] bool is_local(kernel_ir::NodeId id) const { return is_local_[id]; }
  /// Of a node in a segment, the offset of its segment that its own offset 1 is: the product of the strides before.
  [[nodiscard]] const kernel_ir::Extents& scale(kernel_ir::NodeId id) const { return scale_[id]; }
  /// The maps that a node in a segment is added to.
  [[nodiscard]] const std::vector<kernel_ir::NodeId>& sinks(kernel_ir::NodeId id) const { return sinks_[id]; }

 private:
  using NodeId = kernel_ir::NodeId;
  [[nodiscard]] bool is_own(NodeId id) const;
  [[nodiscard]] bool is_free(NodeId id) const;
  void find_light();
  [[nodiscard]] bool is_sliced(NodeId id) const;
  [[nodiscard]] bool reads_elsewhere(const kernel_ir::Node& node, NodeId operand) const;
  [[nodiscard]] bool is_sink(NodeId id, NodeId operand) const;

  // --- segments: segments.cpp
  enum class Kind : std::uint8_t { any, padded, circular };
  using Kinds = std::vector<Kind>;
  void find_segments();
  void place_in_segment(NodeId id);
  void place_loop(NodeId id);
  [[nodiscard]] bool read_body(NodeId loop, kernel_ir::Space space, Kinds& kinds,
                               std::vector<NodeId>& outer) const;
  NodeId find(NodeId id);
  bool unite(NodeId id, const std::vector<NodeId>& others, const Kinds& kinds, kernel_ir::Space space,
             const kernel_ir::Extents& strides = {});
  bool agree_on_scale(NodeId id, const std::vector<NodeId>& others, const kernel_ir::Extents& strides,
                      std::size_t rank);
  void number_segments();

  void find_levels();
  [[nodiscard]] std::vector<NodeId> operands_of(NodeId id) const;
  void find_storage();
  void make_levels();
  PositionGroup make_group(std::vector<NodeId> targets) const;

  const kernel_ir::Program& program_;
  const std::vector<bool>& needed_;
  kernel_ir::Dependence dependence_;
  std::vector<bool> is_stored_;
  std::vector<std::int64_t> stage_;  // how many segments come before
  std::vector<NodeId> parent_;       // of those in segments; others no_node
  std::vector<Kinds> kinds_;         // of the first of those in a segment
  std::vector<kernel_ir::Space> space_;
  std::vector<kernel_ir::Extents> scale_;
  std::vector<std::int64_t> segment_;  // of nodes in segments and in loops in them
  std::vector<bool> is_local_;
  std::vector<bool> is_light_;
  std::vector<std::int64_t> level_;
  std::vector<Storage> storage_;
  std::vector<bool> is_target_;
  std::vector<std::vector<NodeId>> sinks_;
  std::vector<Segment> segments_;
  std::vector<std::vector<PositionLevel>> levels_;
};

/// Whether a value of the program has positions.
bool has_positions(const kernel_ir::Program& program);

}  // namespace ntkc::codegen
