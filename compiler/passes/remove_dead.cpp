#include "compiler/kernel_ir/rewriter.hpp"
#include "compiler/passes/live.hpp"
#include "compiler/passes/pipeline.hpp"

namespace ntkc::passes {

using kernel_ir::Carried;
using kernel_ir::no_node;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;

std::vector<bool> find_live(const Program& program, const std::vector<kernel_ir::Root>& roots) {
  std::vector<bool> live(program.size(), false);
  std::vector<NodeId> pending;
  const auto need = [&](NodeId id) {
    if (id == no_node || live[id]) return;
    live[id] = true;
    pending.push_back(id);
  };
  const auto need_carried = [&](const kernel_ir::Region& body, std::uint32_t index) {
    need(body.loop);
    need(body.arguments[index]);
    need(body.results[index]);
    need(program[body.loop].operands[index]);
  };
  for (const auto& root : roots) {
    need(root.node);
    for (auto region = program[root.node].region; region != 0; region = program.regions()[region].parent)
      need(program.regions()[region].loop);
  }
  while (!pending.empty()) {
    const NodeId id = pending.back();
    pending.pop_back();
    const Node& node = program[id];
    need(node.self);
    if (node.operation == Operation::loop_argument) {
      need_carried(program.regions()[node.region], program.carried_number(node));
    } else if (node.operation == Operation::loop_result) {
      need_carried(program.body(program[node.operands[0]]), program.carried_number(node));
    } else if (node.operation != Operation::loop) {
      for (const NodeId operand : node.operands) need(operand);
    }
  }
  return live;
}

namespace {

class RemoveDead final : public kernel_ir::Rewriter {
 public:
  explicit RemoveDead(const Program& program) : Rewriter(program), live_(find_live(program, program.roots)) {}

 private:
  NodeId rewrite(NodeId id) override { return live_[id] ? copy(id) : no_node; }

  void rewrite_loop(NodeId id) override {
    if (!live_[id]) return;
    const Node& loop = source_[id];
    const auto& body = source_.body(loop);
    std::vector<std::uint32_t> kept;
    std::vector<std::uint32_t> new_index(loop.operands.size(), Carried::no_self);
    std::vector<Carried> carried;
    for (std::uint32_t i = 0; i < loop.operands.size(); ++i) {
      const Node& argument = source_[body.arguments[i]];
      if (!live_[body.arguments[i]]) continue;
      new_index[i] = static_cast<std::uint32_t>(carried.size());
      kept.push_back(i);
      carried.push_back({image(loop.operands[i]), argument.dependence,
                         argument.self == no_node
                             ? Carried::no_self
                             : new_index[source_.carried_number(source_[argument.self])]});
    }
    const auto region = target_.begin_loop(carried, source_.loop(loop).count);
    for (std::size_t k = 0; k < kept.size(); ++k) {
      set_image(body.arguments[kept[k]], target_.regions()[region].arguments[k]);
    }
    rewrite_region(source_.loop(loop).body);
    std::vector<NodeId> next;
    for (const std::uint32_t i : kept) next.push_back(image(body.results[i]));
    const auto results = target_.end_loop(next);
    for (std::size_t k = 0; k < kept.size(); ++k) map_result(id, kept[k], results[k]);
  }

  std::vector<bool> live_;
};

}  // namespace

Program remove_dead(const Program& program) { return RemoveDead(program).run(); }

}  // namespace ntkc::passes
