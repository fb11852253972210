#include "compiler/layer_graph/layer_graph.hpp"

#include <algorithm>
#include <stdexcept>

#include "compiler/layer_graph/visitor.hpp"

namespace ntkc::layer_graph {

std::optional<LayerKind> kind_of(const Node& node) {
  using Kind = std::optional<LayerKind>;
  return std::visit(Visitor{[](const InputNode&) -> Kind { return LayerKind::input; },
                            [](const LayerNode& layer) -> Kind { return layer.kind; },
                            [](const ActivationNode&) -> Kind { return LayerKind::activation; },
                            [](const SumNode&) -> Kind { return LayerKind::sum; },
                            [](const ProductNode&) -> Kind { return LayerKind::product; },
                            [](const ConcatNode&) -> Kind { return LayerKind::concat; },
                            [](const LoopNode&) -> Kind { return std::nullopt; },
                            [](const LoopArgumentNode&) -> Kind { return std::nullopt; },
                            [](const LoopResultNode&) -> Kind { return std::nullopt; }},
                    node.node);
}

const ArgumentValue& argument(const LayerNode& layer, std::string_view name) {
  const auto& parameters = info(layer.kind).parameters;
  const auto found = std::ranges::find(parameters, name, &BuiltinParameter::name);
  if (found == parameters.end())
    throw std::logic_error("a layer is asked for an argument that it does not take");
  return layer.arguments.at(static_cast<std::size_t>(found - parameters.begin()));
}

std::vector<double> channel_fractions(const LayerGraph& graph, const ConcatNode& concat) {
  std::vector<double> fractions;
  double total = 0;
  for (const NodeId value : concat.values) {
    fractions.push_back(static_cast<double>(graph.nodes[value].type.channels.value_or(1)));
    total += fractions.back();
  }
  for (double& fraction : fractions) fraction /= total;
  return fractions;
}

}  // namespace ntkc::layer_graph
