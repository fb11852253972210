#include "compiler/layer_graph/layer_graph.hpp"

#include <algorithm>
#include <stdexcept>

namespace ntkc::layer_graph {

const ArgumentValue& argument(const LayerNode& layer, std::string_view name) {
  const auto& parameters = info(layer.builtin).parameters;
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
