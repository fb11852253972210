// The layer graph as text.
#include <algorithm>
#include <cstddef>
#include <numbers>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "compiler/layer_graph/layer_graph.hpp"
#include "compiler/layer_graph/layers/layer_traits.hpp"
#include "compiler/layer_graph/print_parts.hpp"

namespace ntkc::layer_graph {
namespace {

// --- Scalars

/// A scalar shares its parts, and written as a tree it may be exponentially long. Beyond this many parts its
/// value is printed instead.
constexpr std::size_t longest_expression = 200;

enum Precedence : int { sum, product, negation, power, atom };

struct OperatorText {
  std::string_view text;
  Precedence precedence;
  Precedence left;  ///< the loosest that stands on this side without parentheses
  Precedence right;
};

std::optional<OperatorText> binary_operator(ScalarOperation operation) {
  switch (operation) {
    case ScalarOperation::add:
      return OperatorText{" + ", sum, sum, product};
    case ScalarOperation::subtract:
      return OperatorText{" - ", sum, sum, product};
    case ScalarOperation::multiply:
      return OperatorText{"*", product, product, power};
    case ScalarOperation::divide:
      return OperatorText{"/", product, product, power};
    case ScalarOperation::power:
      return OperatorText{"^", power, atom, power};
    default:
      return std::nullopt;
  }
}

/// Whether the scalar written as a tree has at most `longest_expression` parts.
bool is_short(const LayerGraph& graph, ScalarId root) {
  std::vector<ScalarId> open = {root};
  for (std::size_t parts = 0; !open.empty(); ++parts) {
    if (parts == longest_expression) return false;
    const Scalar& scalar = graph.scalars.at(open.back());
    open.pop_back();
    for (std::size_t i = 0; i < operand_count(scalar.operation); ++i) open.push_back(scalar.operands[i]);
  }
  return true;
}

std::pair<std::string, Precedence> scalar_text(const LayerGraph& graph, ScalarId id) {
  const Scalar& scalar = graph.scalars[id];
  const auto operand = [&graph](ScalarId part, Precedence loosest) {
    const auto [text, precedence] = scalar_text(graph, part);
    return precedence >= loosest ? text : fmt::format("({})", text);
  };
  if (scalar.operation == ScalarOperation::literal) {
    if (scalar.value == std::numbers::pi) return {"pi", atom};
    return {fmt::format("{}", scalar.value), scalar.value < 0 ? negation : atom};
  }
  if (scalar.operation == ScalarOperation::parameter)
    return {graph.parameters.at(scalar.parameter).name, atom};
  if (scalar.operation == ScalarOperation::variable) return {"z", atom};
  const auto is_zero = [&graph](ScalarId part) {
    return graph.scalars[part].operation == ScalarOperation::literal && graph.scalars[part].value == 0;
  };
  if (scalar.operation == ScalarOperation::subtract && is_zero(scalar.operands[0]))
    return {fmt::format("-{}", operand(scalar.operands[1], power)), negation};
  if (const auto op = binary_operator(scalar.operation)) {
    return {operand(scalar.operands[0], op->left) + std::string(op->text) +
                operand(scalar.operands[1], op->right),
            op->precedence};
  }
  const auto argument = [&](std::size_t i) { return operand(scalar.operands.at(i), sum); };
  if (scalar.operation == ScalarOperation::select_less)
    return {fmt::format("where({} < {}, {}, {})", argument(0), argument(1), argument(2), argument(3)), atom};
  std::string arguments;
  for (std::size_t i = 0; i < operand_count(scalar.operation); ++i)
    arguments += (i == 0 ? "" : ", ") + argument(i);
  return {fmt::format("{}({})", elementary::info(scalar.operation).name, arguments), atom};
}

/// "[1, 2]", "[[1, 2], [3, 4]]"
std::string list_text(const LayerGraph& graph, const ListArgument& list) {
  const std::size_t columns = list.rows == 0 ? list.numbers.size() : list.numbers.size() / list.rows;
  std::string text;
  for (std::size_t i = 0; i < list.numbers.size(); ++i) {
    text += i == 0 ? "[" : i % columns == 0 ? "], [" : ", ";
    text += print_scalar(graph, list.numbers[i]);
  }
  return list.rows == 0 ? text + "]" : fmt::format("[{}]]", text);
}

// --- Nodes

class Printer {
 public:
  explicit Printer(const LayerGraph& graph) : graph_(graph) {}

