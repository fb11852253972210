#include "compiler/layer_graph/layers/weights.hpp"

#include <algorithm>

#include "compiler/layer_graph/operands.hpp"

namespace ntkc::layer_graph {
namespace {

BuiltinParameter nonnegative_real(std::string_view name, std::string_view default_value,
                                  std::string_view purpose) {
  return {.name = name,
          .type = ParameterType::real,
          .default_value = default_value,
          .nonnegative = true,
          .purpose = purpose};
}

double value(const LayerGraph& graph, ScalarId scalar) { return graph.scalars[scalar].value; }

}  // namespace

std::vector<BuiltinParameter> weight_parameters() {
  BuiltinParameter bias_std = nonnegative_real("b_std", "0", "biases are drawn from N(0, b_std^2)");
  bias_std.is_bias = true;
  return {
      nonnegative_real("W_std", "1", "weights are drawn from N(0, W_std^2/fan-in)"),
      bias_std,
      {.name = "width",
       .type = ParameterType::integer,
       .default_value = std::nullopt,
       .optional = true,
       .purpose = "number of units of the finite-width network"},
      {.name = "frozen",
       .type = ParameterType::boolean,
       .default_value = "false",
       .purpose = "whether the weights and biases are left as drawn"},
      nonnegative_real("lr", "1", "learning rate of the weights and biases, relative to the network's"),
      {.name = "b_lr",
       .type = ParameterType::real,
       .default_value = std::nullopt,
       .optional = true,
       .nonnegative = true,
       .is_bias = true,
       .purpose = "what trained biases add to Theta, also where they start at 0; `lr*b_std^2` if left out"},
      {.name = "bias",
       .type = ParameterType::boolean,
       .default_value = "false",
       .is_bias = true,
       .purpose = "`parametrization = standard`: whether a bias is trained although b_std = 0"}};
}

ScalarId weight_std(const LayerNode& layer) { return std::get<ScalarId>(argument(layer, "W_std")); }

ScalarId bias_std(const LayerNode& layer) { return std::get<ScalarId>(argument(layer, "b_std")); }

std::optional<std::int64_t> stated_width(const LayerNode& layer) {
  const auto* width = std::get_if<std::int64_t>(&argument(layer, "width"));
  return width != nullptr ? std::optional(*width) : std::nullopt;
}

std::optional<ScalarId> bias_rate(const LayerNode& layer) {
  const auto* rate = std::get_if<ScalarId>(&argument(layer, "b_lr"));
  return rate != nullptr ? std::optional(*rate) : std::nullopt;
}

bool has_bias(const LayerGraph& graph, const LayerNode& layer) {
  if (value(graph, bias_std(layer)) > 0) return true;
  if (const auto rate = bias_rate(layer)) return value(graph, *rate) > 0;
  return graph.parametrization == Parametrization::standard && std::get<bool>(argument(layer, "bias"));
}

std::optional<ScalarId> learning_rate(const Node& node) {
  const auto* layer = std::get_if<LayerNode>(&node.node);
  if (layer == nullptr || !traits(layer->kind).draws_weights) return std::nullopt;
  if (std::get<bool>(argument(*layer, "frozen"))) return std::nullopt;
  return std::get<ScalarId>(argument(*layer, "lr"));
}

bool adds_to_theta(const LayerGraph& graph, const Node& node) {
  const auto rate = learning_rate(node);
  if (!rate) return false;
  const auto of_biases = bias_rate(std::get<LayerNode>(node.node));
  return value(graph, *rate) > 0 || (of_biases && value(graph, *of_biases) > 0);
}

std::int64_t taps_behind(const LayerGraph& graph, NodeId value) {
  while (true) {
    const Node& node = graph.nodes[value];
    const LayerTraits* layer = traits_of(node);
    if (layer != nullptr && layer->draws_weights)
      return layer->taps == nullptr ? 1 : layer->taps(graph, std::get<LayerNode>(node.node));
    const std::vector<NodeId> parts = parts_of(graph, node);
    if (parts.empty()) return 1;
    value = parts.front();
  }
}

Variation variation_behind_weights(const LayerGraph& graph, const Node& node,
                                   const std::vector<Variation>& of_values) {
  const auto& layer = std::get<LayerNode>(node.node);
  const Variation bias = value(graph, bias_std(layer)) == 0 ? Variation::zero : Variation::constant;
  if (value(graph, weight_std(layer)) == 0) return bias;
  const Variation operand = of_values[layer.operand];
  return operand == Variation::unseen ? operand : std::max(operand, bias);
}

}  // namespace ntkc::layer_graph
