#include "compiler/driver/cost.hpp"

#include <algorithm>
#include <numeric>

#include "compiler/kernel_ir/live.hpp"
#include "compiler/kernel_ir/sample_table.hpp"

namespace ntkc::driver {
namespace {

using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;

/// Additions for an output of a convolution: sums of columns are shared by neighbours.
double window_operations(const kernel_ir::Coupled& map) {
  double result = 1;
  for (const kernel_ir::Window& window : map.windows) result += static_cast<double>(window.size - 1);
  return result;
}

/// Of a number that is made of series, how many terms these have; else 0.
double contracted_terms(const Program& program, const Node& node) {
  const auto is_series = [&](NodeId id) { return program[id].type == kernel_ir::Type::series; };
  if (node.type == kernel_ir::Type::series || node.operands.empty() || !is_series(node.operands[0])) return 0;
  return program.expansion(program[program.expanded(node.operands[0])]).terms.entries();
}

/// Of one number of a node. Functions: a multiplication and an addition for each coefficient of their polynomials,
/// and what is around them (compiler/codegen/vector_math.cpp).
double operations_of(const Program& program, const Node& node) {
  if (const double terms = contracted_terms(program, node); terms > 0) return 3 * terms;
  switch (node.operation) {
    case Operation::add:
    case Operation::subtract:
    case Operation::multiply:
    case Operation::minimum:
    case Operation::maximum:
    case Operation::select_less:
      return 1;
    case Operation::divide:
    case Operation::square_root:
      return 4;  // as many times the time of a multiplication
    case Operation::arcsine_ratio:
    case Operation::arccosine_ratio:
      return 20;
    case Operation::exp:
    case Operation::expm1:
    case Operation::log:
    case Operation::sin:
    case Operation::cos:
    case Operation::tanh:
    case Operation::erf:
    case Operation::dawson:
    case Operation::normal_tail:
      return 40;
    case Operation::normal_orthant:
      return 400;
    case Operation::coupled:
      return window_operations(std::get<kernel_ir::Coupled>(program.attribute(node)));
    case Operation::input_complement:
    case Operation::input_cocomplement:
      return 2 * static_cast<double>(program.input_size);
    default:
      return 0;
  }
}

/// A choice whose rare side is computed where it is needed only.
bool is_rare(const Node& node, std::size_t operand) {
  return node.operation == Operation::select_less && operand == 2 && node.operands[0] == node.operands[3] &&
         node.place.space != kernel_ir::Space::point;
}

/// The nodes that roots need at every pair.
std::vector<bool> find_usual(const Program& program) {
  std::vector<bool> live = kernel_ir::find_live(program, program.roots);
  std::vector<bool> usual(program.size(), false);
  for (const kernel_ir::Root& root : program.roots) usual[root.node] = true;
  for (const kernel_ir::Region& region : program.regions()) {
    for (const NodeId result : region.results) usual[result] = live[result];
    if (region.loop == kernel_ir::no_node) continue;
    for (const NodeId initial : program[region.loop].operands) usual[initial] = live[initial];
  }
  for (NodeId id = program.size(); id-- > 0;) {
    if (!usual[id] || program[id].operation == Operation::loop) continue;
    const Node& node = program[id];
    for (std::size_t i = 0; i < node.operands.size(); ++i) {
      if (!is_rare(node, i)) usual[node.operands[i]] = true;
    }
  }
  return usual;
}

/// By node over pairs of positions, the share of the pairs that machine code computes: what only convolutions of stride s
/// read is needed at multiples of the offset s (compiler/codegen/position_plan.hpp).
std::vector<double> find_shares(const Program& program, const std::vector<bool>& usual) {
  std::vector<kernel_ir::Extents> steps(program.size());  // of the offsets; empty: nothing has asked yet
  const auto need = [&](NodeId id, const kernel_ir::Extents& step) {
    if (program[id].place.space != kernel_ir::Space::full) return;
    const std::size_t rank = program.extents(program[id].place).size();
    kernel_ir::Extents& own = steps[id];
    if (own.empty()) own.assign(rank, 0);
    for (std::size_t d = 0; d < rank; ++d)
      own[d] = std::gcd(own[d], step.size() == rank ? step[d] : std::int64_t{1});
  };
  for (const kernel_ir::Region& region : program.regions()) {
    for (const NodeId result : region.results) need(result, {});
    if (region.loop == kernel_ir::no_node) continue;
    for (const NodeId initial : program[region.loop].operands) need(initial, {});
  }
  std::vector<double> shares(program.size(), 1);
  for (NodeId id = program.size(); id-- > 0;) {
    if (!usual[id]) continue;
    const Node& node = program[id];
    kernel_ir::Extents step = steps[id];
    for (const std::int64_t each : step) shares[id] /= static_cast<double>(std::max<std::int64_t>(each, 1));
    const bool mixes = node.operation == Operation::congruent || node.operation == Operation::separate ||
                       node.operation == Operation::diagonal || node.region != 0;
    if (mixes) step.clear();
    if (node.operation == Operation::coupled && !step.empty()) {
      const auto& windows = std::get<kernel_ir::Coupled>(program.attribute(node)).windows;
      for (std::size_t d = 0; d < step.size(); ++d)
        step[d] = windows[d].base_dilation == 1 ? step[d] * windows[d].stride : 1;
    }
    for (const NodeId operand : node.operands) need(operand, step);
  }
  return shares;
}

}  // namespace

KernelCost cost_of(const Program& program) {
  KernelCost result;
  const std::vector<bool> usual = find_usual(program);
  const std::vector<double> shares = find_shares(program, usual);
  for (NodeId id = 0; id < program.size(); ++id) {
    const Node& node = program[id];
    if (!usual[id] || node.dependence != kernel_ir::Dependence::pair) continue;
    double numbers = static_cast<double>(program.numbers(node.place));
    double operations = operations_of(program, node);
    if (node.operation == Operation::congruent || (node.operation == Operation::coupled && numbers == 1)) {
      // What it adds up.
      numbers = static_cast<double>(program.numbers(program[node.operands[0]].place));
      operations = 1;
    }
    result.operations +=
        shares[id] * numbers * operations * static_cast<double>(program.iterations(node.region));
  }
  const std::vector<bool> live = kernel_ir::find_live(program, program.roots);
  result.table = static_cast<double>(kernel_ir::assign_slots(program, live).total);
  return result;
}

}  // namespace ntkc::driver
