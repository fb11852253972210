#include "simulator/position_map.hpp"

#include <algorithm>

namespace ntkc::simulator {
namespace {

void add_row(Matrix& to, std::ptrdiff_t to_row, double weight, const Matrix& from, std::ptrdiff_t from_row) {
  for (std::ptrdiff_t j = 0; j < from.columns(); ++j) to(to_row, j) += weight * from(from_row, j);
}

}  // namespace

PositionMap product(const std::vector<PositionMap>& axes) {
  PositionMap result{.inputs = 1, .rows = {{{0, 1}}}};
  for (const PositionMap& axis : axes) {
    PositionMap longer{.inputs = result.inputs * axis.inputs, .rows = {}};
    for (const auto& before : result.rows) {
      for (const auto& row : axis.rows) {
        auto& entries = longer.rows.emplace_back();
        for (const auto& [outer, outer_weight] : before) {
          for (const auto& [input, weight] : row)
            entries.push_back({outer * axis.inputs + input, outer_weight * weight});
        }
      }
    }
    result = std::move(longer);
  }
  return result;
}

Matrix apply(const PositionMap& map, const Matrix& value) {
  const std::ptrdiff_t outputs = std::ssize(map.rows);
  const std::ptrdiff_t samples = value.rows() / map.inputs;
  Matrix result(samples * outputs, value.columns());
  for (std::ptrdiff_t i = 0; i < samples; ++i) {
    for (std::ptrdiff_t o = 0; o < outputs; ++o) {
      for (const auto& [input, weight] : map.rows[static_cast<std::size_t>(o)])
        add_row(result, i * outputs + o, weight, value, i * map.inputs + input);
    }
  }
  return result;
}

Matrix apply_transposed(const PositionMap& map, const Matrix& signal) {
  const std::ptrdiff_t outputs = std::ssize(map.rows);
  const std::ptrdiff_t samples = signal.rows() / outputs;
  Matrix result(samples * map.inputs, signal.columns());
  for (std::ptrdiff_t i = 0; i < samples; ++i) {
    for (std::ptrdiff_t o = 0; o < outputs; ++o) {
      for (const auto& [input, weight] : map.rows[static_cast<std::size_t>(o)])
        add_row(result, i * map.inputs + input, weight, signal, i * outputs + o);
    }
  }
  return result;
}

Matrix gather(const TapMap& map, const Matrix& value) {
  const std::ptrdiff_t outputs = std::ssize(map.rows);
  const std::ptrdiff_t samples = value.rows() / map.inputs;
  const std::ptrdiff_t channels = value.columns();
  Matrix result(samples * outputs, static_cast<std::ptrdiff_t>(map.taps) * channels);
  for (std::ptrdiff_t i = 0; i < samples; ++i) {
    for (std::ptrdiff_t o = 0; o < outputs; ++o) {
      double* to = &result(i * outputs + o, 0);
      for (const auto& input : map.rows[static_cast<std::size_t>(o)]) {
        if (input) std::copy_n(&value(i * map.inputs + *input, 0), channels, to);
        to += channels;
      }
    }
  }
  return result;
}

Matrix scatter(const TapMap& map, const Matrix& signal) {
  const std::ptrdiff_t outputs = std::ssize(map.rows);
  const std::ptrdiff_t samples = signal.rows() / outputs;
  const std::ptrdiff_t channels = signal.columns() / static_cast<std::ptrdiff_t>(map.taps);
  Matrix result(samples * map.inputs, channels);
  for (std::ptrdiff_t i = 0; i < samples; ++i) {
    for (std::ptrdiff_t o = 0; o < outputs; ++o) {
      const double* from = &signal(i * outputs + o, 0);
      for (const auto& input : map.rows[static_cast<std::size_t>(o)]) {
        for (std::ptrdiff_t j = 0; input && j < channels; ++j) result(i * map.inputs + *input, j) += from[j];
        from += channels;
      }
    }
  }
  return result;
}

}  // namespace ntkc::simulator
