// What a property of some nodes spreads to, through operands and around loops.
#pragma once

#include <vector>

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::kernel_ir {

/// By node: whether it `begins`, or reads one that is reached. Only nodes that are `carriers` are reached. A
/// loop's argument and results are reached through its initial values and its body, which is gone round until
/// nothing new appears.
template <typename Begins, typename Carrier>
std::vector<bool> reached(const Program& program, Begins begins, Carrier carrier) {
  std::vector<bool> result(program.size(), false);
  for (bool changed = true; changed;) {
    changed = false;
    for (NodeId id = 0; id < program.size(); ++id) {
      const Node& node = program[id];
      if (result[id] || !carrier(node)) continue;
      bool now = begins(node);
      if (node.operation == Operation::loop_argument) {
        const auto& body = program.regions()[node.region];
        const std::uint32_t number = program.carried_number(node);
        now = result[body.results[number]] || result[program[body.loop].operands[number]];
      } else if (node.operation == Operation::loop_result) {
        now = result[program.body(program[node.operands[0]]).results[program.carried_number(node)]];
      } else {
        for (const NodeId operand : node.operands) now = now || result[operand];
      }
      if (now) changed = result[id] = true;
    }
  }
  return result;
}

}  // namespace ntkc::kernel_ir
