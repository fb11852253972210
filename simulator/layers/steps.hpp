// The step of each layer of the graph: one function that makes it, in a file of its own beside this one,
// which also holds the class of the step. None of them knows the kernel IR, so that a finite network is a
// witness of its own.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "compiler/layer_graph/layer_graph.hpp"
#include "simulator/activation_function.hpp"
#include "simulator/step.hpp"

namespace ntkc::simulator {

/// What the steps of a network are made from.
struct PlanContext {
  const layer_graph::LayerGraph& graph;
  /// By node of the graph: the step that it is now, in this iteration of the loops around it.
  std::vector<StepId> images;
  std::uint32_t layers_with_parameters = 0;
  std::uint32_t dropouts = 0;
  /// By function: it, and the factor that the parametrization puts before it.
  std::map<layer_graph::ScalarId, std::pair<std::shared_ptr<const ActivationFunction>, double>> functions =
      {};

  [[nodiscard]] double value(layer_graph::ScalarId scalar) const { return graph.scalars[scalar].value; }
  [[nodiscard]] std::vector<StepId> operands_of(const layer_graph::Node& node) const;
};

namespace layers {
#define NTKC_LAYER(name) std::unique_ptr<Step> name(PlanContext& context, const layer_graph::Node& node);
#include "compiler/layer_graph/layers/layers.def"
}  // namespace layers

}  // namespace ntkc::simulator
