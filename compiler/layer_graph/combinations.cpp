// Several network values made into one: products and `concat`. (Sums are in expressions.cpp.)
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "compiler/diagnostics/suggestion.hpp"
#include "compiler/layer_graph/elaborator.hpp"
#include "compiler/layer_graph/operands.hpp"
#include "compiler/layer_graph/shapes.hpp"

namespace ntkc::layer_graph {
namespace {

constexpr std::string_view channels_axis = "channels";
constexpr std::string_view positions_axis = "positions";

}  // namespace

Value Elaborator::multiply(const ast::Binary& binary, const Operand& left, const Operand& right) {
  // The multiples stay outside: (2 a) (3 b) is 6 (a b).
  LinearForm factors[] = {linear_form(left), linear_form(right)};
  if (!check_shapes("factors", factors[0], factors[1], binary.op_range)) return Erroneous{};
  ScalarId coefficient = scalars_.literal(1);
  ProductNode product;
  for (std::size_t i = 0; i < 2; ++i) {
    LinearForm& factor = factors[i];
    if (factor.terms.size() == 1) {
      coefficient = scalars_.binary(ScalarOperation::multiply, coefficient,
                                    std::exchange(factor.terms[0].coefficient, scalars_.literal(1)));
    }
    product.factors[i] = make_sum(std::move(factor), i == 0 ? left.range : right.range);
  }
  ValueType type = graph_.nodes[product.factors[0]].type;
  if (!type.channels) type.channels = graph_.nodes[product.factors[1]].type.channels;
  type.gaussian = false;
  const SourceRange range = {left.range.file, left.range.begin, right.range.end};
  const NodeId node = add_node(product, std::move(type), "", range);
  branch_sources_.emplace(
      node, BranchSource{{{left.range, left.range}, {right.range, binary.op_range}}, diagnostics_.context()});
  return LinearForm{{{coefficient, node}}, {{range, range}}};
}

Value Elaborator::apply_concat(const ast::Identifier& callee, std::optional<Operand> piped,
                               const std::vector<ast::Argument>& arguments, SourceRange range) {
  std::vector<Operand> operands;
  if (piped) operands.push_back(std::move(*piped));
  const ast::Argument* axis = nullptr;
  bool good = true;
  for (const ast::Argument& argument : arguments) {
    if (!argument.keyword) {
      operands.push_back({evaluate(argument.value), expression(argument.value).range});
    } else if (argument.keyword->name != "axis") {
      fail(DiagnosticKind::unknown_argument, argument.keyword->range,
           fmt::format("`concat` has no argument `{}`{}", argument.keyword->name,
                       did_you_mean(argument.keyword->name, {"axis"})));
      good = false;
    } else if (axis != nullptr) {
      fail(DiagnosticKind::duplicate_argument, argument.keyword->range, "`axis` is given twice",
           std::vector<Note>{{axis->keyword->range, "the first is here"}});
      good = false;
    } else {
      axis = &argument;
    }
  }
  for (const Operand& operand : operands) {
    if (std::holds_alternative<Constant>(operand.value)) {
      fail(DiagnosticKind::type_mismatch, operand.range,
           fmt::format("`concat` joins network values, got {}", describe(operand.value)));
    }
    good = good && is_network_value(operand.value);
  }
  if (!good) return Erroneous{};
  if (operands.size() < 2) {
    return fail(DiagnosticKind::missing_argument, callee.range,
                fmt::format("`concat` joins at least two values, got {}", operands.size()),
                std::vector<Note>{}, "write `concat(a, b, axis = channels)`");
  }
  if (operands.size() > limits_.summands) {
    return fail(DiagnosticKind::sum_too_long, callee.range,
                fmt::format("a `concat` of more than {} values", limits_.summands));
  }
  ConcatNode concat;
  if (axis != nullptr && !read_axis(*axis, operands[0], concat)) return Erroneous{};
  for (const Operand& operand : operands)
    concat.values.push_back(node_of(operand.value, operand.range).value());
  return concat.axis ? concat_positions(std::move(concat), operands, range)
                     : concat_channels(std::move(concat), operands, range);
}

bool Elaborator::read_axis(const ast::Argument& argument, const Operand& first, ConcatNode& concat) {
  const ast::Expression& expression = this->expression(argument.value);
  const ValueType type = type_of(linear_form(first));
  const auto* name = std::get_if<ast::Name>(&expression.node);
  if (name != nullptr && name->name == channels_axis) return true;
  if (name != nullptr && name->name == positions_axis) {
    concat.axis = 0;
    if (type.positions.size() == 1) return true;
    fail(DiagnosticKind::argument_out_of_range, expression.range,
         type.positions.empty() ? fmt::format("a value of type `{}` has no positions", print_type(type))
                                : fmt::format("a value of type `{}` has {} axes of positions",
                                              print_type(type), type.positions.size()),
         std::vector<Note>{},
         type.positions.empty() ? "write `axis = channels`"
                                : "write `axis = 0` to join one below the other, `axis = 1` side by side");
    return false;
  }
  if (name != nullptr && scope_.find(name->name) == nullptr) {
    fail(DiagnosticKind::unknown_name, expression.range,
         fmt::format("unknown axis `{}`{}", name->name,
                     did_you_mean(name->name, {channels_axis, positions_axis})),
         std::vector<Note>{}, "write `axis = channels` or `axis = positions`");
    return false;
  }
  return read_numbered_axis(argument.value, type, concat);
}

bool Elaborator::read_numbered_axis(ast::ExpressionId id, const ValueType& type, ConcatNode& concat) {
  const SourceRange range = expression(id).range;
  const Value value = evaluate(id);
  if (std::holds_alternative<Erroneous>(value)) return false;
  const auto* constant = std::get_if<Constant>(&value);
  if (constant == nullptr || constant->kind != Constant::Kind::integer) {
    fail(DiagnosticKind::type_mismatch, range,
         fmt::format("`axis` is `channels`, `positions` or the number of an axis of positions, got {}",
                     describe(value)));
    return false;
  }
  const auto axes = static_cast<std::int64_t>(type.positions.size());
  if (constant->integer >= 0 && constant->integer < axes) {
    concat.axis = static_cast<std::size_t>(constant->integer);
    return true;
  }
  fail(DiagnosticKind::argument_out_of_range, range,
       fmt::format("a value of type `{}` has no axis {} of positions", print_type(type), constant->integer),
       std::vector<Note>{},
       axes == 0   ? "write `axis = channels`"
       : axes == 1 ? "write `axis = positions`"
                   : "axes of positions are counted from 0: `axis = 0` is the height, `axis = 1` the width");
  return false;
}

Value Elaborator::concat_channels(ConcatNode concat, const std::vector<Operand>& operands,
                                  SourceRange range) {
  std::size_t stated = 0;
  std::int64_t channels = 0;
  ValueType type = graph_.nodes[concat.values[0]].type;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    const ValueType& other = graph_.nodes[concat.values[i]].type;
    if (other.positions != type.positions) {
      return fail(
          DiagnosticKind::shape_mismatch, operands[i].range,
          fmt::format("values of different positions: `{}` and `{}`", print_type(type), print_type(other)),
          std::vector<Note>{shape_note(concat.values[0], Dimension::positions),
                            shape_note(concat.values[i], Dimension::positions)});
    }
    stated += other.channels ? 1 : 0;
    channels += other.channels.value_or(0);
  }
  if (stated != 0 && stated != operands.size()) {
    std::vector<Note> notes;
    for (std::size_t i = 0; i < operands.size(); ++i) {
      notes.push_back(
          {operands[i].range, fmt::format("this is `{}`", print_type(graph_.nodes[concat.values[i]].type))});
    }
    return fail(DiagnosticKind::unknown_width, range,
                "`concat` averages kernels by width, and some of the values state theirs, others do not",
                std::move(notes), "state the `width` of all of them, or of none: then they are equally wide");
  }
  type.channels = stated == 0 ? std::nullopt : std::optional(channels);
  type.gaussian = false;
  if (!check_size(type, range)) return Erroneous{};
  return add_node(std::move(concat), std::move(type), "", range);
}

