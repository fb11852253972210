// Spaces, positions, and the maps between them.
#include <fmt/format.h>

#include "compiler/kernel_ir/verifier.hpp"

namespace ntkc::kernel_ir {
namespace {

const Place& place_of_operand(const Program& program, const Node& node, std::size_t i) {
  return program[node.operands[i]].place;
}

std::string expect_place(const Node& node, Place place) {
  return node.place == place ? "" : "its positions do not follow from those of its operands";
}

std::string check_input_place(const Program& program, const Node& node, bool may_be_diagonal,
                              bool may_be_full) {
  if (program.extents(node.place) != program.input_positions)
    return "its positions are not those of the input";
  const bool fits = node.place.space == Space::point ||
                    (node.place.space == Space::diagonal && may_be_diagonal) ||
                    (node.place.space == Space::full && may_be_full);
  return fits ? "" : "is not in this space";
}

/// What is elementwise: operands at the same positions, or one number for all of them.
std::string check_elementwise(const Program& program, const Node& node) {
  Place place;
  for (const NodeId used : node.operands) {
    const Place& other = program[used].place;
    if (other.space == Space::point) continue;
    if (place.space != Space::point && other != place)
      return fmt::format("operand {} is at other positions", used);
    place = other;
  }
  return expect_place(node, place);
}

/// A map that reads a value at `inputs`.
template <typename Map>
std::string check_mapped(const Program& program, const Node& node, const Place& inputs, Space space) {
  const Map& map = std::get<Map>(program.attribute(node));
  if (std::string text = check_map(map, program.extents(inputs)); !text.empty()) return text;
  if (program.extents(node.place) != outputs(map, program.extents(inputs)))
    return "its positions are not those of its outputs";
  if (node.place.space != (map.to_point ? Space::point : space))
    return "is in another space than its map goes to";
  return "";
}

std::string check_tap_product(const Program& program, const Node& node) {
  const Place& inputs = place_of_operand(program, node, 0);
  for (std::size_t i = 0; i < node.operands.size(); ++i) {
    const Place& place = place_of_operand(program, node, i);
    const bool fits =
        i % 4 == 0 || i % 4 == 2
            ? place.space == Space::diagonal && place.extents == inputs.extents
            : place.space == Space::point ||
                  (place.space == Space::diagonal && program.extents(place) == program.extents(node.place));
    if (!fits) return fmt::format("operand {} is at other positions", node.operands[i]);
  }
  const Space space = node.place.space == Space::point ? Space::diagonal : node.place.space;
  return check_mapped<Coupled>(program, node, inputs, space);
}

std::string check_map_operation(const Program& program, const Node& node) {
  const Place& inputs = place_of_operand(program, node, 0);
  if (node.operation == Operation::tap_product) return check_tap_product(program, node);
  if (node.operation == Operation::coupled) {
    const bool to_point = std::get<Coupled>(program.attribute(node)).to_point;
    if (inputs.space == Space::point || (to_point && inputs.space == Space::full))
      return "takes a value on the diagonal, or over all pairs if it does not go to a point";
    return check_mapped<Coupled>(program, node, inputs, inputs.space);
  }
  if (inputs.space != Space::full) return "takes a value over all pairs of positions";
  const Space space = node.place.space == Space::diagonal ? Space::diagonal : Space::full;
  return check_mapped<Congruent>(program, node, inputs, space);
}

/// The place in the variant of what an operation takes.
template <typename Kind>
bool holds(const Program& program, const Node& node) {
  return std::holds_alternative<Kind>(program.attribute(node));
}

}  // namespace

std::string check_attribute(const Program& program, const Node& node) {
  const auto holds_what_it_needs = [&] {
    switch (node.operation) {
      case Operation::literal:
        return holds<Literal>(program, node);
      case Operation::parameter:
        return holds<ParameterNumber>(program, node);
      case Operation::arcsine_ratio:
      case Operation::arccosine_ratio:
        return holds<Domain>(program, node);
      case Operation::gaussian_mean:
        return holds<hermite::Rule>(program, node);
      case Operation::hermite_series:
        return holds<Expansion>(program, node);
      case Operation::coupled:
      case Operation::tap_product:
        return holds<Coupled>(program, node);
      case Operation::congruent:
        return holds<Congruent>(program, node);
      case Operation::trainable:
        return holds<TrainableLayer>(program, node);
      case Operation::loop:
        return holds<Loop>(program, node);
      case Operation::loop_argument:
      case Operation::loop_result:
        return holds<CarriedNumber>(program, node);
      default:
        return holds<std::monostate>(program, node);
    }
  };
  return holds_what_it_needs() ? "" : "does not have the attribute that it needs";
}

std::string check_place(const Program& program, const Node& node) {
  switch (node.operation) {
    case Operation::input_self:
    case Operation::input_cross:
    case Operation::input_complement:
    case Operation::input_cocomplement:
      return check_input_place(program, node, true, true);
    case Operation::input_square:
      return check_input_place(program, node, true, false);
    case Operation::input_self_complement:
    case Operation::input_self_cocomplement:
      return check_input_place(program, node, false, true);
    case Operation::identity:
      return "";
    case Operation::self_identity:
      return node.place.space == Space::full ? "" : "is not over pairs of positions";
    case Operation::broadcast:
      if (place_of_operand(program, node, 0).space != Space::point) return "takes one number";
      return node.place.space == Space::point ? "has no positions" : "";
    case Operation::rows:
    case Operation::columns:
      if (place_of_operand(program, node, 0).space != Space::diagonal) return "takes a value on the diagonal";
      return expect_place(node, {Space::full, place_of_operand(program, node, 0).extents});
    case Operation::diagonal:
      if (place_of_operand(program, node, 0).space != Space::full)
        return "takes a value over all pairs of positions";
      return expect_place(node, {Space::diagonal, place_of_operand(program, node, 0).extents});
    case Operation::separate:
      if (place_of_operand(program, node, 0).space != Space::full)
        return "takes a value over all pairs of positions";
      return expect_place(node, place_of_operand(program, node, 0));
    case Operation::scaled: {
      const Place& scale = place_of_operand(program, node, 1);
      const bool fits = scale.space == Space::point ||
                        (scale.space == Space::diagonal && scale.extents == node.place.extents);
      if (!fits) return "its factor is at other positions";
      return expect_place(node, place_of_operand(program, node, 0));
    }
    case Operation::coupled:
    case Operation::congruent:
    case Operation::tap_product:
      return check_map_operation(program, node);
    case Operation::loop:
      return expect_place(node, {});
    case Operation::loop_argument:
    case Operation::loop_result:
      return "";  // checked with their loop
    case Operation::trainable:
      if (place_of_operand(program, node, 1) != node.place) return "its seed is at other positions";
      return check_elementwise(program, node);
    default:
      return check_elementwise(program, node);
  }
}

}  // namespace ntkc::kernel_ir
