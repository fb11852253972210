// The network as the simulator runs it: the layer graph with every `repeat` written out, every width a
// number, every parameter array known by its number.
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

  [[nodiscard]] std::int64_t input_channels() const { return steps.front()->channels; }
  [[nodiscard]] std::int64_t output_channels() const { return steps[output]->channels; }
  [[nodiscard]] std::int64_t parameter_count() const;
};

struct Widths {
  std::int64_t width = 512;  ///< of every layer that states none
  /// Channels of the output, whatever its layer states. Not followed where the output adds values that other
  /// layers read, for these need their width, nor where it adds the input. Nothing: as for other layers.
  std::optional<std::int64_t> outputs = std::nullopt;
  /// Layers that state a width: as stated, or in proportion, the widest of them `width` units.
  bool in_proportion = false;
};

/// Precondition: the graph passed elaboration.
Plan make_plan(const layer_graph::LayerGraph& graph, const Widths& widths);

/// Whether the kernels depend on the widths that layers state: under the standard parametrization, and where
/// values of stated width are joined.
bool widths_count(const layer_graph::LayerGraph& graph);

/// The layers whose width `Widths` does not set: it is stated (and not scaled in proportion), or a sum
/// ties it to the input. Those that the channels of the output alone depend on are not listed.
std::vector<layer_graph::NodeId> fixed_widths(const layer_graph::LayerGraph& graph, bool in_proportion);

}  // namespace ntkc::simulator
