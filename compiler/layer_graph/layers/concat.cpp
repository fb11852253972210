// `concat`: values one after the other, along their channels or along an axis of positions.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "compiler/layer_graph/elaborator.hpp"
#include "compiler/layer_graph/layers/layer_traits.hpp"
#include "compiler/layer_graph/print_parts.hpp"
#include "compiler/layer_graph/shapes.hpp"

namespace ntkc::layer_graph {
namespace {

std::string axis_text(const ConcatNode& concat) {
  return concat.axis ? fmt::format("{}", *concat.axis) : "channels";
}

}  // namespace

LayerTraits layers::concat() {
  return {.builtin = BuiltinInfo{.name = "concat",
                                 .kind = BuiltinKind::combination,
                                 .parameters = {{.name = "axis",
                                                 .type = ParameterType::integer,
                                                 .default_value = "channels",
                                                 .smallest = 0,
                                                 .choices = {"channels", "positions"},
                                                 .purpose = "along which the values are joined"}},
                                 .formula = "its values one after the other: concat(a, b, axis = channels)"},
          .uncorrelated_operands = "the values that are joined along positions",
          .linear_in = all_operands,
          .weighs_by_width = true,
          .text =
              [](const LayerGraph&, const Node& node) {
                const auto& concat = std::get<ConcatNode>(node.node);
                return fmt::format("concat({}, axis = {})", print_references(concat.values),
                                   axis_text(concat));
              },
          .label =
              [](const LayerGraph&, const Node& node) {
                const auto& concat = std::get<ConcatNode>(node.node);
                return concat.axis ? "concat\naxis = " + axis_text(concat) : "concat";
              },
          .outline = "shape=box",
          .described = [](const Node&) { return std::string("a `concat`"); }};
}

Value Elaborator::apply_concat(const ast::Identifier& callee, std::optional<Operand> piped,
                               const std::vector<ast::Argument>& arguments, SourceRange range) {
  std::vector<Operand> operands;
  if (piped) operands.push_back(std::move(*piped));
  std::vector<ast::Argument> by_keyword;
  for (const ast::Argument& argument : arguments) {
    if (argument.keyword)
      by_keyword.push_back(argument);
    else
      operands.push_back({evaluate(argument.value), expression(argument.value).range});
  }
  const auto values = read_arguments(info(LayerKind::concat), callee, by_keyword, 0);
  bool good = values.has_value();
  for (const Operand& operand : operands) {
    if (std::holds_alternative<ConstantValue>(operand.value)) {
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
  const SourceRange axis_range = by_keyword.empty() ? range : expression(by_keyword[0].value).range;
  ConcatNode concat;
  if (!read_axis(values->at(0), type_of(linear_form(operands[0])), axis_range, concat)) return Erroneous{};
  for (const Operand& operand : operands)
    concat.values.push_back(node_of(operand.value, operand.range).value());
  return concat.axis ? concat_positions(std::move(concat), operands, range)
                     : concat_channels(std::move(concat), operands, range);
}

bool Elaborator::read_axis(const ArgumentValue& value, const ValueType& type, SourceRange range,
                           ConcatNode& concat) {
  const auto* choice = std::get_if<ChoiceArgument>(&value);
  if (choice != nullptr && choice->name == "channels") return true;
  const auto axes = static_cast<std::int64_t>(type.positions.size());
  const auto* number = std::get_if<std::int64_t>(&value);
  if (number == nullptr ? axes == 1 : *number < axes) {
    concat.axis = number == nullptr ? 0 : static_cast<std::size_t>(*number);
    return true;
  }
  std::string message = fmt::format("a value of type `{}` has ", print_type(type));
  if (number != nullptr)
    message += fmt::format("no axis {} of positions", *number);
  else
    message += axes == 0 ? "no positions" : fmt::format("{} axes of positions", axes);
  std::string_view help = "write `axis = channels`";
  if (axes == 1) help = "write `axis = positions`";
  if (axes > 1)
    help = number == nullptr
               ? "write `axis = 0` to join one below the other, `axis = 1` side by side"
               : "axes of positions are counted from 0: `axis = 0` is the height, `axis = 1` the width";
  fail(DiagnosticKind::argument_out_of_range, range, message, std::vector<Note>{}, std::string(help));
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

}  // namespace ntkc::layer_graph
