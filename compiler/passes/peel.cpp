// Takes the first iterations out of a loop as long as that narrows the ranges of what it carries: after one ReLU all
// correlations are positive, after two z ≤ 0.342, and the loop body is written out for those.
#include "compiler/kernel_ir/rewriter.hpp"
#include "compiler/passes/pipeline.hpp"
#include "compiler/passes/ranges.hpp"

namespace ntkc::passes {
namespace {

using kernel_ir::Carried;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Program;

/// The ranges a loop's arguments have in the first iteration and from the second on; peeling helps if they differ.
bool peeling_narrows(const Program& program, const Node& loop, const std::vector<Range>& ranges) {
  if (loop.count < 2) return false;
  const auto& body = program.regions()[loop.index];
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
  explicit Peel(const Program& program) : Rewriter(program), ranges_(find_ranges(program)) {}

  bool changed = false;

 private:
  void rewrite_loop(NodeId id) override {
    const Node& loop = source_[id];
    // Innermost loops only: peeling a nest would multiply its bodies.
    if (!peeling_narrows(source_, loop, ranges_) || holds_loop(loop.index)) return Rewriter::rewrite_loop(id);
    changed = true;
    const auto& body = source_.regions()[loop.index];
    // The first iteration, on the initial values.
    for (std::size_t i = 0; i < loop.operands.size(); ++i) set_image(body.arguments[i], image(loop.operands[i]));
    rewrite_region(loop.index);
    std::vector<NodeId> values;
    for (const NodeId result : body.results) values.push_back(image(result));
    // The others.
    std::vector<Carried> carried;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const Node& argument = source_[body.arguments[i]];
      carried.push_back({values[i], argument.dependence,
                         argument.self == kernel_ir::no_node ? Carried::no_self : source_[argument.self].index});
    }
    const auto region = target_.begin_loop(carried, loop.count - 1);
    for (std::size_t i = 0; i < values.size(); ++i) set_image(body.arguments[i], target_.regions()[region].arguments[i]);
    rewrite_region(loop.index);
    std::vector<NodeId> next;
    for (const NodeId result : body.results) next.push_back(image(result));
    const std::vector<NodeId> results = target_.end_loop(next);
    for (std::uint32_t i = 0; i < results.size(); ++i) map_result(id, i, results[i]);
  }

  [[nodiscard]] bool holds_loop(kernel_ir::RegionId region) const {
    for (const auto& other : source_.regions()) {
      if (other.loop != kernel_ir::no_node && other.parent == region) return true;
    }
    return false;
  }

  std::vector<Range> ranges_;
};

}  // namespace

Program peel(const Program& program) {
  constexpr int most = 2;
  Program result = program;
  for (int i = 0; i < most; ++i) {
    Peel pass(result);
    Program peeled = pass.run();
    if (!pass.changed) break;
    result = std::move(peeled);
  }
  return result;
}

}  // namespace ntkc::passes
