#include "compiler/layer_graph/layers/windows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "compiler/layer_graph/layers/weights.hpp"

namespace ntkc::layer_graph {
namespace {

constexpr std::size_t most_axes = 2;
constexpr std::int64_t most_taps = 1 << 24;     ///< of all positions: tables hold them
constexpr std::int64_t largest_step = 1 << 16;  ///< of windows, strides and dilations

BuiltinParameter axis_list(std::string_view name, std::optional<std::string_view> default_value,
                           std::string_view purpose) {
  return {.name = name,
          .type = ParameterType::integer,
          .default_value = default_value,
          .optional = !default_value,
          .largest = largest_step,
          .rank = 1,
          .longest = most_axes,
          .purpose = purpose};
}

}  // namespace

BuiltinParameter axis_parameter(std::string_view name, std::optional<std::string_view> default_value,
                                std::int64_t smallest, std::string_view purpose) {
  BuiltinParameter parameter = axis_list(name, default_value, purpose);
  parameter.smallest = smallest;
  return parameter;
}

namespace {

const ValueType& operand_type(const LayerGraph& graph, const LayerNode& layer) {
  return graph.nodes[layer.operand].type;
}

std::string_view padding_of(const LayerNode& layer) {
  return std::get<ChoiceArgument>(argument(layer, "padding")).name;
}

/// Sets how many places there are before and behind the inputs, and with that the number of outputs.
void pad(AxisWindow& window, std::string_view padding) {
  const std::int64_t reach = (window.size - 1) * window.dilation + 1;
  if (padding == "valid") {
    window.outputs = window.inputs < reach ? 0 : (window.inputs - reach) / window.stride + 1;
    return;
  }
  window.circular = padding == "circular";
  window.outputs = (window.inputs + window.stride - 1) / window.stride;
  const std::int64_t missing = (window.outputs - 1) * window.stride + reach - window.inputs;
  const std::int64_t total = std::max<std::int64_t>(missing, 0);
  window.low = total / 2;
  window.high = total - window.low;
}

}  // namespace

std::optional<std::int64_t> AxisWindow::input(std::int64_t output, std::int64_t tap) const {
  std::int64_t place = output * stride + tap * dilation - low;
  const std::int64_t places = inputs * spacing;
  if (circular) place = (place % places + places) % places;
  if (place < 0 || place >= places || place % spacing != 0) return std::nullopt;
  return place / spacing;
}

BuiltinParameter window_parameter(std::string_view name, std::string_view purpose) {
  BuiltinParameter parameter = axis_list(name, std::nullopt, purpose);
  parameter.optional = false;
  parameter.positional = true;
  return parameter;
}

BuiltinParameter stride_parameter(std::optional<std::string_view> default_value) {
  return axis_list("stride", default_value,
                   default_value
                       ? "positions from one output to the next"
                       : "positions from one output to the next; the size of the window if left out");
}

BuiltinParameter dilation_parameter() {
  return axis_list("dilation", "1", "positions from one tap of the filter to the next");
}

BuiltinParameter padding_parameter() {
  return {.name = "padding",
          .type = ParameterType::choice,
          .default_value = "same",
          .choices = {"same", "valid", "circular"},
          .purpose = "what is read beyond the edges: zeros, nothing, or the other side"};
}

std::optional<std::vector<std::int64_t>> axis_numbers(const LayerGraph& graph, const LayerNode& layer,
                                                      std::string_view name) {
  const std::size_t axes = operand_type(graph, layer).positions.size();
  const ArgumentValue& value = argument(layer, name);
  if (const auto* number = std::get_if<std::int64_t>(&value)) return std::vector(axes, *number);
  const auto* list = std::get_if<ListArgument>(&value);
  if (list == nullptr) return std::nullopt;
  std::vector<std::int64_t> numbers;
  for (const ScalarId scalar : list->numbers)
    numbers.push_back(static_cast<std::int64_t>(graph.scalars[scalar].value));
  return numbers.size() == 1 ? std::vector(axes, numbers[0]) : numbers;
}

std::optional<LayerMistake> check_axes(const LayerGraph& graph, const LayerNode& layer,
                                       const std::vector<std::string_view>& lists) {
  ValueType type = operand_type(graph, layer);
  type.gaussian = false;
  const std::string_view name = info(layer.kind).name;
  const std::size_t axes = type.positions.size();
  if (axes == 0) {
    return LayerMistake{DiagnosticKind::shape_mismatch,
                        fmt::format("`{}` needs a value with positions, got `{}`", name, print_type(type)),
                        "declare the input as `sequence(length, channels)` or `image(h, w, channels)`"};
  }
  for (const std::string_view each : lists) {
    const auto* list = std::get_if<ListArgument>(&argument(layer, each));
    if (list == nullptr || list->numbers.size() == 1 || list->numbers.size() == axes) continue;
    return LayerMistake{
        DiagnosticKind::shape_mismatch,
        fmt::format("`{}` has {} numbers, and `{}` has {} of positions", each, list->numbers.size(),
                    print_type(type), axes == 1 ? "one axis" : fmt::format("{} axes", axes)),
        axes == 1 ? "write one number" : "write one number for all axes, or one for each", each};
  }
  return std::nullopt;
}

std::variant<std::vector<AxisWindow>, LayerMistake> read_windows(const LayerGraph& graph,
                                                                 const LayerNode& layer,
                                                                 std::string_view size) {
  const bool is_dilated = std::ranges::any_of(
      info(layer.kind).parameters, [](const BuiltinParameter& each) { return each.name == "dilation"; });
  std::vector<std::string_view> lists = {size, "stride"};
  if (is_dilated) lists.emplace_back("dilation");
  if (auto mistake = check_axes(graph, layer, lists)) return *mistake;
  const auto& positions = operand_type(graph, layer).positions;
  const auto sizes = axis_numbers(graph, layer, size).value();
  const auto strides = axis_numbers(graph, layer, "stride").value_or(sizes);
  const auto dilations = is_dilated ? axis_numbers(graph, layer, "dilation").value()
                                    : std::vector(positions.size(), std::int64_t{1});
  std::vector<AxisWindow> result;
  for (std::size_t axis = 0; axis < positions.size(); ++axis) {
    AxisWindow& window = result.emplace_back(AxisWindow{.size = sizes[axis],
                                                        .stride = strides[axis],
                                                        .dilation = dilations[axis],
                                                        .inputs = positions[axis]});
    pad(window, padding_of(layer));
    if (window.outputs > 0) continue;
    return LayerMistake{DiagnosticKind::shape_mismatch,
                        fmt::format("a window of {} positions does not fit into {}",
                                    (window.size - 1) * window.dilation + 1, window.inputs),
                        "`padding = same` reads zeros beyond the edges", size};
  }
  return result;
}

std::variant<std::vector<AxisWindow>, LayerMistake> read_transposed_windows(const LayerGraph& graph,
                                                                            const LayerNode& layer) {
  if (auto mistake = check_axes(graph, layer, {"k", "stride"})) return *mistake;
  const auto& positions = operand_type(graph, layer).positions;
  const auto sizes = axis_numbers(graph, layer, "k").value();
  const auto strides = axis_numbers(graph, layer, "stride").value();
  const std::string_view padding = padding_of(layer);
  std::vector<AxisWindow> result;
  for (std::size_t axis = 0; axis < positions.size(); ++axis) {
    AxisWindow& window = result.emplace_back(
        AxisWindow{.size = sizes[axis], .spacing = strides[axis], .inputs = positions[axis]});
    const std::int64_t overlap = std::max<std::int64_t>(sizes[axis] - strides[axis], 0);
    window.circular = padding == "circular";
    window.outputs = positions[axis] * strides[axis] + (padding == "valid" ? overlap : 0);
    window.low = sizes[axis] - 1 - (padding == "valid" ? 0 : overlap / 2);
    const std::int64_t places = (positions[axis] - 1) * strides[axis] + 1;
    window.high = window.outputs + sizes[axis] - 1 - places - window.low;
  }
  return result;
}

std::vector<AxisWindow> transposed_windows(const LayerGraph& graph, const LayerNode& layer) {
  return std::get<std::vector<AxisWindow>>(read_transposed_windows(graph, layer));
}

std::vector<AxisWindow> windows(const LayerGraph& graph, const LayerNode& layer, std::string_view size) {
  return std::get<std::vector<AxisWindow>>(read_windows(graph, layer, size));
}

std::variant<ValueType, LayerMistake> windowed(std::variant<std::vector<AxisWindow>, LayerMistake> windows,
                                               std::optional<std::int64_t> channels) {
  if (auto* mistake = std::get_if<LayerMistake>(&windows)) return std::move(*mistake);
  ValueType type{.positions = {}, .channels = channels};
  double taps = 1;  // of all outputs together
  for (const AxisWindow& window : std::get<0>(windows)) {
    type.positions.push_back(window.outputs);
    taps *= static_cast<double>(window.outputs) * static_cast<double>(window.size);
  }
  if (taps > most_taps)
    return LayerMistake{
        DiagnosticKind::limit_exceeded,
        fmt::format("windows with {:.3g} taps at all positions together, the limit is {}", taps, most_taps),
        "take a smaller window, or fewer positions"};
  return type;
}

std::int64_t tap_count(const std::vector<AxisWindow>& windows) {
  std::int64_t count = 1;
  for (const AxisWindow& window : windows) count *= window.size;
  return count;
}

std::int64_t position_count(const ValueType& type) {
  return std::accumulate(type.positions.begin(), type.positions.end(), std::int64_t{1}, std::multiplies<>());
}

LayerTraits convolution(std::string_view name, std::string_view formula,
                        const std::vector<BuiltinParameter>& more) {
  std::vector<BuiltinParameter> parameters = {window_parameter("k", "size of the filter, for each axis"),
                                              stride_parameter("1"), padding_parameter()};
  parameters.insert(parameters.end(), more.begin(), more.end());
  for (const BuiltinParameter& parameter : weight_parameters()) parameters.push_back(parameter);
  return {.builtin = BuiltinInfo{.name = name,
                                 .kind = BuiltinKind::layer,
                                 .parameters = std::move(parameters),
                                 .formula = formula},
          .shape =
              [](const LayerGraph& graph, const LayerNode& layer) {
                return windowed(read_windows(graph, layer, "k"), stated_width(layer));
              },
          .draws_weights = true,
          .taps = [](const LayerGraph& graph,
                     const LayerNode& layer) { return tap_count(windows(graph, layer, "k")); },
          .variation = variation_behind_weights};
}

}  // namespace ntkc::layer_graph
