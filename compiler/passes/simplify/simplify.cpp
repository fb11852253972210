// Applies the rules to whole programs, in rounds.
#include <map>
#include <utility>

#include "compiler/kernel_ir/rewriter.hpp"
#include "compiler/passes/pipeline.hpp"
#include "compiler/passes/simplify/rules.hpp"

namespace ntkc::passes {
namespace {

using kernel_ir::no_node;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;

/// Counts how often each node is an operand, the result of a loop or a root. All that a loop carries counts
/// as used.
std::vector<std::uint32_t> count_uses(const Program& program) {
  std::vector<std::uint32_t> uses(program.size());
  const auto use = [&](NodeId id) {
    if (id != no_node) ++uses[id];
  };
  const auto use_loop = [&](kernel_ir::RegionId region) {
    for (; region != 0; region = program.regions()[region].parent) use(program.regions()[region].loop);
  };
  for (const kernel_ir::Root& root : program.roots) {
    use(root.node);
    use_loop(program[root.node].region);
  }
  for (NodeId id = program.size(); id-- > 0;) {
    const Node& node = program[id];
    if (uses[id] == 0) continue;
    for (const NodeId operand : node.operands) use(operand);
    if (node.type == kernel_ir::Type::covariance) use(node.self);
    if (node.operation != Operation::loop) continue;
    for (const NodeId result : program.body(node).results) use(result);
    for (const NodeId argument : program.body(node).arguments) use(argument);
  }
  return uses;
}

/// One round: operands come before their users, and nodes without a use are left behind.
class Round final : public kernel_ir::Rewriter {
 public:
  Round(const Program& program, Folding folding, bool factoring)
      : Rewriter(program),
        rules_(target_, folding, factoring),
        uses_(count_uses(program)),
        signs_(find_signs(program)) {
    find_turned();
  }

 private:
  NodeId rewrite(NodeId id) override {
    if (uses_[id] == 0) return no_node;
    const NodeId result = rewritten(id);
    rules_.note(result, uses_[id], signs_[id]);
    return result;
  }

  void rewrite_loop(NodeId id) override {
    if (uses_[id] > 0) Rewriter::rewrite_loop(id);
  }

  NodeId rewritten(NodeId id) {
    const Node& node = source_[id];
    if (const auto found = turned_.find(id); found != turned_.end())
      return rules_.negative(image(found->second));
    Applied applied = {node.operation, node.type, {}};
    for (const NodeId operand : node.operands) {
      if (source_[operand].operation == Operation::loop) return copy(id);
      if (source_[operand].operation == Operation::loop_argument)
        rules_.note(image(operand), 0, signs_[operand]);
      applied.a.push_back(image(operand));
    }
    if (is_own_negation(id)) {
      if (const NodeId result = rules_.negated_in_place(applied.a[1]); result != no_node) return result;
    }
    const NodeId simpler = rules_.reduced(applied);
    return simpler == no_node ? copy(id) : simpler;
  }

  /// Whether a node is 0 - x of an x that has no other use.
  [[nodiscard]] bool is_own_negation(NodeId id) const {
    const Node& node = source_[id];
    return node.operation == Operation::subtract && source_.is_literal(node.operands[0], 0) &&
           uses_[id] > 0 && uses_[node.operands[1]] == 1;
  }

  /// Finds every b - a of a program that uses a - b as well, for more than its negative: the two become one.
  void find_turned() {
    std::vector<bool> is_turned_itself(source_.size());
    for (NodeId id = 0; id < source_.size(); ++id) {
      if (is_own_negation(id)) is_turned_itself[source_[id].operands[1]] = true;
    }
    std::map<std::pair<NodeId, NodeId>, NodeId> differences;
    for (NodeId id = 0; id < source_.size(); ++id) {
      const Node& node = source_[id];
      if (node.operation != Operation::subtract || uses_[id] == 0 || is_turned_itself[id]) continue;
      const auto found = differences.find({node.operands[1], node.operands[0]});
      if (found == differences.end()) {
        differences.emplace(std::pair(node.operands[0], node.operands[1]), id);
      } else {
        turned_.emplace(id, found->second);
      }
    }
  }

  Rules rules_;
  std::vector<std::uint32_t> uses_;
  std::vector<Sign> signs_;
  std::map<NodeId, NodeId> turned_;
};

}  // namespace

kernel_ir::Program simplify(const Program& program, Folding folding) {
  // What one round makes of a sum may be a factor in the next. Each round leaves less, until one finds
  // nothing; where a round with factoring finds nothing, one without would not either.
  constexpr int enough = 100;
  Program result = Round(program, folding, false).run();
  bool factoring = false;
  for (int round = 1; round < enough; ++round) {
    Program next = Round(result, folding, factoring).run();
    const bool is_unchanged = next.nodes() == result.nodes();
    result = std::move(next);
    if (is_unchanged && factoring) break;
    factoring = factoring || is_unchanged;
  }
  return result;
}

}  // namespace ntkc::passes
