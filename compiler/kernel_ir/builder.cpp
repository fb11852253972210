// Building of operations: what of a node follows from its operands.
#include <algorithm>

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::kernel_ir {
namespace {

bool is_side(Operation operation) { return operation == Operation::first || operation == Operation::second; }
bool is_lines(Operation operation) { return operation == Operation::rows || operation == Operation::columns; }

/// The value at (p, p') is made of those of the operands at (p, p').
bool is_elementwise(Operation operation) { return has_value(operation) && operation != Operation::pi; }

}  // namespace

NodeId Program::at_side(Operation side, Operation lines, NodeId sample) {
  const bool crosses_positions = frame_.space == Space::full && nodes_[sample].place.space == Space::diagonal;
  const NodeId value = frame_.dependence == Dependence::pair ? apply(side, {sample}) : sample;
  return crosses_positions ? apply(lines, {value}) : value;
}

/// What an operation that only moves values comes down to; no_node where it is an operation of its own.
NodeId Program::shortened(Operation operation, const std::vector<NodeId>& operands,
                          const Attribute& attribute, Place place, std::optional<Type> type) {
  if (operands.size() != 1) return no_node;
  const NodeId a = operands[0];
  const Node node = nodes_[a];  // a copy: new nodes move the old
  if (is_side(operation)) {
    if (node.dependence == Dependence::constant) return a;
    if (is_lines(node.operation)) return apply(node.operation, {apply(operation, {node.operands[0]})});
    return no_node;
  }
  if (is_lines(operation)) return node.place.space == Space::point ? a : no_node;
  if (operation == Operation::broadcast) return place.space == Space::point ? a : no_node;
  if (operation == Operation::separate && node.place.space != Space::full) return a;
  if (operation == Operation::diagonal) {
    if (node.operation == Operation::separate) return apply(operation, node.operands);
    if (node.place.space != Space::full) return a;
    if (node.dependence == Dependence::sample && node.self != no_node) return node.self;
    if (is_lines(node.operation)) return node.operands[0];
    const Place diagonal = {Space::diagonal, node.place.extents};
    if (node.operation == Operation::broadcast || node.operation == Operation::congruent)
      return make(node.operation, node.operands, this->attribute(node), diagonal, type);
  }
  // What flatten reads lies on the diagonal.
  const auto* map = std::get_if<Coupled>(&attribute);
  if (operation == Operation::coupled && map != nullptr && map->to_point && node.place.space == Space::full)
    return make(operation, {make(Operation::diagonal, {a}, {}, {}, type)}, attribute, {}, type);
  return no_node;
}

/// op(first(a), first(b)) = first(op(a, b)), likewise second: computed once per sample. In the same way, of
/// rows and columns: computed once per position. no_node where it is not so.
NodeId Program::hoisted(Operation operation, const std::vector<NodeId>& operands, const Attribute& attribute,
                        Place place) {
  const auto below = [&](Operation outer, const auto& passes) {
    bool any = false;
    std::vector<NodeId> inner = operands;
    for (NodeId& operand : inner) {
      if (nodes_[operand].operation == outer) {
        any = true;
        operand = nodes_[operand].operands[0];
      } else if (!passes(nodes_[operand])) {
        return no_node;
      }
    }
    return any ? real(outer, {real(operation, std::move(inner), attribute, place)}) : no_node;
  };
  if (!is_lines(operation)) {
    for (const Operation side : {Operation::first, Operation::second}) {
      const NodeId result =
          below(side, [](const Node& node) { return node.dependence == Dependence::constant; });
      if (result != no_node) return result;
    }
  }
  if (is_elementwise(operation)) {
    for (const Operation lines : {Operation::rows, Operation::columns}) {
      const NodeId result = below(lines, [](const Node& node) { return node.place.space == Space::point; });
      if (result != no_node) return result;
    }
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
    case Operation::scaled:
    case Operation::dropout:
      return Type::covariance;
    case Operation::hermite_series:
      return Type::series;
    case Operation::first:
    case Operation::second:
    case Operation::rows:
    case Operation::columns:
      return nodes_[node.operands[0]].type == Type::series ? Type::series : Type::real;
    case Operation::add:
    case Operation::multiply:
    case Operation::diagonal:
    case Operation::coupled:
    case Operation::congruent:
    case Operation::separate:
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
    case Operation::input_self_complement:
    case Operation::input_self_cocomplement:
    case Operation::self_identity:
    case Operation::gaussian_mean:
    case Operation::hermite_series:
      return Dependence::sample;
    case Operation::input_cross:
    case Operation::input_complement:
    case Operation::input_cocomplement:
    case Operation::identity:
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

/// Where a node is, from where its operands are; `stated` counts for what does not follow.
Place Program::place_for(const Node& node, Place stated) {
  const auto operand = [&] { return nodes_[node.operands[0]].place; };
  switch (node.operation) {
    case Operation::input_self:
    case Operation::input_cross:
    case Operation::input_square:
    case Operation::input_complement:
    case Operation::input_cocomplement:
    case Operation::input_self_complement:
    case Operation::input_self_cocomplement:
    case Operation::identity:
    case Operation::self_identity:
    case Operation::broadcast:
      return stated;
    case Operation::rows:
    case Operation::columns:
      return {Space::full, operand().extents};
    case Operation::diagonal:
      return {Space::diagonal, operand().extents};
    case Operation::scaled:  // s may be on the diagonal of pairs of positions
      return operand();
    case Operation::coupled:
    case Operation::tap_product: {
      const auto* map = std::get_if<Coupled>(&attribute(node));
      if (map == nullptr || !check_map(*map, extents(operand())).empty()) return {};  // `verify` says so
      const Space space = node.operation == Operation::coupled ? operand().space : stated.space;
      return place(space, outputs(*map, Extents(extents(operand()))));
    }
    case Operation::congruent: {
      const auto* map = std::get_if<Congruent>(&attribute(node));
      if (map == nullptr || !check_map(*map, extents(operand())).empty()) return {};
      return place(stated.space == Space::point ? Space::full : stated.space,
                   outputs(*map, Extents(extents(operand()))));
    }
    default:
      break;
  }
  Place result;
  for (const NodeId each : node.operands) {
    if (nodes_[each].place.space != Space::point) result = nodes_[each].place;
  }
  return result;
}

/// The self covariance of a pair covariance, and of one over pairs of positions its diagonal: the same operation
/// on those of the operands. no_node if there is none.
NodeId Program::self_of(const Node& node) {
  if (node.type != Type::covariance) return no_node;
  const bool is_pair = node.dependence == Dependence::pair;
  if (!is_pair && node.place.space != Space::full) return no_node;
  const Place diagonal = {Space::diagonal, node.place.extents};
  switch (node.operation) {
    case Operation::input_cross:
      return apply(Operation::input_self, {}, {}, node.place);
    case Operation::input_self:
      return apply(Operation::input_self, {}, {}, diagonal);
    case Operation::trainable:
      return nodes_[node.operands[0]].self;
    case Operation::congruent:
      if (!is_pair) return apply(node.operation, node.operands, attribute(node), diagonal);
      break;
    case Operation::scaled:
      return apply(node.operation, {nodes_[node.operands[0]].self, node.operands[1]});
    default:
      break;
  }
  std::vector<NodeId> operands;
  for (const NodeId operand : node.operands) {
    const NodeId self = nodes_[operand].self;
    if (self == no_node && nodes_[operand].type == Type::covariance) return no_node;  // `verify` says so
    operands.push_back(self == no_node ? operand : self);
  }
  return apply(node.operation, std::move(operands), Attribute(attribute(node)), node.place);
}

NodeId Program::make(Operation operation, std::vector<NodeId> operands, Attribute attribute, Place place,
                     std::optional<Type> type) {
  if (const NodeId a = shortened(operation, operands, attribute, place, type); a != no_node) return a;
  if (const NodeId a = hoisted(operation, operands, attribute, place); a != no_node) return a;
  order(operation, operands);
  Node node;
  node.operation = operation;
  node.region = innermost(operands);
  node.attribute = intern(std::move(attribute));
  node.operands = std::move(operands);
  node.type = type ? *type : type_of(node);
  node.dependence = dependence_of(node);
  node.place = place_for(node, place);
  node.self = self_of(node);
  return intern(std::move(node));
}

NodeId Program::literal(double value) {
  return apply(Operation::literal, {}, Literal{value == 0 ? 0.0 : value});  // one zero, one node
}
NodeId Program::parameter(std::uint32_t number) {
  return apply(Operation::parameter, {}, ParameterNumber{number});
}
NodeId Program::variable() { return apply(Operation::variable, {}); }
NodeId Program::input_self(Space space) { return apply(Operation::input_self, {}, {}, input_place(space)); }
NodeId Program::input_cross(Space space) { return apply(Operation::input_cross, {}, {}, input_place(space)); }
NodeId Program::input_square() { return apply(Operation::input_square, {}); }
NodeId Program::input_complement() { return apply(Operation::input_complement, {}); }
NodeId Program::input_cocomplement() { return apply(Operation::input_cocomplement, {}); }

NodeId Program::identity(Dependence dependence, Place place) {
  const NodeId one = literal(1);
  if (dependence == Dependence::pair) return real(Operation::identity, {one}, {}, place);
  return place.space == Space::full ? real(Operation::self_identity, {one}, {}, place) : one;
}

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

}  // namespace ntkc::kernel_ir
