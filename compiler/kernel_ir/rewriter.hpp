// Copies a program node by node into a new one: what passes are made of.
#pragma once

#include <vector>

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::kernel_ir {

/// A pass overrides `rewrite` (for one node) or `rewrite_loop` (where it changes what a loop carries). Nodes
/// come in topological order, region by region: a loop's body between the loop's operands and its results.
class Rewriter {
 public:
  explicit Rewriter(const Program& source);
  Rewriter(const Rewriter&) = delete;
  Rewriter& operator=(const Rewriter&) = delete;
  virtual ~Rewriter() = default;

  /// Rewrites everything; roots are mapped in order.
  Program run();

 protected:
  /// The node's image in the target; operands are mapped already. Default: `copy`.
  virtual NodeId rewrite(NodeId id) { return copy(id); }
  /// Default: carries the same values.
  virtual void rewrite_loop(NodeId id);
  /// Called once at the end, before `run` returns.
  virtual void finish() {}

  /// The same operation on the mapped operands.
  NodeId copy(NodeId id);
  /// The image of a node; where it became one number, as one at each of the node's positions.
  NodeId with_positions(NodeId id);
  /// Visits the nodes of a source region.
  void rewrite_region(RegionId region);
  /// What source loop `loop` carries, from these initial values in the target on.
  [[nodiscard]] std::vector<Carried> carry(const Node& loop, const std::vector<NodeId>& initial);
  /// The images of a node's operands.
  [[nodiscard]] std::vector<NodeId> operand_images(const Node& node) const;
  /// Declares what loop result `index` of source loop `loop` becomes.
  void map_result(NodeId loop, std::uint32_t index, NodeId image);

  [[nodiscard]] NodeId image(NodeId id) const { return images_[id]; }
  void set_image(NodeId id, NodeId to) { images_[id] = to; }

  const Program& source_;
  Program target_;

 private:
  std::vector<NodeId> images_;
  std::vector<std::vector<NodeId>> members_;
  std::vector<std::vector<NodeId>> results_;  // by body region of the source loop
};

}  // namespace ntkc::kernel_ir
