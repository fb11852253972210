// Sums and multiples of values: a + b, a - b, 0.5 * a.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "compiler/layer_graph/elaborator.hpp"
#include "compiler/layer_graph/layers/layer_traits.hpp"
#include "compiler/layer_graph/print_parts.hpp"
#include "compiler/layer_graph/shapes.hpp"

namespace ntkc::layer_graph {
namespace {

/// Terms that are multiplied by zero count for nothing.
std::vector<NodeId> linear_in(const LayerGraph& graph, const Node& node) {
  std::vector<NodeId> values;
  for (const SumTerm& term : std::get<SumNode>(node.node).terms) {
    const Scalar& coefficient = graph.scalars[term.coefficient];
    if (coefficient.operation == ScalarOperation::literal && coefficient.value == 0) continue;
    values.push_back(term.value);
  }
  return values;
}

Variation variation(const LayerGraph& graph, const Node& node, const std::vector<Variation>& of_values) {
  Variation widest = Variation::unseen;
  for (const SumTerm& term : std::get<SumNode>(node.node).terms) {
    const bool counts = graph.scalars[term.coefficient].value != 0;
    widest = std::max(widest, counts ? of_values[term.value] : Variation::zero);
  }
  return widest;
}

std::string text(const LayerGraph& graph, const Node& node) {
  std::string text;
  for (const SumTerm& term : std::get<SumNode>(node.node).terms) {
    const std::string summand = print_coefficient(graph, term.coefficient) + print_reference(term.value);
    if (text.empty()) {
      text = summand;
    } else if (summand.starts_with('-')) {
      text += " - " + summand.substr(1);
    } else {
      text += " + " + summand;
    }
  }
  return text;
}

std::string edge_label(const LayerGraph& graph, const Node& node, std::size_t i) {
  const std::string coefficient = print_scalar(graph, std::get<SumNode>(node.node).terms[i].coefficient);
  return coefficient == "1" ? "" : coefficient;
}

}  // namespace

LayerTraits layers::sum() {
  return {.keeps_gaussian = true,
          .uncorrelated_operands = "the branches of this sum",
          .linear_in = linear_in,
          .variation = variation,
          .text = text,
          .label = [](const LayerGraph&, const Node&) { return std::string("+"); },
          .outline = "shape=circle, width=0.3",
          .edge_label = edge_label,
          .described = [](const Node&) { return std::string("a sum"); }};
}

Value Elaborator::add(const ast::Binary& binary, const Operand& left, const Operand& right) {
  for (const Operand* operand : {&left, &right}) {
    if (!std::holds_alternative<ConstantValue>(operand->value)) continue;
    const Operand& other = operand == &left ? right : left;
    return fail(DiagnosticKind::constant_sum, binary.op_range,
                fmt::format("a network value and a constant cannot be added: {}", describe(operand->value)),
                std::vector<Note>{{operand->range, "the constant"}, {other.range, "the network value"}},
                "a bias is what `b_std` of a layer is for");
  }
  LinearForm sum = linear_form(left);
  LinearForm summand = linear_form(right);
  if (!check_shapes("summands", sum, summand, binary.op_range)) return Erroneous{};
  if (binary.op == ast::BinaryOperator::subtract) {
    summand.scale(scalars_, ScalarOperation::multiply, scalars_.literal(-1));
  }
  sum.add(scalars_, summand, binary.op_range);
  if (sum.terms.size() > limits_.summands) {
    return fail(DiagnosticKind::sum_too_long, binary.op_range,
                fmt::format("a sum of more than {} different values", limits_.summands));
  }
  if (const auto coefficient = sum.out_of_range(scalars_))
    return bad_coefficient(*coefficient, binary.op_range);
  return sum;
}

Value Elaborator::scale(const Operand& value, ScalarOperation operation, const Operand& factor,
                        SourceRange op_range) {
  const ConstantValue& constant = std::get<ConstantValue>(factor.value);
  if (!constant.is_number()) {
    return fail(DiagnosticKind::type_mismatch, factor.range,
                fmt::format("a network value is scaled by a number, got {}", describe(factor.value)));
  }
  LinearForm form = linear_form(value);
  form.scale(scalars_, operation, constant.scalar);
  if (const auto coefficient = form.out_of_range(scalars_)) return bad_coefficient(*coefficient, op_range);
  return form;
}

Erroneous Elaborator::bad_coefficient(double value, SourceRange range) {
  return fail(DiagnosticKind::arithmetic_error, range,
              fmt::format("a coefficient is {:.6g}, where kernels take 0 or magnitudes from {} to {}", value,
                          smallest_factor, largest_factor),
              std::vector<Note>{},
              "kernels hold its square, in double precision: rescale the inputs instead");
}

bool Elaborator::check_shapes(std::string_view branches, const LinearForm& left, const LinearForm& right,
                              SourceRange op_range) {
  ValueType left_type = type_of(left);
  ValueType right_type = type_of(right);
  if (have_like_shapes(left_type, right_type)) return true;
  const Dimension dimension =
      left_type.positions == right_type.positions ? Dimension::channels : Dimension::positions;
  left_type.gaussian = right_type.gaussian = false;
  // Of terms without a stated number of channels the shape does not come.
  const auto note = [&](const LinearForm& form) {
    const auto telling = std::ranges::find_if(form.terms, [&](const SumTerm& term) {
      return dimension == Dimension::positions || graph_.nodes[term.value].type.channels.has_value();
    });
    return shape_note(telling->value, dimension);
  };
  diagnostics_.report(DiagnosticKind::shape_mismatch, op_range,
                      fmt::format("{} of different shapes: `{}` and `{}`", branches, print_type(left_type),
                                  print_type(right_type)),
                      {note(left), note(right)});
  return false;
}

LinearForm Elaborator::linear_form(const Operand& operand) {
  if (const auto* form = std::get_if<LinearForm>(&operand.value)) return *form;
  const NodeId node = std::get<NodeId>(operand.value);
  const TermSource source{operand.range, operand.range};
  if (const auto* sum = std::get_if<SumNode>(&graph_.nodes[node].node)) {
    if (sum->terms.size() == 1) return {sum->terms, {source}};
  }
  const ScalarId one = scalars_.literal(1);
  return {{{one, node}}, {source}};
}

NodeId Elaborator::make_sum(LinearForm form, SourceRange range) {
  if (form.shares_values(graph_)) {
    form.flatten(graph_, scalars_);
    if (form.terms.size() > limits_.summands) {
      diagnostics_.report(DiagnosticKind::sum_too_long, range,
                          fmt::format("a sum of more than {} different values", limits_.summands));
      return form.terms[0].value;
    }
    if (const auto coefficient = form.out_of_range(scalars_)) bad_coefficient(*coefficient, range);
  }
  form.drop_zeros(scalars_);
  if (form.terms.size() == 1 && scalars_.is_literal(form.terms[0].coefficient, 1)) return form.terms[0].value;
  ValueType type = type_of(form);
  const NodeId id = add_node(SumNode{std::move(form.terms)}, std::move(type), "", range);
  branch_sources_.emplace(id, BranchSource{std::move(form.sources), diagnostics_.context()});
  return id;
}

ValueType Elaborator::type_of(const LinearForm& form) const {
  ValueType type = graph_.nodes[form.terms.at(0).value].type;
  for (const SumTerm& term : form.terms) {
    const ValueType& other = graph_.nodes[term.value].type;
    if (!type.channels) type.channels = other.channels;
    type.gaussian = type.gaussian && other.gaussian;
  }
  return type;
}

}  // namespace ntkc::layer_graph
