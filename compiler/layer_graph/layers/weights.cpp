#include "compiler/layer_graph/layers/weights.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

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
  BuiltinParameter bias_rate =
      nonnegative_real("b_lr", "", "learning rate of the biases, without a scale in front of them");
  bias_rate.default_value = std::nullopt;
  bias_rate.optional = true;
  return {nonnegative_real("W_std", "1",
                           "standard deviation of the weights, times the square root of the fan-in"),
          nonnegative_real("b_std", "0", "standard deviation of the biases"),
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
          {.name = "bias",
           .type = ParameterType::boolean,
           .default_value = "false",
           .purpose = "`parametrization = standard`: whether a bias is trained although b_std = 0"},
          std::move(bias_rate)};
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
  if (const auto rate = bias_rate(layer); rate && value(graph, *rate) > 0) return true;
  return graph.parametrization == Parametrization::standard && std::get<bool>(argument(layer, "bias"));
}

std::optional<ScalarId> learning_rate(const Node& node) {
  const auto* layer = std::get_if<LayerNode>(&node.node);
  if (layer == nullptr || !traits(layer->kind).draws_weights) return std::nullopt;
  if (std::get<bool>(argument(*layer, "frozen"))) return std::nullopt;
  return std::get<ScalarId>(argument(*layer, "lr"));
}

bool is_trained(const LayerGraph& graph, const Node& node) {
  const auto rate = learning_rate(node);
  if (!rate) return false;
  const auto of_biases = bias_rate(std::get<LayerNode>(node.node));
  return value(graph, *rate) > 0 || (of_biases && value(graph, *of_biases) > 0);
}

std::vector<LayerMistake> weight_mistakes(const LayerGraph& graph, const LayerNode& layer,
                                          const std::vector<std::string_view>& given) {
  std::vector<LayerMistake> mistakes;
  const auto is_given = [&](std::string_view name) { return std::ranges::find(given, name) != given.end(); };
  const auto add = [&](DiagnosticKind kind, std::string_view argument, std::string message,
                       std::string remedy, bool by_parametrization) {
    mistakes.push_back({kind, std::move(message), std::move(remedy), argument, by_parametrization});
  };
  const auto rate = bias_rate(layer);
  const bool bias = std::get<bool>(argument(layer, "bias"));
  const bool draws_biases = value(graph, bias_std(layer)) > 0;
  const bool trains_biases = rate && value(graph, *rate) > 0;

  if (graph.parametrization == Parametrization::cntk) {
    for (const auto& [name, is_there] :
         {std::pair("b_std", draws_biases), std::pair("bias", bias), std::pair("b_lr", trains_biases)}) {
      if (!is_there) continue;
      add(DiagnosticKind::argument_out_of_range, name,
          fmt::format("`parametrization = cntk` has no biases, got `{}`", name),
          fmt::format("leave `{}` out, or use `parametrization = ntk`", name), true);
    }
  } else if (graph.parametrization == Parametrization::ntk && is_given("bias")) {
    add(DiagnosticKind::argument_without_effect, "bias",
        "`bias` has no effect: it belongs to `parametrization = standard`",
        bias ? "`b_lr = 1` trains biases that begin at 0, `b_std = 1` draws them as well"
             : "leave it out: there is a bias if `b_std` or `b_lr` is above 0",
        false);
  } else if (is_given("bias") && !bias && (draws_biases || trains_biases)) {
    add(DiagnosticKind::argument_without_effect, "bias",
        fmt::format("`bias = false` has no effect: `{}` gives the layer biases",
                    draws_biases ? "b_std" : "b_lr"),
        "leave one of the two out", false);
  }
  if (std::get<bool>(argument(layer, "frozen"))) {
    for (const std::string_view name : {"lr", "b_lr"}) {
      if (!is_given(name)) continue;
      add(DiagnosticKind::argument_without_effect, name,
          fmt::format("`{}` has no effect: the layer is frozen", name),
          fmt::format("leave `{}` or `frozen` out", name), false);
    }
  }
  return mistakes;
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
