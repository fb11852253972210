// Loops: each has a region of its own, and carries on what it was given.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/kernel_ir/verifier.hpp"

namespace ntkc::kernel_ir {
namespace {

/// Whether a value can go to where `place` is carried.
bool fits(const Node& value, const Node& place) {
  const bool is_number = value.place.space == Space::point && value.type == Type::real;
  return value.type == place.type && (value.place == place.place || is_number) &&
         (value.dependence == place.dependence || value.dependence == Dependence::constant);
}

}  // namespace

bool encloses(const Program& program, RegionId outer, RegionId inner) {
  while (inner > outer) inner = program.regions()[inner].parent;  // parents have smaller numbers
  return inner == outer;
}

std::string check_kind(const Node& node, Type type, Dependence dependence) {
  constexpr std::string_view types[] = {"a real", "a covariance", "a series", "nothing"};
  constexpr std::string_view dependences[] = {"of no input", "a function", "of one input", "of two inputs"};
  if (node.type != type) return fmt::format("must be {}", types[static_cast<std::size_t>(type)]);
  if (node.dependence != dependence) {
    return fmt::format("must be {}", dependences[static_cast<std::size_t>(dependence)]);
  }
  return "";
}

std::string check_loop(const Program& program, NodeId id) {
  const Node& node = program[id];
  const std::vector<Region>& regions = program.regions();
  const RegionId region = program.loop(node).body;
  if (region >= regions.size() || regions[region].loop != id) return "its region is not its own";
  const Region& body = regions[region];
  if (node.region != body.parent) return "is not in the parent of its region";
  if (node.operands.size() != body.arguments.size() || body.results.size() != body.arguments.size()) {
    return fmt::format("has {} initial values, {} arguments and {} results", node.operands.size(),
                       body.arguments.size(), body.results.size());
  }
  Dependence dependence = Dependence::constant;
  for (std::size_t i = 0; i < body.arguments.size(); ++i) {
    if (body.arguments[i] >= id || body.results[i] >= id)
      return fmt::format("its value {} does not precede it", i);
    const Node& argument = program[body.arguments[i]];
    const Node& result = program[body.results[i]];
    if (argument.operation != Operation::loop_argument || argument.region != region ||
        program.carried_number(argument) != i) {
      return fmt::format("argument {} is not its own", i);
    }
    if (argument.dependence == Dependence::function) return fmt::format("argument {} is a function", i);
    if (!fits(program[node.operands[i]], argument))
      return fmt::format("initial value {} is of another kind", i);
    if (!fits(result, argument)) return fmt::format("result {} is of another kind than its argument", i);
    if (!encloses(program, result.region, region)) return fmt::format("result {} is of an inner region", i);
    if (argument.self != no_node) {
      const Node& self = program[argument.self];
      if (self.region != region || self.operation != Operation::loop_argument ||
          program.carried_number(self) >= i) {
        return fmt::format("argument {}: its self covariance is not carried before it", i);
      }
      const std::uint32_t number = program.carried_number(self);
      if (program[node.operands[i]].self != node.operands[number] || result.self != body.results[number]) {
        return fmt::format("value {} and value {} are not a covariance and its self covariance", i, number);
      }
    }
    dependence = std::max(dependence, argument.dependence);
  }
  return check_kind(node, Type::none, dependence);
}

std::string check_loop_argument(const Program& program, NodeId id) {
  const Node& node = program[id];
  const std::vector<NodeId>& arguments = program.regions()[node.region].arguments;
  const std::uint32_t number = program.carried_number(node);
  const bool known = number < arguments.size() && arguments[number] == id;
  return known ? "" : "is not an argument of its region";
}

std::string check_loop_result(const Program& program, const Node& node) {
  const Node& loop = program[node.operands[0]];
  const std::vector<NodeId>& arguments = program.body(loop).arguments;
  if (node.region != loop.region) return "is not in the region of its loop";
  const std::uint32_t number = program.carried_number(node);
  if (number >= arguments.size()) return fmt::format("its loop has no result {}", number);
  const Node& argument = program[arguments[number]];
  if (node.place != argument.place) return "is at other positions than what its loop carries";
  if (argument.self != no_node) {
    const Node* self = node.self < program.size() ? &program[node.self] : nullptr;
    if (self == nullptr || self->operation != Operation::loop_result || self->operands != node.operands ||
        self->attribute != program[argument.self].attribute) {
      return "its self covariance is not that result of its loop";
    }
  }
  return check_kind(node, argument.type, argument.dependence);
}

}  // namespace ntkc::kernel_ir
