#include "compiler/kernel_ir/positions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ntkc::kernel_ir {
namespace {

constexpr std::int64_t largest = std::int64_t{1} << 24;  // keeps products of a few of them in range

/// Visits all combinations of one index for each dimension, the last running fastest.
template <typename Visit>
void for_each_index(const Extents& extents, Visit visit) {
  std::vector<std::int64_t> index(extents.size(), 0);
  for (std::int64_t i = 0, count = position_count(extents); i < count; ++i) {
    visit(index);
    for (std::size_t d = extents.size(); d-- > 0 && ++index[d] == extents[d];) index[d] = 0;
  }
}

std::int64_t outputs_of(const Congruent::Factor& factor, std::int64_t inputs) {
  if (const auto* window = std::get_if<Window>(&factor)) return window->outputs(inputs);
  return static_cast<std::int64_t>(std::get<PositionMatrix>(factor).rows.size());
}

/// A row of the matrix of one dimension.
std::vector<WeightedInput> row_of(const Congruent::Factor& factor, std::int64_t output, std::int64_t inputs) {
  std::vector<WeightedInput> result;
  if (const auto* window = std::get_if<Window>(&factor)) {
    for (std::int64_t tap = 0; tap < window->size; ++tap) {
      if (const auto input = window->input(output, tap, inputs))
        result.push_back({*input, 1 / static_cast<Quad>(window->size)});
    }
  } else {
    for (const auto& [input, weight] :
         std::get<PositionMatrix>(factor).rows[static_cast<std::size_t>(output)])
      result.push_back({input, weight});
  }
  return result;
}

std::string check_window(const Window& window, std::int64_t inputs) {
  for (const std::int64_t number : {window.size, window.stride, window.dilation, window.base_dilation}) {
    if (number < 1 || number > largest) return fmt::format("a window has {}, not 1 to {}", number, largest);
  }
  if (std::max(std::abs(window.low), std::abs(window.high)) > largest)
    return fmt::format("a window is padded by more than {}", largest);
  if (window.outputs(inputs) < 1) return "a window does not fit into its inputs";
  return "";
}

std::string check_matrix(const PositionMatrix& matrix, std::int64_t inputs) {
  if (matrix.inputs != inputs) return fmt::format("a matrix has {} columns, not {}", matrix.inputs, inputs);
  if (matrix.rows.empty()) return "a matrix has no rows";
  for (const auto& row : matrix.rows) {
    std::int64_t next = 0;
    for (const auto& [input, weight] : row) {
      if (input < next || input >= inputs)
        return "the columns of a matrix are not in ascending order and range";
      if (!std::isfinite(weight)) return "a matrix has an entry that is not a finite number";
      next = input + 1;
    }
  }
  return "";
}

std::string check_outputs(const Extents& each, bool to_point) {
  if (to_point && position_count(each) != 1) return "goes to a point but has more than one output";
  return "";
}

/// Without regard to `to_point`.
Extents extents_of(const Coupled& map, const Extents& inputs) {
  Extents result;
  for (std::size_t d = 0; d < inputs.size(); ++d) result.push_back(map.windows[d].outputs(inputs[d]));
  return result;
}
Extents extents_of(const Congruent& map, const Extents& inputs) {
  if (map.joint) return *map.joint;
  Extents result;
  for (std::size_t d = 0; d < inputs.size(); ++d) result.push_back(outputs_of(map.factors[d], inputs[d]));
  return result;
}

}  // namespace

std::int64_t position_count(const Extents& extents) {
  std::int64_t result = 1;
  for (const std::int64_t extent : extents) result *= extent;
  return result;
}

std::int64_t Window::outputs(std::int64_t inputs) const {
  const std::int64_t places = (inputs - 1) * base_dilation + 1 + low + high;
  const std::int64_t reach = (size - 1) * dilation + 1;
  return places < reach ? 0 : (places - reach) / stride + 1;
}

std::optional<std::int64_t> Window::input(std::int64_t output, std::int64_t tap, std::int64_t inputs) const {
  std::int64_t place = output * stride + tap * dilation - low;
  if (circular) {
    const std::int64_t period = inputs * base_dilation;
    place = (place % period + period) % period;
  }
  if (place < 0 || place % base_dilation != 0 || place / base_dilation >= inputs) return std::nullopt;
  return place / base_dilation;
}

std::string check_map(const Coupled& map, const Extents& inputs) {
  if (map.windows.size() != inputs.size())
    return fmt::format("has {} windows for {} dimensions", map.windows.size(), inputs.size());
  for (std::size_t d = 0; d < inputs.size(); ++d) {
    if (std::string text = check_window(map.windows[d], inputs[d]); !text.empty()) return text;
  }
  return check_outputs(extents_of(map, inputs), map.to_point);
}

