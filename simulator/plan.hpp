// The network as the simulator runs it: the layer graph with every `repeat` written out, every width a
// number, and every parameter array known by its number.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "compiler/layer_graph/layer_graph.hpp"
#include "simulator/step.hpp"

namespace ntkc::simulator {

/// Steps come after their operands. There may be steps that the output does not depend on.
struct Plan {
  std::vector<std::unique_ptr<Step>> steps;
  StepId output = 0;
  std::int64_t layers_with_parameters = 0;

  /// Numbers of one input: positions and their channels.
  [[nodiscard]] std::int64_t input_size() const { return steps.front()->positions * steps.front()->channels; }
  [[nodiscard]] std::int64_t output_channels() const { return steps[output]->channels; }
  [[nodiscard]] std::int64_t parameter_count() const;
};

struct Widths {
  std::int64_t width = 512;  ///< the width of every layer that states none
  /// How many channels the output has, whatever its layer states. This is not followed where the output adds
  /// values that other layers read, for these need their width, nor where it adds the input. Nothing: the
  /// output is treated as other layers are.
  std::optional<std::int64_t> outputs = std::nullopt;
  /// Whether layers that state a width get it in proportion, the widest of them `width` units, instead of as
  /// stated.
  bool in_proportion = false;
};

/// Precondition: the graph passed elaboration, and its output has no positions.
Plan make_plan(const layer_graph::LayerGraph& graph, const Widths& widths);

/// Whether the kernels depend on the widths that layers state: they do under the standard parametrization,
/// and where values of stated width are joined.
bool widths_count(const layer_graph::LayerGraph& graph);

/// The layers whose width `Widths` does not set, because it is stated (and not scaled in proportion) or
/// because a sum ties it to the input. Layers that only set the channels of the output are not listed.
std::vector<layer_graph::NodeId> fixed_widths(const layer_graph::LayerGraph& graph, bool in_proportion);

}  // namespace ntkc::simulator