Value Elaborator::concat_positions(ConcatNode concat, const std::vector<Operand>& operands,
                                   SourceRange range) {
  const std::size_t axis = concat.axis.value();
  ValueType type = graph_.nodes[concat.values[0]].type;
  BranchSource sources{{{operands[0].range, operands[0].range}}, diagnostics_.context()};
  std::size_t widest = 0;  // the value that the channels are those of
  for (std::size_t i = 1; i < operands.size(); ++i) {
    ValueType other = graph_.nodes[concat.values[i]].type;
    if (!can_be_joined(type, other, axis)) {
      const Dimension dimension = type.channels && other.channels && *type.channels != *other.channels
                                      ? Dimension::channels
                                      : Dimension::positions;
      type.gaussian = other.gaussian = false;
      return fail(DiagnosticKind::shape_mismatch, operands[i].range,
                  fmt::format("values that do not fit along axis {}: `{}` and `{}`", axis, print_type(type),
                              print_type(other)),
                  std::vector<Note>{
                      shape_note(concat.values[dimension == Dimension::channels ? widest : 0], dimension),
                      shape_note(concat.values[i], dimension)});
    }
    if (!type.channels && other.channels) widest = i;
    if (!type.channels) type.channels = other.channels;
    type.positions[axis] += other.positions[axis];
    type.gaussian = type.gaussian && other.gaussian;
    if (!check_size(type, range)) return Erroneous{};
    sources.branches.push_back({operands[i].range, operands[i].range});
  }
  const NodeId node = add_node(std::move(concat), std::move(type), "", range);
  branch_sources_.emplace(node, std::move(sources));
  return node;
}

