#include "compiler/passes/simplify/signs.hpp"

#include <algorithm>

namespace ntkc::passes {
namespace {

using kernel_ir::Dependence;
using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;
using kernel_ir::Type;

Sign of_literal(double value) {
  return value > 0 ? Sign::positive : value == 0 ? Sign::nonnegative : Sign::unknown;
}

/// Whether c x and c/x cannot underflow: c ≥ 1.
bool is_large(const Program& program, const Node& node) {
  return node.operation == Operation::literal && program.literal_value(node) >= 1;
}

Sign sign_of(const Program& program, const Node& node, const std::vector<Sign>& signs) {
  const auto operand = [&](std::size_t i) { return signs[node.operands[i]]; };
  const auto both = [&] { return std::min(operand(0), operand(1)); };
  switch (node.operation) {
    case Operation::literal:
      return of_literal(program.literal_value(node));
    case Operation::input_square:
    case Operation::input_complement:
    case Operation::input_cocomplement:
    case Operation::input_self_complement:
    case Operation::input_self_cocomplement:
    case Operation::series_distance:
    case Operation::identity:
    case Operation::self_identity:
      return Sign::nonnegative;
    case Operation::first:
    case Operation::second:
    case Operation::with_loss:
    case Operation::broadcast:
    case Operation::rows:
    case Operation::columns:
    case Operation::diagonal:
      return operand(0);
    case Operation::separate:  // 0 between positions
    case Operation::coupled:   // 0 where a window reads nothing
      return std::min(operand(0), Sign::nonnegative);
    case Operation::congruent: {
      const auto& map = std::get<kernel_ir::Congruent>(program.attribute(node));
      return kernel_ir::has_negative_weights(map) ? Sign::unknown : std::min(operand(0), Sign::nonnegative);
    }
    case Operation::tap_product:
      return std::equal(node.operands.begin(), node.operands.begin() + 4, node.operands.begin() + 4)
                 ? Sign::nonnegative
                 : Sign::unknown;
    case Operation::add:
      return both() == Sign::unknown ? Sign::unknown : std::max(operand(0), operand(1));
    case Operation::multiply:
      if (node.operands[0] == node.operands[1]) return Sign::nonnegative;
      return is_large(program, program[node.operands[0]]) || is_large(program, program[node.operands[1]])
                 ? both()
                 : std::min(both(), Sign::nonnegative);
    case Operation::divide:
      return is_large(program, program[node.operands[0]]) ? both() : std::min(both(), Sign::nonnegative);
    case Operation::square_root:
      return std::max(operand(0), Sign::nonnegative);
    case Operation::reciprocal_or_zero:
      return std::min(operand(0), Sign::nonnegative);
    case Operation::minimum:
      return both();
    case Operation::maximum:
      return std::max(operand(0), operand(1));
    case Operation::select_less:
      return std::min(operand(2), operand(3));
    case Operation::loop_argument: {
      const auto& body = program.regions()[node.region];
      return std::min(signs[program[body.loop].operands[program.carried_number(node)]],
                      signs[body.results[program.carried_number(node)]]);
    }
    case Operation::loop_result:
      return signs[program.body(program[node.operands[0]]).results[program.carried_number(node)]];
    default:
      return kernel_ir::traits(node.operation).sign;
  }
}

}  // namespace

std::vector<Sign> find_signs(const Program& program) {
  // The search begins with the most that could be said and goes down to what all iterations of a loop keep.
  std::vector<Sign> signs(program.size(), Sign::positive);
  for (bool changed = true; changed;) {
    changed = false;
    for (NodeId id = 0; id < program.size(); ++id) {
      const Node& node = program[id];
      // The self covariance q of a layer is E[φ²]; between positions it may be negative.
      const bool is_self = node.type == Type::covariance && node.dependence == Dependence::sample &&
                           node.place.space != kernel_ir::Space::full;
      const Sign sign = is_self                   ? Sign::nonnegative
                        : node.type == Type::real ? sign_of(program, node, signs)
                                                  : Sign::unknown;
      const Sign weaker = std::min(sign, signs[id]);
      if (weaker == signs[id]) continue;
      signs[id] = weaker;
      changed = true;
    }
  }
  return signs;
}

}  // namespace ntkc::passes
