#include "compiler/codegen/slots.hpp"

#include <stdexcept>

namespace ntkc::codegen {

using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;

SlotLayout assign_slots(const Program& program, const std::vector<bool>& live) {
  SlotLayout layout;
  layout.local.assign(program.size(), -1);
  layout.regions.resize(program.regions().size());
  for (NodeId id = 0; id < program.size(); ++id) {
    const Node& node = program[id];
    if (!live[id] || (node.operation != Operation::first && node.operation != Operation::second)) continue;
    const NodeId sample = node.operands[0];
    if (layout.local[sample] >= 0) continue;
    std::int64_t& next = layout.regions[program[sample].region].per_iteration;
    layout.local[sample] = next;
    next +=
        program[sample].type == kernel_ir::Type::series ? program.expansion(program[sample]).terms.entries() : 1;
  }
  constexpr std::int64_t most = std::int64_t{1} << 31;
  for (kernel_ir::RegionId region = 0; region < layout.regions.size(); ++region) {
    auto& slots = layout.regions[region];
    if (slots.per_iteration == 0) continue;
    slots.base = layout.total;
    const std::int64_t iterations = program.iterations(region);
    if (iterations > (most - layout.total) / slots.per_iteration) {
      throw std::invalid_argument("the per-sample table would have more than 2^31 rows");
    }
    layout.total += iterations * slots.per_iteration;
  }
  return layout;
}

}  // namespace ntkc::codegen