std::optional<NodeId> Elaborator::carried_from(NodeId id) const {
  const Node& node = graph_.nodes[id];
  if (const auto* result = std::get_if<LoopResultNode>(&node.node)) {
    const auto& loop = std::get<LoopNode>(graph_.nodes[result->loop].node);
    return graph_.regions[loop.body].results[result->index];
  }
  if (const auto* carried = std::get_if<LoopArgumentNode>(&node.node)) {
    const NodeId loop = graph_.regions[carried->body].loop.value();
    return std::get<LoopNode>(graph_.nodes[loop].node).initial[carried->index];
  }
  return std::nullopt;
}

NodeId Elaborator::shape_origin(NodeId id, Dimension dimension) const {
  const bool positions = dimension == Dimension::positions;
  while (true) {
    const Node& node = graph_.nodes[id];
    std::vector<NodeId> operands;
    const auto* layer = std::get_if<LayerNode>(&node.node);
    const auto* concat = std::get_if<ConcatNode>(&node.node);
    const bool sets = layer != nullptr
                          ? !positions || graph_.nodes[layer->operand].type.positions != node.type.positions
                      : concat != nullptr ? concat->axis.has_value() == positions
                                          : false;
    if (!sets) append_operands(node, operands);
    if (const std::optional<NodeId> carried = carried_from(id)) operands = {*carried};
    const auto next = std::ranges::find_if(operands, [&](NodeId operand) {
      return positions || graph_.nodes[operand].type.channels.has_value();
    });
    if (next == operands.end()) return id;
    id = *next;
  }
}

Note Elaborator::shape_note(NodeId id, Dimension dimension) const {
  const Node& origin = graph_.nodes[shape_origin(id, dimension)];
  ValueType type = graph_.nodes[id].type;
  type.gaussian = false;
  return {origin.range, fmt::format("the shape of `{}` comes from here", print_type(type))};
}

}  // namespace ntkc::layer_graph
