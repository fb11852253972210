// Positions and channels of values: which fit together, and how many numbers they are.
#pragma once

#include <cstdint>

#include "compiler/layer_graph/layer_graph.hpp"

namespace ntkc::layer_graph {

/// Numbers in one sample: of an input, of all channels and positions that a value states.
constexpr std::int64_t most_numbers = 2'147'483'647;

/// Whether they can be summands or factors: the same positions, and no two different numbers of channels.
bool have_like_shapes(const ValueType& left, const ValueType& right);

/// Whether they can be joined along an axis of positions, which the left one has: alike but for their numbers
/// of positions along it.
bool can_be_joined(const ValueType& left, ValueType right, std::size_t axis);

/// Positions times channels, 1 where they are not stated; nothing beyond `most_numbers`.
std::optional<std::int64_t> number_count(const ValueType& type);

}  // namespace ntkc::layer_graph
