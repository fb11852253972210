// Normalization of each sample by the mean square of its channels, at each position or over all.
#include <fmt/format.h>

#include <algorithm>

#include "compiler/layer_graph/layers/windows.hpp"

namespace ntkc::layer_graph::layers {
namespace {

bool has_axis(const LayerNode& layer, std::string_view name) {
  const auto& axes = std::get<std::vector<ChoiceArgument>>(argument(layer, "axes"));
  return std::ranges::any_of(axes, [&](const ChoiceArgument& axis) { return axis.name == name; });
}

std::variant<ValueType, LayerMistake> shape(const LayerGraph& graph, const LayerNode& layer) {
  const ValueType& type = graph.nodes[layer.operand].type;
  if (!has_axis(layer, "channels"))
    return LayerMistake{DiagnosticKind::argument_out_of_range,
                        "`layer_norm` is over the channels, or over the positions and the channels",
                        "write `axes = [positions, channels]`", "axes"};
  if (has_axis(layer, "positions") && type.positions.empty())
    return LayerMistake{DiagnosticKind::shape_mismatch,
                        fmt::format("`{}` has no positions", print_type(type)), "write `axes = channels`",
                        "axes"};
  return type;
}

}  // namespace

LayerTraits layer_norm() {
  return {.builtin = BuiltinInfo{.name = "layer_norm",
                                 .kind = BuiltinKind::layer,
                                 .parameters = {{.name = "axes",
                                                 .type = ParameterType::choice,
                                                 .default_value = "channels",
                                                 .rank = 1,
                                                 .longest = 2,
                                                 .choices = {"channels", "positions"},
                                                 .purpose = "what the mean square is over"},
                                                {.name = "eps",
                                                 .type = ParameterType::real,
                                                 .default_value = "1e-12",
                                                 .nonnegative = true,
                                                 .purpose = "what is added to the mean square"}},
                                 .formula = "h/sqrt(eps + mean of h^2), without gain and offset"},
          .shape = shape,
          .needs_gaussian = true,
          .keeps_gaussian = true,
          .variation = [](const LayerGraph&, const Node&, const std::vector<Variation>&) {
            return Variation::varies;
          }};
}

}  // namespace ntkc::layer_graph::layers
