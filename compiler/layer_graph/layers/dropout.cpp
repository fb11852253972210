// Units that are left out at random, of each sample others.
#include <fmt/format.h>

#include "compiler/layer_graph/layers/layer_traits.hpp"

namespace ntkc::layer_graph::layers {
namespace {

std::variant<ValueType, LayerMistake> shape(const LayerGraph& graph, const LayerNode& layer) {
  const double keep = graph.scalars[std::get<ScalarId>(argument(layer, "keep"))].value;
  if (!(keep > 0 && keep <= 1))
    return LayerMistake{DiagnosticKind::argument_out_of_range,
                        fmt::format("`keep` is a probability above 0 and at most 1, got {}", keep),
                        "it is the share of units that are kept: `dropout(0.9)` leaves out one in ten",
                        "keep"};
  return graph.nodes[layer.operand].type;
}

}  // namespace

LayerTraits dropout() {
  return {.builtin = BuiltinInfo{.name = "dropout",
                                 .kind = BuiltinKind::layer,
                                 .parameters = {{.name = "keep",
                                                 .type = ParameterType::real,
                                                 .default_value = std::nullopt,
                                                 .nonnegative = true,
                                                 .positional = true,
                                                 .purpose = "probability that a unit is kept"}},
                                 .formula = "h/keep with probability keep, 0 otherwise"},
          .shape = shape,
          .linear_in = all_operands};
}

}  // namespace ntkc::layer_graph::layers