  std::string run() {
    std::string parameters;
    for (const NetworkParameter& parameter : graph_.parameters) {
      parameters += fmt::format("{}{} = {}", parameters.empty() ? "" : ", ", parameter.name, parameter.value);
    }
    text_ = fmt::format("network {}{}\n", graph_.network,
                        parameters.empty() ? "" : fmt::format("({})", parameters));
    if (graph_.parametrization == Parametrization::standard) text_ += "parametrization = standard\n";
    if (graph_.parametrization == Parametrization::cntk) text_ += "parametrization = cntk\n";
    print_region(graph_.regions.at(0), "");
    text_ += fmt::format("output {}\n", print_reference(graph_.output));
    return std::move(text_);
  }

 private:
  void print_region(const Region& region, const std::string& indent) {
    for (const NodeId id : region.nodes) {
      const Node& node = graph_.nodes.at(id);
      text_ +=
          fmt::format("{}{}{}{} = ", indent, print_reference(id), node.name.empty() ? "" : " ", node.name);
      if (const auto* loop = std::get_if<LoopNode>(&node.node)) {
        const Region& body = graph_.regions.at(loop->body);
        text_ += fmt::format("loop {} {{\n", loop->count);
        print_region(body, indent + "  ");
        text_ += fmt::format("{}  next({})\n{}}}\n", indent, print_references(body.results), indent);
      } else {
        text_ += fmt::format("{} : {}\n", right_side(node), print_type(node.type));
      }
    }
  }

  [[nodiscard]] std::string right_side(const Node& node) const {
    if (const auto* argument = std::get_if<LoopArgumentNode>(&node.node)) {
      const NodeId loop = graph_.regions.at(argument->body).loop.value();
      const auto& initial = std::get<LoopNode>(graph_.nodes.at(loop).node).initial;
      return fmt::format("carried({})", print_reference(initial.at(argument->index)));
    }
    if (const auto* result = std::get_if<LoopResultNode>(&node.node))
      return fmt::format("result({}, {})", print_reference(result->loop), result->index);
    return traits_of(node)->text(graph_, node);
  }

  const LayerGraph& graph_;
  std::string text_;
};

}  // namespace

std::string print_reference(NodeId id) { return fmt::format("%{}", id); }

std::string print_references(const std::vector<NodeId>& ids) {
  std::string text;
  for (const NodeId id : ids) text += (text.empty() ? "" : ", ") + print_reference(id);
  return text;
}

std::string print_coefficient(const LayerGraph& graph, ScalarId id) {
  if (!is_short(graph, id)) return fmt::format("{}*", graph.scalars[id].value);
  const auto [text, precedence] = scalar_text(graph, id);
  if (text == "1") return "";
  if (text == "-1") return "-";
  return precedence >= product ? text + "*" : fmt::format("({})*", text);
}

std::string print_type(const ValueType& type) {
  static constexpr std::string_view names[] = {"vector", "sequence", "image"};
  std::string text = fmt::format("{}(", names[std::min<std::size_t>(type.positions.size(), 2)]);
  for (const std::int64_t position : type.positions) text += fmt::format("{}, ", position);
  text += type.channels ? fmt::format("{})", *type.channels) : "inf)";
  return type.gaussian ? text + " gaussian" : text;
}

std::string print_scalar(const LayerGraph& graph, ScalarId scalar) {
  if (!is_short(graph, scalar)) return fmt::format("{}", graph.scalars[scalar].value);
  return scalar_text(graph, scalar).first;
}

std::optional<std::string> print_argument(const LayerGraph& graph, const ArgumentValue& value) {
  if (const auto* scalar = std::get_if<ScalarId>(&value)) return print_scalar(graph, *scalar);
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *integer);
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean ? "true" : "false";
  if (const auto* list = std::get_if<ListArgument>(&value)) return list_text(graph, *list);
  if (const auto* choice = std::get_if<ChoiceArgument>(&value)) return std::string(choice->name);
  if (const auto* choices = std::get_if<std::vector<ChoiceArgument>>(&value)) {
    std::string text;
    for (const ChoiceArgument& choice : *choices)
      text += (text.empty() ? "" : ", ") + std::string(choice.name);
    return choices->size() == 1 ? text : fmt::format("[{}]", text);
  }
  return std::nullopt;
}

std::string print(const LayerGraph& graph) { return Printer(graph).run(); }

}  // namespace ntkc::layer_graph
