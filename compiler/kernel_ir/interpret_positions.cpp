#include "compiler/kernel_ir/interpret_positions.hpp"

#include <array>

namespace ntkc::kernel_ir {
namespace {

/// The numbers of a result with `count` positions: each is made of its position p and p'.
template <typename Make>
Values make(Space space, std::size_t count, Make number) {
  Values result;
  for (std::size_t p = 0; p < count; ++p) {
    if (space != Space::full) {
      result.push_back(number(p, p));
      continue;
    }
    for (std::size_t q = 0; q < count; ++q) result.push_back(number(p, q));
  }
  return result;
}

void add(Value& sum, Quad weight, const Value& value) {
  sum.value += weight * value.value;
  sum.second += weight * value.second;
}

}  // namespace

Values diagonal(const Values& full, std::size_t count) {
  return make(Space::diagonal, count, [&](std::size_t p, std::size_t) { return full[p * count + p]; });
}
Values rows(const Values& diagonal) {
  return make(Space::full, diagonal.size(), [&](std::size_t p, std::size_t) { return diagonal[p]; });
}
Values columns(const Values& diagonal) {
  return make(Space::full, diagonal.size(), [&](std::size_t, std::size_t q) { return diagonal[q]; });
}

Values coupled(const Coupled& map, const Extents& inputs, Space space, const Values& a) {
  const auto read = taps(map, inputs);
  const auto count = static_cast<std::size_t>(position_count(inputs));
  return make(space, read.size(), [&](std::size_t p, std::size_t q) {
    Value sum;
    for (std::size_t t = 0; t < read[p].size(); ++t) {
      if (read[p][t] == outside || read[q][t] == outside) continue;
      const auto row = static_cast<std::size_t>(read[p][t]);
      const auto column = static_cast<std::size_t>(read[q][t]);
      add(sum, 1 / static_cast<Quad>(read[p].size()), a[space == Space::full ? row * count + column : row]);
    }
    return sum;
  });
}

Values congruent(const Congruent& map, const Extents& inputs, Space space, const Values& a) {
  const auto matrix = rows(map, inputs);
  const auto count = static_cast<std::size_t>(position_count(inputs));
  return make(space, matrix.size(), [&](std::size_t p, std::size_t q) {
    Value sum;
    for (const auto& [row, left] : matrix[p]) {
      for (const auto& [column, right] : matrix[q])
        add(sum, left * right, a[static_cast<std::size_t>(row) * count + static_cast<std::size_t>(column)]);
    }
    return sum;
  });
}

Values tap_product(const Coupled& map, const Extents& inputs, Space space,
                   const std::vector<Values>& operands) {
  const auto read = taps(map, inputs);
  return make(space, read.size(), [&](std::size_t p, std::size_t q) {
    Value sum;
    for (std::size_t t = 0; t < read[p].size(); ++t) {
      // A[p] a[s(p) + t] and so on, in the order of the operands.
      std::array<Value, 4> scaled;
      for (std::size_t i = 0; i < scaled.size(); ++i) {
        const std::size_t output = i % 2 == 0 ? p : q;
        if (read[output][t] == outside) continue;
        const Value& value = operands[2 * i][static_cast<std::size_t>(read[output][t])];
        const Values& scales = operands[2 * i + 1];
        const Value& scale = scales.size() == 1 ? scales[0] : scales[output];
        scaled[i] = {value.value * scale.value, value.second * scale.second};
      }
      sum.value += (scaled[0].value - scaled[1].value) * (scaled[2].value - scaled[3].value);
      sum.second += (scaled[0].second - scaled[1].second) * (scaled[2].second - scaled[3].second);
    }
    const auto taps_count = static_cast<Quad>(read[p].size());
    return Value{sum.value / taps_count, sum.second / taps_count};
  });
}

}  // namespace ntkc::kernel_ir
