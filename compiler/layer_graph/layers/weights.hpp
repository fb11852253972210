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

/// `b_lr`, if it is stated: the learning rate of the bias b in h = … + b, relative to the network's. Where it
/// is not, that is lr·b_std² (b_std b' with b' ~ N(0, 1) at the rate lr), or lr under the standard
/// parametrization.
std::optional<ScalarId> bias_rate(const LayerNode& layer);

/// Whether there are biases: with b_std > 0; with b_lr > 0, and under the standard parametrization with
/// `bias = true`, they are trained though they may begin at zero.
bool has_bias(const LayerGraph& graph, const LayerNode& layer);

/// The learning rate of the weights, and of the biases unless `bias_rate` says otherwise, relative to the
/// network's. Nothing where none are trained: of nodes that draw no weights, and of frozen layers.
std::optional<ScalarId> learning_rate(const Node& node);
/// Whether weights or biases are trained at a rate above 0.
bool is_trained(const LayerGraph& graph, const Node& node);

/// What is wrong with the arguments beyond their domains: biases that the parametrization does not have, and
/// arguments that change nothing. `given` are the names of those that were written.
std::vector<LayerMistake> weight_mistakes(const LayerGraph& graph, const LayerNode& layer,
                                          const std::vector<std::string_view>& given);

/// For LayerTraits::variation: W_std² Σ + b_std² depends on what Σ does, unless W_std is 0.
Variation variation_behind_weights(const LayerGraph& graph, const Node& node,
                                   const std::vector<Variation>& of_values);

}  // namespace ntkc::layer_graph