std::string check_map(const Congruent& map, const Extents& inputs) {
  if (map.joint) {
    if (map.factors.size() != 1 || !std::holds_alternative<PositionMatrix>(map.factors[0]))
      return "is not one matrix over all positions";
    const auto& matrix = std::get<PositionMatrix>(map.factors[0]);
    if (std::ranges::any_of(*map.joint, [](std::int64_t extent) { return extent < 1 || extent > largest; }))
      return "has an extent that is less than 1 or too large";
    if (position_count(*map.joint) != static_cast<std::int64_t>(matrix.rows.size()))
      return "its matrix does not have a row for each output";
    if (std::string text = check_matrix(matrix, position_count(inputs)); !text.empty()) return text;
    return check_outputs(*map.joint, map.to_point);
  }
  if (map.factors.size() != inputs.size())
    return fmt::format("has {} factors for {} dimensions", map.factors.size(), inputs.size());
  for (std::size_t d = 0; d < inputs.size(); ++d) {
    const auto* window = std::get_if<Window>(&map.factors[d]);
    std::string text = window != nullptr ? check_window(*window, inputs[d])
                                         : check_matrix(std::get<PositionMatrix>(map.factors[d]), inputs[d]);
    if (!text.empty()) return text;
  }
  return check_outputs(extents_of(map, inputs), map.to_point);
}

Extents outputs(const Coupled& map, const Extents& inputs) {
  return map.to_point ? Extents{} : extents_of(map, inputs);
}
Extents outputs(const Congruent& map, const Extents& inputs) {
  return map.to_point ? Extents{} : extents_of(map, inputs);
}

bool has_negative_weights(const Congruent& map) {
  const auto is_negative = [](const PositionMatrix::Entry& entry) { return entry.weight < 0; };
  return std::ranges::any_of(map.factors, [&](const Congruent::Factor& factor) {
    const auto* matrix = std::get_if<PositionMatrix>(&factor);
    return matrix != nullptr && std::ranges::any_of(matrix->rows, [&](const auto& row) {
             return std::ranges::any_of(row, is_negative);
           });
  });
}

std::int64_t most_terms(const Congruent& map, const Extents& inputs) {
  std::int64_t most = 1;
  for (std::size_t d = 0; d < map.factors.size(); ++d) {
    const std::int64_t count = map.joint ? position_count(inputs) : inputs[d];
    std::int64_t longest = 0;
    for (std::int64_t output = 0; output < outputs_of(map.factors[d], count); ++output)
      longest = std::max(longest, std::ssize(row_of(map.factors[d], output, count)));
    most *= longest;
  }
  return most;
}

std::optional<Congruent> selection(const Congruent& map, const Extents& inputs) {
  Congruent result = {{}, map.joint, map.to_point};
  for (std::size_t d = 0; d < map.factors.size(); ++d) {
    const std::int64_t count = map.joint ? position_count(inputs) : inputs[d];
    PositionMatrix matrix{.inputs = count, .rows = {}};
    for (std::int64_t output = 0; output < outputs_of(map.factors[d], count); ++output) {
      const std::vector<WeightedInput> row = row_of(map.factors[d], output, count);
      if (row.size() != 1 || !(row[0].weight > 0)) return std::nullopt;
      matrix.rows.push_back({{row[0].input, 1.0}});
    }
    result.factors.emplace_back(std::move(matrix));
  }
  return result;
}

std::vector<std::vector<std::int64_t>> taps(const Coupled& map, const Extents& inputs) {
  Extents sizes;
  for (const Window& window : map.windows) sizes.push_back(window.size);
  std::vector<std::vector<std::int64_t>> result;
  for_each_index(extents_of(map, inputs), [&](const std::vector<std::int64_t>& output) {
    std::vector<std::int64_t>& read = result.emplace_back();
    for_each_index(sizes, [&](const std::vector<std::int64_t>& tap) {
      std::int64_t position = 0;
      for (std::size_t d = 0; d < inputs.size() && position != outside; ++d) {
        const auto input = map.windows[d].input(output[d], tap[d], inputs[d]);
        position = input ? position * inputs[d] + *input : outside;
      }
      read.push_back(position);
    });
  });
  return result;
}

std::vector<std::vector<WeightedInput>> rows(const Congruent& map, const Extents& inputs) {
  std::vector<std::vector<WeightedInput>> result;
  if (map.joint) {
    for (std::int64_t output = 0; output < position_count(*map.joint); ++output)
      result.push_back(row_of(map.factors[0], output, position_count(inputs)));
    return result;
  }
  for_each_index(extents_of(map, inputs), [&](const std::vector<std::int64_t>& output) {
    std::vector<WeightedInput> row = {{0, 1}};
    for (std::size_t d = 0; d < inputs.size(); ++d) {
      std::vector<WeightedInput> longer;
      for (const WeightedInput& before : row) {
        for (const WeightedInput& factor : row_of(map.factors[d], output[d], inputs[d]))
          longer.push_back({before.input * inputs[d] + factor.input, before.weight * factor.weight});
      }
      row = std::move(longer);
    }
    result.push_back(std::move(row));
  });
  return result;
}

}  // namespace ntkc::kernel_ir
