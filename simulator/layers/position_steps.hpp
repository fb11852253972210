// Steps on positions: linear maps of them, and convolutions.
#pragma once

#include <functional>

#include "compiler/layer_graph/layers/windows.hpp"
#include "simulator/layers/weighted_step.hpp"
#include "simulator/position_map.hpp"

namespace ntkc::simulator {

/// A layer without weights that is linear in the positions.
std::unique_ptr<Step> map_step(PlanContext& context, const layer_graph::Node& node, PositionMap map);

/// A layer whose weights multiply what the taps read, the same at all positions.
std::unique_ptr<Step> tap_step(PlanContext& context, const layer_graph::Node& node, TapMap map);

/// Along one axis, the sum over the taps of each output, each tap multiplied by a function of how many of them
/// read a position.
PositionMap window_sum(const layer_graph::AxisWindow& window,
                       const std::function<double(std::int64_t present)>& weight);
/// Along one axis of so many positions, the sum of all, each multiplied by `weight`.
PositionMap total(std::int64_t positions, double weight);
/// What the taps of windows read, those of the first axis outermost.
TapMap tap_map(const std::vector<layer_graph::AxisWindow>& windows);

}  // namespace ntkc::simulator
