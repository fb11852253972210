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

}  // namespace ntkc::layer_graph
