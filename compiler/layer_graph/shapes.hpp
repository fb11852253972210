// Positions and channels of values: which of them fit together, and how many numbers they are.
#pragma once

#include <cstdint>

#include "compiler/layer_graph/layer_graph.hpp"

namespace ntkc::layer_graph {

/// The most numbers that one sample of an input may have, and the most that the channels and positions of a
/// value may be.
constexpr std::int64_t most_numbers = 2'147'483'647;

/// The most positions that a value may have.
constexpr std::int64_t most_positions = 65'536;

/// Whether two values can be summands or factors: they have the same positions, and not two different numbers
/// of channels.
bool have_like_shapes(const ValueType& left, const ValueType& right);

/// Whether two values can be joined along an axis of positions, which the left one has: they are alike but
/// for their numbers of positions along it.
bool can_be_joined(const ValueType& left, ValueType right, std::size_t axis);

/// The product of positions and channels, where a number of channels that is not stated counts as 1. Nothing
/// beyond `most_numbers`.
std::optional<std::int64_t> number_count(const ValueType& type);

}  // namespace ntkc::layer_graph
