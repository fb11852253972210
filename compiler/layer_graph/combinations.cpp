// Several network values made into one: products and `concat`. (Sums are in expressions.cpp.)
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "compiler/layer_graph/elaborator.hpp"
#include "compiler/layer_graph/suggestion.hpp"

namespace ntkc::layer_graph {
namespace {

constexpr std::string_view channels_axis = "channels";

}  // namespace

Value Elaborator::multiply(const ast::Binary& binary, const Operand& left, const Operand& right) {
  // The multiples stay outside: (2 a) (3 b) is 6 (a b).
  LinearForm factors[] = {linear_form(left), linear_form(right)};
  if (!check_shapes("factors", factors[0], factors[1], binary.op_range, left.range, right.range))
    return Erroneous{};
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
  if (axis != nullptr && !is_channels_axis(*axis, operands[0])) return Erroneous{};
  return concat_channels(operands, range);
}

bool Elaborator::is_channels_axis(const ast::Argument& axis, const Operand& first) {
  const ast::Expression& expression = this->expression(axis.value);
  const auto* name = std::get_if<ast::Name>(&expression.node);
  if (name != nullptr && name->name == channels_axis) return true;
  const Value value = evaluate(axis.value);
  if (std::holds_alternative<Erroneous>(value)) return false;
  const auto* constant = std::get_if<Constant>(&value);
  if (constant == nullptr || constant->kind != Constant::Kind::integer) {
    fail(DiagnosticKind::type_mismatch, expression.range,
         fmt::format("`axis` is `channels` or the number of a position axis, got {}", describe(value)));
    return false;
  }
  const ValueType type = type_of(linear_form(first));
  fail(DiagnosticKind::argument_out_of_range, expression.range,
       fmt::format("a value of type `{}` has no position axis {}", print_type(type), constant->integer),
       std::vector<Note>{}, "write `axis = channels`");
  return false;
}

Value Elaborator::concat_channels(const std::vector<Operand>& operands, SourceRange range) {
  ConcatNode concat;
  std::size_t stated = 0;
  std::int64_t channels = 0;
  for (const Operand& operand : operands) {
    const NodeId node = node_of(operand.value, operand.range).value();
    concat.values.push_back(node);
    const ValueType& type = graph_.nodes[node].type;
    if (type.positions != graph_.nodes[concat.values[0]].type.positions) {
      return fail(DiagnosticKind::shape_mismatch, operand.range,
                  fmt::format("values of different positions: `{}` and `{}`",
                              print_type(graph_.nodes[concat.values[0]].type), print_type(type)),
                  std::vector<Note>{{operands[0].range, "the first is here"}});
    }
    stated += type.channels ? 1 : 0;
    channels += type.channels.value_or(0);
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
  ValueType type = graph_.nodes[concat.values[0]].type;
  type.channels = stated == 0 ? std::nullopt : std::optional(channels);
  type.gaussian = false;
  return add_node(std::move(concat), std::move(type), "", range);
}

}  // namespace ntkc::layer_graph
