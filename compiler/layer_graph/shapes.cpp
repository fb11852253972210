#include "compiler/layer_graph/shapes.hpp"

namespace ntkc::layer_graph {

bool have_like_shapes(const ValueType& left, const ValueType& right) {
  const bool channels_agree = !left.channels || !right.channels || *left.channels == *right.channels;
  return left.positions == right.positions && channels_agree;
}

bool can_be_joined(const ValueType& left, ValueType right, std::size_t axis) {
  if (left.positions.size() != right.positions.size()) return false;
  right.positions[axis] = left.positions[axis];
  return have_like_shapes(left, right);
}

std::optional<std::int64_t> number_count(const ValueType& type) {
  std::int64_t count = type.channels.value_or(1);
  for (const std::int64_t positions : type.positions) {
    if (count > most_numbers / positions) return std::nullopt;
    count *= positions;
  }
  return count <= most_numbers ? std::optional(count) : std::nullopt;
}

}  // namespace ntkc::layer_graph
