#include "compiler/kernel_ir/live.hpp"

namespace ntkc::kernel_ir {

std::vector<bool> find_live(const Program& program, const std::vector<Root>& roots) {
  std::vector<bool> live(program.size(), false);
  std::vector<NodeId> pending;
  const auto need = [&](NodeId id) {
    if (id == no_node || live[id]) return;
    live[id] = true;
    pending.push_back(id);
  };
  const auto need_carried = [&](const Region& body, std::uint32_t index) {
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

}  // namespace ntkc::kernel_ir
