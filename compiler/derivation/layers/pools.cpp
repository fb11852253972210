#include "compiler/derivation/layers/pools.hpp"

#include "compiler/derivation/layers/windows.hpp"

namespace ntkc::derivation {
namespace {

using kernel_ir::Congruent;
using kernel_ir::NodeId;
using layer_graph::AxisWindow;
using layer_graph::LayerNode;

/// The mean over those of the taps of each output that read a position.
kernel_ir::PositionMatrix mean_of_present(const AxisWindow& window) {
  kernel_ir::PositionMatrix matrix{.inputs = window.inputs, .rows = {}};
  for (std::int64_t output = 0; output < window.outputs; ++output) {
    auto& row = matrix.rows.emplace_back();
    for (std::int64_t tap = 0; tap < window.size; ++tap) {
      if (const auto input = window.input(output, tap)) row.push_back({*input, 0});
    }
    for (auto& entry : row) entry.weight = 1 / static_cast<double>(row.size());
  }
  return matrix;
}

bool reads_beyond_edges(const AxisWindow& window) {
  return !window.circular && (window.low > 0 || window.high > 0);
}

/// The mean over n positions, or their sum, which is n times that.
NodeId pooled(const RuleContext& context, NodeId sigma, Congruent map, Pool pool, std::int64_t n) {
  const NodeId mean = context.program.congruent(sigma, std::move(map));
  const auto count = static_cast<double>(n);
  return pool == Pool::average ? mean : context.multiple(count * count, mean);
}

}  // namespace

NodeId window_pool(const RuleContext& context, const layer_graph::Node& node, Pool pool) {
  const auto& layer = std::get<LayerNode>(node.node);
  const std::vector<AxisWindow> windows = layer_graph::windows(context.graph, layer, "window");
  const bool normalizes = pool == Pool::average && std::get<bool>(argument(layer, "normalize_edges"));
  Congruent map;
  for (const AxisWindow& window : windows) {
    if (normalizes && reads_beyond_edges(window))
      map.factors.emplace_back(mean_of_present(window));
    else
      map.factors.emplace_back(window_of(window));
  }
  return pooled(context, context.sigma(layer.operand), std::move(map), pool, tap_count(windows));
}

NodeId global_pool(const RuleContext& context, const layer_graph::Node& node, Pool pool) {
  const auto& layer = std::get<LayerNode>(node.node);
  const layer_graph::ValueType& type = context.graph.nodes[layer.operand].type;
  const std::vector<kernel_ir::Window> windows = whole(type.positions);
  return pooled(context, context.sigma(layer.operand), {{windows.begin(), windows.end()}, std::nullopt, true},
                pool, position_count(type));
}

}  // namespace ntkc::derivation
