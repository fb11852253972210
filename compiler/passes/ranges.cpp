#include "compiler/passes/ranges.hpp"

#include <algorithm>

#include "compiler/kernel_ir/function.hpp"

namespace ntkc::passes {
namespace {

using kernel_ir::Dependence;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;
using kernel_ir::Type;

Range join(Range a, Range b) { return {a.nonnegative && b.nonnegative, std::max(a.z_max, b.z_max)}; }

/// Whether it has correlations: of two inputs, or of pairs of positions of one.
bool is_cross(const Node& node) {
  return node.type == Type::covariance &&
         (node.dependence == Dependence::pair || node.place.space == kernel_ir::Space::full);
}

Range range_of(Program& program, NodeId id, const std::vector<Range>& ranges) {
  const Node& node = program[id];
  const NodeId a = node.operands.empty() ? 0 : node.operands[0];
  switch (node.operation) {
    case Operation::add: {
      // A constant is a covariance with u = 1. Branches of different proportions lower u, but not below 0.
      Range range = {true, 0.5};
      for (const NodeId operand : node.operands) {
        if (is_cross(program[operand])) range.nonnegative = range.nonnegative && ranges[operand].nonnegative;
      }
      return range;
    }
    case Operation::multiply: {
      const NodeId b = node.operands[1];
      if (!is_cross(program[a])) return ranges[b];
      if (!is_cross(program[b])) return ranges[a];
      return {ranges[a].nonnegative && ranges[b].nonnegative, 0.5};
    }
    case Operation::trainable:
    case Operation::diagonal:
    case Operation::scaled:
      return ranges[a];
    case Operation::dropout:   // nearer to 0
    case Operation::separate:  // 0 between positions
    case Operation::coupled:   // where its window reads 0, so is u
      return {ranges[a].nonnegative, 0.5};
    case Operation::congruent: {
      const auto& map = std::get<kernel_ir::Congruent>(program.attribute(node));
      return {ranges[a].nonnegative && !kernel_ir::has_negative_weights(map), 0.5};
    }
    case Operation::dual:
      return duals::dual_range(program, node.operands[1], ranges[a]);
    case Operation::loop_result: {
      const auto& body = program.body(program[a]);
      return ranges[body.results[program.carried_number(node)]];
    }
    default:
      return {};
  }
}

}  // namespace

std::vector<Range> find_ranges(const Program& source) {
  Program program = source;  // takes the nodes of constants
  // Arguments start at the narrowest range and widen until nothing changes. The lattice has four elements.
  std::vector<Range> ranges(program.size(), duals::narrowest_range);
  for (bool changed = true; changed;) {
    changed = false;
    for (NodeId id = 0; id < source.size(); ++id) {
      const Node& node = source[id];
      if (!is_cross(node)) continue;
      Range range = ranges[id];
      if (node.operation == Operation::loop_argument) {
        const auto& body = source.regions()[node.region];
        const std::uint32_t number = source.carried_number(node);
        range = join(join(range, ranges[source[body.loop].operands[number]]), ranges[body.results[number]]);
      } else {
        range = range_of(program, id, ranges);
      }
      if (range != ranges[id]) {
        ranges[id] = range;
        changed = true;
      }
    }
  }
  return ranges;
}

namespace {

bool is_linear(const Program& program, NodeId phi) {
  const auto single = kernel_ir::Function(program, phi).single();
  return single && single->step == kernel_ir::Function::Single::no_step;
}

}  // namespace

std::vector<bool> find_critical(const Program& program) {
  std::vector<bool> critical(program.size(), false);
  const auto mark = [&](NodeId id, bool& changed) {
    if (is_cross(program[id]) && !critical[id]) critical[id] = changed = true;
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (NodeId id = program.size(); id-- > 0;) {
      const Node& node = program[id];
      const bool is_dual = node.operation == Operation::dual || node.operation == Operation::dual_derivative;
      if (is_dual && !is_linear(program, node.operands[1])) mark(node.operands[0], changed);
      if (!critical[id]) continue;
      // By the same formulas, so that of equal inputs a covariance is what that of one input is, to the last bit.
      if (node.self != kernel_ir::no_node) mark(node.self, changed);
      if (node.operation == Operation::loop_argument) {
        const auto& body = program.regions()[node.region];
        mark(program[body.loop].operands[program.carried_number(node)], changed);
        mark(body.results[program.carried_number(node)], changed);
      } else if (node.operation == Operation::loop_result) {
        mark(program.body(program[node.operands[0]]).results[program.carried_number(node)], changed);
      } else {
        for (const NodeId operand : node.operands) mark(operand, changed);
      }
    }
  }
  return critical;
}

}  // namespace ntkc::passes
