#include "compiler/kernel_ir/program.hpp"

#include <algorithm>
#include <bit>
#include <functional>

namespace ntkc::kernel_ir {

namespace {

/// Mixes words into a hash.
class Hash {
 public:
  void mix(std::uint64_t word) {
    value_ = (value_ ^ word) * 0x9E3779B97F4A7C15U;
    value_ ^= value_ >> 29;
  }
  void mix(double number) { mix(std::bit_cast<std::uint64_t>(number)); }
  [[nodiscard]] std::size_t value() const { return value_; }

 private:
  std::size_t value_ = 0;
};

void mix(Hash&, const std::monostate&) {}
void mix(Hash& hash, const Literal& literal) { hash.mix(literal.value); }
void mix(Hash& hash, const ParameterNumber& parameter) { hash.mix(std::uint64_t{parameter.number}); }
void mix(Hash& hash, const Loop& loop) { hash.mix(std::uint64_t{loop.body}); }
void mix(Hash& hash, const CarriedNumber& carried) { hash.mix(std::uint64_t{carried.number}); }
void mix(Hash& hash, const TrainableLayer& layer) { hash.mix(std::uint64_t{layer.number}); }
void mix(Hash& hash, const Domain& domain) { hash.mix(domain.end); }
void mix(Hash& hash, const hermite::Rule& rule) { hash.mix(static_cast<std::uint64_t>(rule.nodes)); }
void mix(Hash& hash, const Expansion& expansion) {
  hash.mix(static_cast<std::uint64_t>(expansion.terms.count));
  hash.mix(expansion.remainder);
  mix(hash, expansion.terms.rule);
}

}  // namespace

std::size_t AttributeHash::operator()(const Attribute& attribute) const {
  Hash hash;
  hash.mix(std::uint64_t{attribute.index()});
  std::visit([&](const auto& kind) { mix(hash, kind); }, attribute);
  return hash.value();
}

std::size_t Program::KeyHash::operator()(const Node& node) const {
  Hash hash;
  hash.mix(static_cast<std::uint64_t>(node.operation));
  hash.mix(static_cast<std::uint64_t>(node.region) << 32U | node.attribute);
  for (const NodeId operand : node.operands) hash.mix(std::uint64_t{operand});
  return hash.value();
}

NodeId Program::intern(Node node) {
  const auto [position, inserted] = interned_.try_emplace(node, size());
  if (inserted) nodes_.push_back(std::move(node));
  return position->second;
}

AttributeId Program::intern(Attribute attribute) {
  if (std::holds_alternative<std::monostate>(attribute)) return no_attribute;
  const auto [position, inserted] =
      interned_attributes_.try_emplace(attribute, static_cast<AttributeId>(attributes_.size()));
  if (inserted) attributes_.push_back(std::move(attribute));
  return position->second;
}

bool Program::is_literal(NodeId id, double value) const {
  return nodes_[id].operation == Operation::literal && literal_value(nodes_[id]) == value;
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
  for (; region != 0; region = regions_[region].parent) result *= loop(nodes_[regions_[region].loop]).count;
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

// --- operations
// ---------------------------------------------------------------------------------------------------

/// op(first(a), first(b)) = first(op(a, b)), likewise second: computed once per sample. no_node where it is not
/// so.
NodeId Program::hoisted(Operation operation, const std::vector<NodeId>& operands,
                        const Attribute& attribute) {
  for (const Operation side : {Operation::first, Operation::second}) {
    bool any = false;
    const bool all = std::ranges::all_of(operands, [&](NodeId operand) {
      any = any || nodes_[operand].operation == side;
      return nodes_[operand].operation == side || nodes_[operand].dependence == Dependence::constant;
    });
    if (!any || !all) continue;
    std::vector<NodeId> below = operands;
    for (NodeId& operand : below) {
      if (nodes_[operand].operation == side) operand = nodes_[operand].operands[0];
    }
    return apply(side, {real(operation, std::move(below), attribute)});
  }
  return no_node;
}

/// One order for the operands of what commutes, so that a + b and b + a are one node; covariances come before
/// constants.
void Program::order(Operation operation, std::vector<NodeId>& operands) const {
  const bool commutes = operation == Operation::add || operation == Operation::multiply ||
                        operation == Operation::minimum || operation == Operation::maximum;
  if (!commutes) return;
  std::ranges::sort(operands, {},
                    [this](NodeId id) { return std::pair(nodes_[id].type != Type::covariance, id); });
}

Type Program::type_of(const Node& node) const {
  switch (node.operation) {
    case Operation::input_self:
    case Operation::input_cross:
    case Operation::dual:
    case Operation::trainable:
      return Type::covariance;
    case Operation::hermite_series:
      return Type::series;
    case Operation::first:
    case Operation::second:
      return nodes_[node.operands[0]].type == Type::series ? Type::series : Type::real;
    case Operation::add:
    case Operation::multiply:
      return nodes_[node.operands[0]].type == Type::covariance ? Type::covariance : Type::real;
    default:
      return Type::real;
  }
}

Dependence Program::dependence_of(const Node& node) const {
  switch (node.operation) {
    case Operation::variable:
      return Dependence::function;
    case Operation::input_self:
    case Operation::input_square:
    case Operation::gaussian_mean:
    case Operation::hermite_series:
      return Dependence::sample;
    case Operation::input_cross:
    case Operation::input_complement:
    case Operation::input_cocomplement:
    case Operation::first:
    case Operation::second:
      return Dependence::pair;
    case Operation::dual:
    case Operation::dual_derivative:
    case Operation::moment:
      return nodes_[node.operands[0]].dependence;
    default:
      break;
  }
  Dependence result = Dependence::constant;
  for (const NodeId operand : node.operands) result = std::max(result, nodes_[operand].dependence);
  return result;
}

/// The self covariance of a pair covariance: the same operation on self covariances.
NodeId Program::self_of(const Node& node) {
  if (node.operation == Operation::input_cross) return input_self();
  if (node.operation == Operation::trainable) return nodes_[node.operands[0]].self;
  std::vector<NodeId> operands;
  for (const NodeId operand : node.operands) {
    const NodeId self = nodes_[operand].self;
    operands.push_back(self == no_node ? operand : self);
  }
  return apply(node.operation, std::move(operands), attribute(node));
}

NodeId Program::make(Operation operation, std::vector<NodeId> operands, Attribute attribute,
                     std::optional<Type> type) {
  const bool is_side = operation == Operation::first || operation == Operation::second;
  if (is_side && nodes_[operands[0]].dependence == Dependence::constant) return operands[0];
  if (const NodeId at_side = hoisted(operation, operands, attribute); at_side != no_node) return at_side;
  order(operation, operands);
  Node node;
  node.operation = operation;
  node.region = innermost(operands);
  node.attribute = intern(std::move(attribute));
  node.operands = std::move(operands);
  node.type = type ? *type : type_of(node);
  node.dependence = dependence_of(node);
  if (node.type == Type::covariance && node.dependence == Dependence::pair) node.self = self_of(node);
  return intern(std::move(node));
}

NodeId Program::literal(double value) {
  return apply(Operation::literal, {}, Literal{value == 0 ? 0.0 : value});  // one zero, one node
}
NodeId Program::parameter(std::uint32_t number) {
  return apply(Operation::parameter, {}, ParameterNumber{number});
}
NodeId Program::variable() { return apply(Operation::variable, {}); }
NodeId Program::input_self() { return apply(Operation::input_self, {}); }
NodeId Program::input_cross() { return apply(Operation::input_cross, {}); }
NodeId Program::input_square() { return apply(Operation::input_square, {}); }
NodeId Program::input_complement() { return apply(Operation::input_complement, {}); }
NodeId Program::input_cocomplement() { return apply(Operation::input_cocomplement, {}); }

NodeId Program::dual(NodeId covariance, NodeId phi) { return apply(Operation::dual, {covariance, phi}); }
NodeId Program::dual_derivative(NodeId covariance, NodeId phi) {
  return apply(Operation::dual_derivative, {covariance, phi});
}
NodeId Program::moment(NodeId covariance, NodeId f, NodeId g) {
  return apply(Operation::moment, {covariance, f, g});
}
NodeId Program::cross(NodeId covariance) { return apply(Operation::cross, {covariance}); }
NodeId Program::gaussian_mean(NodeId root, NodeId f, const hermite::Rule& rule) {
  return apply(Operation::gaussian_mean, {root, f}, rule);
}
NodeId Program::hermite_series(NodeId root, NodeId scale, NodeId f, const hermite::Terms& terms,
                               double remainder) {
  return apply(Operation::hermite_series, {root, scale, f}, Expansion{terms, remainder});
}
NodeId Program::trainable(NodeId covariance, NodeId seed, std::uint32_t layer) {
  return apply(Operation::trainable, {covariance, seed}, TrainableLayer{layer});
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
    node.attribute = intern(CarriedNumber{i});
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
  node.attribute = intern(Loop{open.region, open.count});
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
    value.attribute = argument.attribute;
    if (argument.self != no_node) value.self = values[carried_number(nodes_[argument.self])];
    value.operands = {loop};
    values.push_back(intern(std::move(value)));
  }
  return values;
}

}  // namespace ntkc::kernel_ir
