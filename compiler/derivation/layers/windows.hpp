// Windows of the layer graph as maps of positions.
#pragma once

#include <cstdint>
#include <vector>

#include "compiler/derivation/layers/layer_rules.hpp"
#include "compiler/kernel_ir/positions.hpp"
#include "compiler/layer_graph/layers/windows.hpp"

namespace ntkc::derivation {

inline kernel_ir::Window window_of(const layer_graph::AxisWindow& window) {
  return {.size = window.size,
          .stride = window.stride,
          .dilation = window.dilation,
          .base_dilation = window.spacing,
          .low = window.low,
          .high = window.high,
          .circular = window.circular};
}

inline std::vector<kernel_ir::Window> windows_of(const std::vector<layer_graph::AxisWindow>& windows) {
  std::vector<kernel_ir::Window> result;
  for (const layer_graph::AxisWindow& window : windows) result.push_back(window_of(window));
  return result;
}

/// All positions as one window.
inline std::vector<kernel_ir::Window> whole(const kernel_ir::Extents& positions) {
  std::vector<kernel_ir::Window> result;
  for (const std::int64_t count : positions) result.push_back({.size = count});
  return result;
}

/// Σ of a layer with weights for each tap of these windows: the average over the taps of Σ of what they read.
inline kernel_ir::NodeId convolved(const RuleContext& context, const layer_graph::Node& node,
                                   const std::vector<layer_graph::AxisWindow>& windows,
                                   Weights weights = Weights::shared) {
  const auto& layer = std::get<layer_graph::LayerNode>(node.node);
  const kernel_ir::NodeId mean =
      context.program.coupled(context.sigma(layer.operand), {windows_of(windows), false});
  return context.weighted(node, mean, tap_count(windows), weights);
}

}  // namespace ntkc::derivation
