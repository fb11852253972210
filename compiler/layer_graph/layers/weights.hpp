// The weights and biases of the layers that draw them (LayerTraits::draws_weights): the arguments that all of
// these layers have, and what they mean.
#pragma once

#include <optional>
#include <vector>

#include "compiler/layer_graph/layers/layer_traits.hpp"

namespace ntkc::layer_graph {

std::vector<BuiltinParameter> weight_parameters();

/// W_std and b_std.
ScalarId weight_std(const LayerNode& layer);
ScalarId bias_std(const LayerNode& layer);
/// The number of units that the layer states.
std::optional<std::int64_t> stated_width(const LayerNode& layer);

/// The learning rate of b in W h + b, b drawn from N(0, b_std²), which is what it adds to Θ: if it is stated for
/// itself.
std::optional<ScalarId> bias_rate(const LayerNode& layer);

/// Whether there are biases: with b_std > 0, and with a learning rate of their own, or `bias = true` under the
/// standard parametrization, where they begin at zero and are trained.
bool has_bias(const LayerGraph& graph, const LayerNode& layer);

/// The learning rate of the weights and biases, relative to the network's. Nothing where none are trained: of
/// nodes that draw no weights, and of frozen layers.
std::optional<ScalarId> learning_rate(const Node& node);

/// Whether the layer has parameters that are trained, at a rate above 0.
bool adds_to_theta(const LayerGraph& graph, const Node& node);

/// The taps of the nearest layer behind a value that draws weights; 1 if that has one matrix, or there is none. Of
/// several values, such as the summands of a sum, the first counts.
std::int64_t taps_behind(const LayerGraph& graph, NodeId value);

/// For LayerTraits::variation: W_std² Σ + b_std² depends on what Σ does, unless W_std is 0.
Variation variation_behind_weights(const LayerGraph& graph, const Node& node,
                                   const std::vector<Variation>& of_values);

}  // namespace ntkc::layer_graph
