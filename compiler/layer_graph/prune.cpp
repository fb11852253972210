#include "compiler/layer_graph/prune.hpp"

#include <cstddef>
#include <utility>

#include "compiler/layer_graph/operands.hpp"

namespace ntkc::layer_graph {
namespace {

/// The nodes that are needed, found from the output backwards. If the argument or the result of a carried
/// value is used, the value is needed as a whole: argument, initial value and result.
class Liveness {
 public:
  explicit Liveness(const LayerGraph& graph) : graph_(graph), live_(graph.nodes.size(), false) {
    visit(graph.input);
    visit(graph.output);
    for (const NodeId depth : graph.depths) {
      visit(depth);
      if (const auto loop = graph.regions[graph.nodes[depth].region].loop) visit(*loop);
    }
    while (!open_.empty()) {
      const NodeId node = open_.back();
      open_.pop_back();
      follow(graph.nodes[node]);
    }
  }

  [[nodiscard]] bool operator[](NodeId node) const { return live_[node]; }

 private:
  void visit(NodeId node) {
    if (live_[node]) return;
    live_[node] = true;
    open_.push_back(node);
  }

  void follow(const Node& node) {
    if (const auto* result = std::get_if<LoopResultNode>(&node.node)) {
      carry(result->loop, result->index);
    } else if (const auto* argument = std::get_if<LoopArgumentNode>(&node.node)) {
      carry(*graph_.regions[argument->body].loop, argument->index);
    } else if (!std::holds_alternative<LoopNode>(node.node)) {  // its initial values are visited one by one
      visit_operands(node, [this](NodeId operand) { visit(operand); });
    }
  }

  void carry(NodeId loop, std::uint32_t index) {
    const auto& node = std::get<LoopNode>(graph_.nodes[loop].node);
    const Region& body = graph_.regions[node.body];
    visit(loop);
    visit(node.initial[index]);
    visit(body.arguments[index]);
    visit(body.results[index]);
  }

  const LayerGraph& graph_;
  std::vector<bool> live_;
  std::vector<NodeId> open_;
};

class Pruner {
 public:
  explicit Pruner(const LayerGraph& graph)
      : graph_(graph),
        live_(graph),
        node_ids_(graph.nodes.size(), 0),
        region_ids_(graph.regions.size(), 0),
        argument_indices_(graph.nodes.size(), 0) {}

  LayerGraph run() {
    number();
    LayerGraph result;
    result.outermost_repeats = graph_.outermost_repeats;
    result.iterations_of_endless = graph_.iterations_of_endless;
    result.network = graph_.network;
    result.parametrization = graph_.parametrization;
    result.sized_by_data = graph_.sized_by_data;
    result.parameters = graph_.parameters;
    result.scalars = graph_.scalars;
    result.blocks = graph_.blocks;
    result.input = node_ids_[graph_.input];
    result.output = node_ids_[graph_.output];
    for (const NodeId depth : graph_.depths) result.depths.push_back(node_ids_[depth]);
    for (NodeId id = 0; id < graph_.nodes.size(); ++id) {
      if (live_[id]) result.nodes.push_back(renumbered(graph_.nodes[id]));
    }
    for (RegionId id = 0; id < graph_.regions.size(); ++id) {
      if (is_live_region(id)) result.regions.push_back(renumbered(graph_.regions[id]));
    }
    return result;
  }

 private:
  [[nodiscard]] bool is_live_region(RegionId id) const {
    return id == 0 || live_[graph_.regions[id].loop.value()];
  }

  void number() {
    NodeId nodes = 0;
    for (NodeId id = 0; id < graph_.nodes.size(); ++id) {
      if (live_[id]) node_ids_[id] = nodes++;
    }
    RegionId regions = 0;
    for (RegionId id = 0; id < graph_.regions.size(); ++id) {
      if (!is_live_region(id)) continue;
      region_ids_[id] = regions++;
      std::uint32_t index = 0;
      for (const NodeId argument : graph_.regions[id].arguments) {
        if (live_[argument]) argument_indices_[argument] = index++;
      }
    }
  }

  /// The new index of a carried value of `body`.
  [[nodiscard]] std::uint32_t index_of(RegionId body, std::uint32_t index) const {
    return argument_indices_[graph_.regions[body].arguments[index]];
  }

  [[nodiscard]] Node renumbered(Node node) const {
    node.region = region_ids_[node.region];
    if (auto* loop = std::get_if<LoopNode>(&node.node)) {
      loop->initial = renumbered_carried(loop->initial, graph_.regions[loop->body]);
      loop->body = region_ids_[loop->body];
    } else if (auto* argument = std::get_if<LoopArgumentNode>(&node.node)) {
      argument->index = index_of(argument->body, argument->index);
      argument->body = region_ids_[argument->body];
    } else if (auto* result = std::get_if<LoopResultNode>(&node.node)) {
      result->index = index_of(std::get<LoopNode>(graph_.nodes[result->loop].node).body, result->index);
      result->loop = node_ids_[result->loop];
    } else {
      visit_operands(node, [this](NodeId& operand) { operand = node_ids_[operand]; });
    }
    return node;
  }

  /// Those of `values`, one for each carried value of `body`, that are still carried.
  [[nodiscard]] std::vector<NodeId> renumbered_carried(const std::vector<NodeId>& values,
                                                       const Region& body) const {
    std::vector<NodeId> kept;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (live_[body.arguments[i]]) kept.push_back(node_ids_[values[i]]);
    }
    return kept;
  }

  [[nodiscard]] Region renumbered(const Region& region) const {
    Region result;
    if (region.loop) result.loop = node_ids_[*region.loop];
    for (const NodeId node : region.nodes) {
      if (live_[node]) result.nodes.push_back(node_ids_[node]);
    }
    result.arguments = renumbered_carried(region.arguments, region);
    result.results = renumbered_carried(region.results, region);
    return result;
  }

  const LayerGraph& graph_;
  const Liveness live_;
  std::vector<NodeId> node_ids_;
  std::vector<RegionId> region_ids_;
  std::vector<std::uint32_t> argument_indices_;
};

}  // namespace

LayerGraph prune(const LayerGraph& graph) { return Pruner(graph).run(); }

}  // namespace ntkc::layer_graph
