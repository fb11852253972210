// Networks whose kernel is constant or zero.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "compiler/layer_graph/layers/weights.hpp"
#include "compiler/layer_graph/operands.hpp"
#include "compiler/layer_graph/warnings.hpp"

namespace ntkc::layer_graph {
namespace {

/// For each value, what its Σ depends on. The search begins with `unseen` everywhere and only ever goes
/// upwards, so that it is right for what loops carry when nothing changes any more.
std::vector<Variation> find_variations(const LayerGraph& graph) {
  std::vector<Variation> found(graph.nodes.size());
  std::vector<std::vector<NodeId>> users(graph.nodes.size());
  std::vector<NodeId> open;
  for (NodeId id = 0; id < graph.nodes.size(); ++id) {
    for (const NodeId part : parts_of(graph, graph.nodes[id])) users[part].push_back(id);
    open.push_back(id);
  }
  while (!open.empty()) {
    const NodeId id = open.back();
    open.pop_back();
    const LayerTraits* layer = traits_of(graph.nodes[id]);
    Variation now = found[id];
    if (layer != nullptr) {
      now = std::max(now, layer->variation(graph, graph.nodes[id], found));
    } else {
      for (const NodeId part : parts_of(graph, graph.nodes[id])) now = std::max(now, found[part]);
    }
    if (now == found[id]) continue;
    found[id] = now;
    open.insert(open.end(), users[id].begin(), users[id].end());
  }
  return found;
}

}  // namespace

void warn_of_constant_kernels(const LayerGraph& graph, DiagnosticBuffer& diagnostics) {
  const Variation variation = find_variations(graph)[graph.output];
  if (variation == Variation::varies) return;
  std::vector<Note> notes;
  for (const Node& node : graph.nodes) {
    const auto* layer = std::get_if<LayerNode>(&node.node);
    if (layer == nullptr || !traits(layer->kind).draws_weights) continue;
    if (graph.scalars[weight_std(*layer)].value != 0) continue;
    notes.push_back({node.range, "`W_std` is 0 here: nothing of the input goes through"});
    break;
  }
  diagnostics.report(DiagnosticKind::degenerate_kernel, graph.nodes[graph.output].range,
                     fmt::format("Sigma of `{}` is {} for all inputs", graph.network,
                                 variation == Variation::zero ? "zero" : "the same"),
                     std::move(notes));
}

}  // namespace ntkc::layer_graph
