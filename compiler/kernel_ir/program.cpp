#include "compiler/kernel_ir/program.hpp"

#include <algorithm>
#include <bit>
#include <functional>

namespace ntkc::kernel_ir {

std::size_t Program::KeyHash::operator()(const Node& node) const {
  std::size_t hash = 0;
  const auto mix = [&hash](std::uint64_t word) {
    hash = (hash ^ word) * 0x9E3779B97F4A7C15U;
    hash ^= hash >> 29;
  };
  mix(static_cast<std::uint64_t>(node.operation));
  mix(static_cast<std::uint64_t>(node.region) << 32U | node.index);
  mix(std::bit_cast<std::uint64_t>(node.value));
  for (const NodeId operand : node.operands) mix(operand);
  return hash;
}

NodeId Program::intern(Node node) {
  const auto [position, inserted] = interned_.try_emplace(node, size());
  if (inserted) nodes_.push_back(std::move(node));
  return position->second;
}

bool Program::is_literal(NodeId id, double value) const {
  return nodes_[id].operation == Operation::literal && nodes_[id].value == value;
}

NodeId Program::root(std::string_view root_name) const {
  for (const Root& candidate : roots) {
    if (candidate.name == root_name && candidate.plane == 0) return candidate.node;
  }
  return no_node;
}

std::int64_t Program::planes(std::string_view root_name) const {
  std::int64_t result = 0;
  for (const Root& candidate : roots) {
    if (candidate.name == root_name) result += candidate.count;
  }
  return result;
}

int Program::depth(RegionId region) const {
  int result = 0;
  for (; region != 0; region = regions_[region].parent) ++result;
  return result;
}

std::int64_t Program::iterations(RegionId region) const {
  std::int64_t result = 1;
  for (; region != 0; region = regions_[region].parent) result *= nodes_[regions_[region].loop].count;
  return result;
}

RegionId Program::innermost(const std::vector<NodeId>& operands) const {
  RegionId result = 0;
  int deepest = 0;
  for (const NodeId operand : operands) {
    const RegionId region = nodes_[operand].region;
    if (region == result) continue;
    if (const int d = depth(region); d > deepest) {
      result = region;
      deepest = d;
    }
  }
  return result;
}

// --- leaves
// -------------------------------------------------------------------------------------------------------

NodeId Program::literal(double value) {
  Node node;
  node.operation = Operation::literal;
  node.value = value == 0 ? 0.0 : value;  // one zero, so that equal literals are one node
  return intern(std::move(node));
}

NodeId Program::parameter(std::uint32_t index) {
  Node node;
  node.operation = Operation::parameter;
  node.index = index;
  return intern(std::move(node));
}

NodeId Program::variable() { return real(Operation::variable, {}); }

NodeId Program::input_self() {
  Node node;
  node.operation = Operation::input_self;
  node.type = Type::covariance;
  node.dependence = Dependence::sample;
  return intern(std::move(node));
}

NodeId Program::input_cross() {
  Node node;
  node.operation = Operation::input_cross;
  node.type = Type::covariance;
  node.dependence = Dependence::pair;
  node.self = input_self();
  return intern(std::move(node));
}

NodeId Program::input_square() { return real(Operation::input_square, {}); }
NodeId Program::input_complement() { return real(Operation::input_complement, {}); }
NodeId Program::input_cocomplement() { return real(Operation::input_cocomplement, {}); }

// --- reals
// --------------------------------------------------------------------------------------------------------

NodeId Program::at(Operation operation, NodeId sample) {
  if (nodes_[sample].dependence == Dependence::constant) return sample;
  Node node;
  node.operation = operation;
  node.type = nodes_[sample].type == Type::series ? Type::series : Type::real;
  node.dependence = Dependence::pair;
  node.region = nodes_[sample].region;
  node.operands = {sample};
  return intern(std::move(node));
}

NodeId Program::real(Operation operation, std::vector<NodeId> operands, double value) {
  // op(first(a), first(b)) = first(op(a, b)), likewise second: computed once per sample.
  for (const Operation side : {Operation::first, Operation::second}) {
    bool any = false;
    const bool all = std::ranges::all_of(operands, [&](NodeId operand) {
      any = any || nodes_[operand].operation == side;
      return nodes_[operand].operation == side || nodes_[operand].dependence == Dependence::constant;
    });
    if (!any || !all) continue;
    for (NodeId& operand : operands) {
      if (nodes_[operand].operation == side) operand = nodes_[operand].operands[0];
    }
    return at(side, real(operation, std::move(operands), value));
  }
  Node node;
  node.operation = operation;
  const bool is_input =
      operation == Operation::input_complement || operation == Operation::input_cocomplement;
  node.dependence = is_input ? Dependence::pair : Dependence::constant;
  if (operation == Operation::input_square) node.dependence = Dependence::sample;
  if (operation == Operation::variable) node.dependence = Dependence::function;
  for (const NodeId operand : operands)
    node.dependence = std::max(node.dependence, nodes_[operand].dependence);
  node.region = innermost(operands);
  node.value = value;
  node.operands = std::move(operands);
  // One order for the operands of what commutes, so that a + b and b + a are one node.
  if (operation == Operation::add || operation == Operation::multiply || operation == Operation::minimum ||
      operation == Operation::maximum) {
    std::ranges::sort(node.operands);
  }
  return intern(std::move(node));
}

NodeId Program::real_or_covariance(Operation operation, NodeId a, NodeId b) {
  const auto is_covariance = [this](NodeId id) { return nodes_[id].type == Type::covariance; };
  if (!is_covariance(a) && !is_covariance(b)) return real(operation, {a, b});
  if (!is_covariance(a) || (is_covariance(b) && b < a))
    std::swap(a, b);  // one order, so that a + b and b + a are one node
  const bool is_pair = nodes_[a].dependence == Dependence::pair;
  Node node;
  node.operation = operation;
  node.type = Type::covariance;
  node.dependence = nodes_[a].dependence;
  node.region = innermost({a, b});
  node.operands = {a, b};
  if (is_pair) {
    node.self = real_or_covariance(operation, nodes_[a].self, is_covariance(b) ? nodes_[b].self : b);
  }
  return intern(std::move(node));
}

// --- covariances
// --------------------------------------------------------------------------------------------------

NodeId Program::expectation(Operation operation, std::vector<NodeId> operands) {
  Node node;
  node.operation = operation;
  node.dependence = nodes_[operands[0]].dependence;
  node.region = innermost(operands);
  node.operands = std::move(operands);
  if (operation == Operation::dual) {
    node.type = Type::covariance;
    if (node.dependence == Dependence::pair)
      node.self = dual(nodes_[node.operands[0]].self, node.operands[1]);
  }
  return intern(std::move(node));
}

NodeId Program::dual(NodeId covariance, NodeId phi) {
  return expectation(Operation::dual, {covariance, phi});
}

NodeId Program::dual_derivative(NodeId covariance, NodeId phi) {
  return expectation(Operation::dual_derivative, {covariance, phi});
}

NodeId Program::moment(NodeId covariance, NodeId f, NodeId g) {
  return expectation(Operation::moment, {covariance, f, g});
}

NodeId Program::gaussian_mean(NodeId root, NodeId f, const hermite::Rule& rule) {
  Node node;
  node.operation = Operation::gaussian_mean;
  node.dependence = Dependence::sample;
  node.region = innermost({root, f});
  node.terms.rule = rule;
  node.operands = {root, f};
  return intern(std::move(node));
}

NodeId Program::hermite_series(NodeId root, NodeId scale, NodeId f, const hermite::Terms& terms,
                               double remainder) {
  Node node;
  node.operation = Operation::hermite_series;
  node.type = Type::series;
  node.dependence = Dependence::sample;
  node.region = innermost({root, scale, f});
  node.value = remainder;
  node.terms = terms;
  node.operands = {root, scale, f};
  return intern(std::move(node));
}

NodeId Program::cross(NodeId covariance) {
  Node node;
  node.operation = Operation::cross;
  node.dependence = Dependence::pair;
  node.region = nodes_[covariance].region;
  node.operands = {covariance};
  return intern(std::move(node));
}

NodeId Program::trainable(NodeId covariance, NodeId seed, std::uint32_t layer) {
  Node node;
  node.operation = Operation::trainable;
  node.type = Type::covariance;
  node.index = layer;
  node.dependence = Dependence::pair;
  node.region = innermost({covariance, seed});
  node.self = nodes_[covariance].self;
  node.operands = {covariance, seed};
  return intern(std::move(node));
}

// --- loops
// --------------------------------------------------------------------------------------------------------

RegionId Program::begin_loop(const std::vector<Carried>& carried, std::int64_t count) {
  const auto region = static_cast<RegionId>(regions_.size());
  regions_.push_back(
      {.loop = no_node, .parent = open_.empty() ? 0 : open_.back().region, .arguments = {}, .results = {}});
  for (std::uint32_t i = 0; i < carried.size(); ++i) {
    Node node;
    node.operation = Operation::loop_argument;
    node.type = nodes_[carried[i].initial].type;
    node.dependence = carried[i].dependence;
    node.region = region;
    node.index = i;
    if (carried[i].self != Carried::no_self) node.self = regions_[region].arguments[carried[i].self];
    const NodeId argument = intern(std::move(node));
    regions_[region].arguments.push_back(argument);
  }
  open_.push_back({region, carried, count});
  return region;
}

std::vector<NodeId> Program::end_loop(const std::vector<NodeId>& results) {
  const OpenLoop open = open_.back();
  open_.pop_back();
  Region& region = regions_[open.region];
  region.results = results;
  Node node;
  node.operation = Operation::loop;
  node.type = Type::none;
  node.region = region.parent;
  node.index = open.region;
  node.count = open.count;
  for (const Carried& value : open.carried) node.operands.push_back(value.initial);
  for (const NodeId argument : region.arguments)
    node.dependence = std::max(node.dependence, nodes_[argument].dependence);
  const NodeId loop = intern(std::move(node));
  regions_[open.region].loop = loop;

  std::vector<NodeId> values;
  for (std::uint32_t i = 0; i < results.size(); ++i) {
    const Node& argument = nodes_[regions_[open.region].arguments[i]];
    Node value;
    value.operation = Operation::loop_result;
    value.type = argument.type;
    value.dependence = argument.dependence;
    value.region = regions_[open.region].parent;
    value.index = i;
    if (argument.self != no_node) value.self = values[nodes_[argument.self].index];
    value.operands = {loop};
    values.push_back(intern(std::move(value)));
  }
  return values;
}

}  // namespace ntkc::kernel_ir
