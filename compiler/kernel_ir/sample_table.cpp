#include "compiler/kernel_ir/sample_table.hpp"

namespace ntkc::kernel_ir {

SlotLayout assign_slots(const Program& program, const std::vector<bool>& live) {
  SlotLayout layout;
  layout.local.assign(program.size(), -1);
  layout.regions.resize(program.regions().size());
  for (NodeId id = 0; id < program.size(); ++id) {
    const Node& node = program[id];
    const bool is_side = node.operation == Operation::first || node.operation == Operation::second;
    // A series that positions of one input contract is read from the table, too.
    const bool is_own_series = node.type == Type::series && node.dependence == Dependence::sample &&
                               (node.operation == Operation::rows || node.operation == Operation::columns);
    if (!live[id] || (!is_side && !is_own_series)) continue;
    const NodeId sample = node.operands[0];
    if (layout.local[sample] >= 0) continue;
    std::int64_t& next = layout.regions[program[sample].region].per_iteration;
    layout.local[sample] = next;
    next += program.numbers(program[sample].place) *
            (program[sample].type == Type::series ? program.expansion(program[sample]).terms.entries() : 1);
  }
  for (RegionId region = 0; region < layout.regions.size(); ++region) {
    auto& slots = layout.regions[region];
    if (slots.per_iteration == 0) continue;
    slots.base = layout.total;
    // Of the order of 2^31 iterations at most, each of fewer slots than would overflow.
    layout.total += program.iterations(region) * slots.per_iteration;
  }
  return layout;
}

}  // namespace ntkc::kernel_ir
