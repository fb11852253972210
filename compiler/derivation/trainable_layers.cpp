#include "compiler/derivation/trainable_layers.hpp"

#include <fmt/format.h>

#include "compiler/derivation/derive.hpp"
#include "compiler/layer_graph/layers/weights.hpp"

namespace ntkc::derivation {

using layer_graph::LayerGraph;

TrainableLayers::TrainableLayers(const LayerGraph& graph) {
  for (layer_graph::NodeId id = 0; id < graph.nodes.size(); ++id) {
    if (!layer_graph::learning_rate(graph.nodes[id])) continue;
    if (numbers_.try_emplace(key(graph.nodes[id].range), first_nodes_.size()).second)
      first_nodes_.push_back(id);
  }
}

std::vector<std::string> trainable_layers(const LayerGraph& graph) {
  std::vector<std::string> names;
  std::map<std::string, int> uses;
  const TrainableLayers layers(graph);
  for (const auto id : layers.first_nodes()) {
    const auto& node = graph.nodes[id];
    names.push_back(node.name.empty()
                        ? std::string(info(std::get<layer_graph::LayerNode>(node.node).kind).name)
                        : node.name);
    ++uses[names.back()];
  }
  std::map<std::string, int> seen;
  for (std::string& name : names) {
    if (uses[name] > 1) name += fmt::format("[{}]", ++seen[name]);
  }
  return names;
}

}  // namespace ntkc::derivation
