// The input of the network.
#include <fmt/format.h>

#include "compiler/layer_graph/layers/layer_traits.hpp"

namespace ntkc::layer_graph::layers {

LayerTraits input() {
  return {.variation = [](const LayerGraph&, const Node&,
                          const std::vector<Variation>&) { return Variation::varies; },
          .text = [](const LayerGraph&, const Node&) { return std::string("input"); },
          .label =
              [](const LayerGraph&, const Node& node) {
                return fmt::format("{} : {}", std::get<InputNode>(node.node).name, print_type(node.type));
              },
          .outline = "shape=plaintext",
          .described = [](const Node& node) { return fmt::format("the input `{}`", node.name); }};
}

}  // namespace ntkc::layer_graph::layers
