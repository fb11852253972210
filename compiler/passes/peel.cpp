// Takes the first iterations out of a loop as long as that narrows the ranges of what it carries: after one
// ReLU all correlations are positive, after two z ≤ 0.342, and the loop body is written out for those. What
// is left with one iteration is no loop.
#include <algorithm>

#include "compiler/kernel_ir/rewriter.hpp"
#include "compiler/passes/pipeline.hpp"
#include "compiler/passes/ranges.hpp"

namespace ntkc::passes {
namespace {

using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Program;

/// Whether some carried correlation has a narrower range from the second iteration on than in the first.
bool peeling_narrows(const Program& program, const Node& loop, const std::vector<Range>& ranges) {
  if (program.loop(loop).count < 2) return false;
  const auto& body = program.body(loop);
  for (std::size_t i = 0; i < loop.operands.size(); ++i) {
    const Node& argument = program[body.arguments[i]];
    if (argument.self == kernel_ir::no_node) continue;
    const Range& result = ranges[body.results[i]];
    const Range& first = ranges[loop.operands[i]];
    const bool narrower = (result.nonnegative && !first.nonnegative) ||
                          (result.nonnegative && first.nonnegative && result.z_max < first.z_max);
    if (narrower) return true;
  }
  return false;
}

class Peel final : public kernel_ir::Rewriter {
 public:
  Peel(const Program& program, bool may_peel)
      : Rewriter(program), may_peel_(may_peel), ranges_(find_ranges(program)) {}

  bool changed = false;

 private:
  void rewrite_loop(NodeId id) override {
    const Node& loop = source_[id];
    // Innermost loops only: peeling a nest would multiply its bodies. A root in the body needs all
    // iterations.
    const auto [body, count] = source_.loop(loop);
    const bool peels = may_peel_ && peeling_narrows(source_, loop, ranges_) && !holds_loop(body);
    if ((count > 1 && !peels) || holds_root(body)) return Rewriter::rewrite_loop(id);
    changed = true;
    std::vector<NodeId> values = iterate(loop, operand_images(loop));
    if (count > 1) {
      const auto region = target_.begin_loop(carry(loop, values), count - 1);
      const std::vector<NodeId> arguments = target_.regions()[region].arguments;
      values = target_.end_loop(iterate(loop, arguments));
    }
    for (std::uint32_t i = 0; i < values.size(); ++i) map_result(id, i, values[i]);
  }

  /// The body once, on these values.
  std::vector<NodeId> iterate(const Node& loop, const std::vector<NodeId>& values) {
    const auto& body = source_.body(loop);
    for (std::size_t i = 0; i < values.size(); ++i) set_image(body.arguments[i], values[i]);
    rewrite_region(source_.loop(loop).body);
    std::vector<NodeId> next;
    for (const NodeId result : body.results) next.push_back(image(result));
    return next;
  }

  [[nodiscard]] bool holds_loop(kernel_ir::RegionId region) const {
    for (const auto& other : source_.regions()) {
      if (other.loop != kernel_ir::no_node && other.parent == region) return true;
    }
    return false;
  }

  [[nodiscard]] bool holds_root(kernel_ir::RegionId region) const {
    return std::ranges::any_of(source_.roots, [&](const kernel_ir::Root& root) {
      kernel_ir::RegionId inner = source_[root.node].region;
      while (inner > region) inner = source_.regions()[inner].parent;  // parents have smaller numbers
      return inner == region;
    });
  }

  bool may_peel_;
  std::vector<Range> ranges_;
};

}  // namespace

Program peel(const Program& program) {
  constexpr int most = 2;
  Program result = program;
  // One round more: it peels nothing, but writes out what has one iteration left.
  for (int round = 0; round <= most; ++round) {
    Peel pass(result, round < most);
    Program peeled = pass.run();
    if (!pass.changed) break;
    result = std::move(peeled);
  }
  return result;
}

}  // namespace ntkc::passes
