// An activation: a function of one number, applied elementwise to a Gaussian value. (How its function comes
// from the text is in activations.cpp.)
#include <fmt/format.h>

#include "compiler/layer_graph/elaborator.hpp"
#include "compiler/layer_graph/layers/layer_traits.hpp"
#include "compiler/layer_graph/print_parts.hpp"

namespace ntkc::layer_graph {
namespace {

std::string arguments_text(const LayerGraph& graph, const ActivationNode& activation,
                           std::string_view separator) {
  std::string text;
  for (const auto& [name, value] : activation.arguments)
    text += fmt::format("{}{} = {}", separator, name, print_scalar(graph, value));
  return text;
}

/// What an activation makes of zero need not be zero.
Variation variation(const LayerGraph& graph, const Node& node, const std::vector<Variation>& of_values) {
  const Variation operand = LayerTraits::widest_variation(graph, node, of_values);
  return operand == Variation::zero ? Variation::constant : operand;
}

}  // namespace

LayerTraits layers::activation() {
  return {.needs_gaussian = true,
          .variation = variation,
          .text =
              [](const LayerGraph& graph, const Node& node) {
                const auto& activation = std::get<ActivationNode>(node.node);
                return fmt::format("{}({}{})", activation.name, print_reference(activation.operand),
                                   arguments_text(graph, activation, ", "));
              },
          .label =
              [](const LayerGraph& graph, const Node& node) {
                const auto& activation = std::get<ActivationNode>(node.node);
                return activation.name + arguments_text(graph, activation, "\n");
              },
          .outline = "shape=box, style=\"rounded,filled\", fillcolor=\"#fbe9d0\"",
          .described =
              [](const Node& node) {
                return fmt::format("the output of `{}`", std::get<ActivationNode>(node.node).name);
              }};
}

Value Elaborator::make_activation(ActivationNode activation, const ast::Identifier& callee,
                                  const Operand& operand, SourceRange range) {
  activation.operand = node_of(operand.value, operand.range).value();
  if (!check_operand(traits(LayerKind::activation), callee, activation.operand)) return Erroneous{};
  ValueType type = graph_.nodes[activation.operand].type;
  type.gaussian = false;
  if (!count_layer(callee)) return Erroneous{};
  return add_node(std::move(activation), std::move(type), "", range);
}

}  // namespace ntkc::layer_graph
