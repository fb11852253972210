// Windows that go over positions: the arguments of convolutions and pooling layers, and what they mean along
// each axis.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "compiler/layer_graph/layers/layer_traits.hpp"

namespace ntkc::layer_graph {

/// What the outputs read along one axis of positions. Output o reads through tap t the place
/// o·stride + t·dilation - low; input i is at place i·spacing, and at the other places there is nothing. Where a
/// window is circular, places are taken modulo inputs·spacing.
struct AxisWindow {
  std::int64_t size = 1;  ///< number of taps
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  std::int64_t spacing = 1;  ///< of the inputs; more than 1 in a transposed convolution
  std::int64_t low = 0;      ///< places before the first input; negative where inputs are left out
  std::int64_t high = 0;     ///< places behind the last input
  bool circular = false;
  std::int64_t inputs = 1;
  std::int64_t outputs = 1;

  /// The input that an output reads through a tap, if there is one.
  [[nodiscard]] std::optional<std::int64_t> input(std::int64_t output, std::int64_t tap) const;
};

/// The argument that says how many taps there are, which may be given by position.
BuiltinParameter window_parameter(std::string_view name, std::string_view purpose);
/// Nothing for `default_value`: the size of the window.
BuiltinParameter stride_parameter(std::optional<std::string_view> default_value);
BuiltinParameter dilation_parameter();
BuiltinParameter padding_parameter();

/// An argument with a number for each axis.
BuiltinParameter axis_parameter(std::string_view name, std::optional<std::string_view> default_value,
                                std::int64_t smallest, std::string_view purpose);

/// The numbers of a list argument, one for each axis of positions: a list of one number counts for all axes.
/// Nothing if it was left out. Precondition: `check_axes`.
std::optional<std::vector<std::int64_t>> axis_numbers(const LayerGraph& graph, const LayerNode& layer,
                                                      std::string_view name);
/// Why list arguments do not fit the positions of the operand: it has none, or lists are of another length.
std::optional<LayerMistake> check_axes(const LayerGraph& graph, const LayerNode& layer,
                                       const std::vector<std::string_view>& lists);

/// The windows of a convolution or a pooling layer with the arguments above, `size` being the name of that with
/// the number of taps: one for each axis. `same` is TensorFlow's: ceil(inputs/stride) outputs, and where the padding
/// cannot be even the surplus is on the high side; `circular` reads the same places.
std::variant<std::vector<AxisWindow>, LayerMistake> read_windows(const LayerGraph& graph,
                                                                 const LayerNode& layer,
                                                                 std::string_view size);
/// Of a transposed convolution of k taps: the inputs are `stride` places apart. `same` and `circular` are the transpose
/// of the convolution that maps n·stride positions to n; `valid` reads whatever any window can.
std::variant<std::vector<AxisWindow>, LayerMistake> read_transposed_windows(const LayerGraph& graph,
                                                                            const LayerNode& layer);
std::vector<AxisWindow> transposed_windows(const LayerGraph& graph, const LayerNode& layer);
/// Of a layer that passed elaboration.
std::vector<AxisWindow> windows(const LayerGraph& graph, const LayerNode& layer, std::string_view size);

/// The type of what windows make of the operand, with these channels.
std::variant<ValueType, LayerMistake> windowed(std::variant<std::vector<AxisWindow>, LayerMistake> windows,
                                               std::optional<std::int64_t> channels);

/// The number of taps of all axes together.
std::int64_t tap_count(const std::vector<AxisWindow>& windows);
/// What all convolutions have in common: weights for each tap of a filter `k`. `more` are arguments beside size,
/// stride, padding and those of the weights.
LayerTraits convolution(std::string_view name, std::string_view formula,
                        const std::vector<BuiltinParameter>& more = {});
/// The product of the positions of a type; 1 of a vector.
std::int64_t position_count(const ValueType& type);

}  // namespace ntkc::layer_graph
