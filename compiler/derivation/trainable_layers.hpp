// The layers with trained weights, numbered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "compiler/layer_graph/layer_graph.hpp"

namespace ntkc::derivation {

/// Numbers the layers in order of appearance. Those that stand at one place of the text are one layer.
class TrainableLayers {
 public:
  explicit TrainableLayers(const layer_graph::LayerGraph& graph);

  [[nodiscard]] std::uint32_t number(const layer_graph::Node& node) const {
    return static_cast<std::uint32_t>(numbers_.at(key(node.range)));
  }
  /// The first node of each layer.
  [[nodiscard]] const std::vector<layer_graph::NodeId>& first_nodes() const { return first_nodes_; }

 private:
  using Key = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>;
  static Key key(const SourceRange& range) { return {range.file, range.begin, range.end}; }

  std::map<Key, std::size_t> numbers_;
  std::vector<layer_graph::NodeId> first_nodes_;
};

}  // namespace ntkc::derivation
