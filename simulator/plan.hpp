// The network as the simulator runs it: the layer graph with every `repeat` written out, every width a
// number, every parameter array known by its number.
//
// A dense layer is h = m_w W a + m_b 1 b with entries of W drawn from N(0, s_w²), of b from N(0, s_b²), and
// trained at the rates r_w and r_b relative to the network's. With n the number of its input channels:
//
// | parametrization | m_w       | s_w       | r_w, r_b | m_b   | s_b   |
// |-----------------|-----------|-----------|----------|-------|-------|
// | ntk, cntk       | W_std/√n  | 1         | lr       | b_std | 1     |
// | standard        | 1         | W_std/√n  | lr       | 1     | b_std |
//
// (design §5). Under `cntk` (Arora et al. 2019) the input of d channels is multiplied by √d, which undoes the
// division of Σ⁰ by d, and each activation is φ(z)/√E[φ(z)²], z ~ N(0, 1).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "compiler/layer_graph/layer_graph.hpp"
#include "simulator/activation_function.hpp"

namespace ntkc::simulator {

using StepId = std::size_t;

struct InputStep {
  double scale = 1;
};

/// One parameter array: how its entries are drawn, what multiplies them in the forward pass, and the learning
/// rate relative to the network's.
struct ParameterArray {
  double standard_deviation = 1;
  double multiplier = 0;
  double rate = 0;

  /// What Θ̂ gets for each unit of ∂f/∂h · ∂f'/∂h times the product of the array's inputs.
  [[nodiscard]] double kernel_weight() const { return rate * multiplier * multiplier; }
};

struct DenseStep {
  StepId operand = 0;
  std::uint32_t number = 0;  ///< of the layer among all dense steps: names its parameters
  std::int64_t inputs = 0;
  std::int64_t outputs = 0;
  ParameterArray weights;  ///< outputs × inputs
  std::optional<ParameterArray> bias;
};

struct ActivationStep {
  StepId operand = 0;
  std::size_t function = 0;  ///< index into Plan::functions
  double scale = 1;
};

struct SumStep {
  struct Term {
    StepId operand = 0;
    double coefficient = 1;
  };
  std::vector<Term> terms;
};

/// The elementwise product.
struct ProductStep {
  std::array<StepId, 2> factors = {};
};

/// Channels of several values side by side. Each is multiplied by √(f n/m), where it has m of the n channels,
/// and the part f of them in the graph: a layer that reads them then weighs them by f, whatever m and n are.
struct ConcatStep {
  struct Part {
    StepId value = 0;
    double scale = 1;
  };
  std::vector<Part> parts;
};

struct Step {
  std::variant<InputStep, DenseStep, ActivationStep, SumStep, ProductStep, ConcatStep> operation;
  std::int64_t channels = 0;
};

/// What a step reads.
std::vector<StepId> operands_of(const Step& step);

/// Steps come after their operands. There may be steps that the output does not depend on.
struct Plan {
  std::vector<Step> steps;
  std::vector<ActivationFunction> functions;
  StepId output = 0;
  std::int64_t dense_steps = 0;

  [[nodiscard]] std::int64_t input_channels() const { return steps.front().channels; }
  [[nodiscard]] std::int64_t output_channels() const { return steps[output].channels; }
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

/// Precondition: the graph passed elaboration. Where a layer of the standard parametrization reads n' units
/// instead of the n of the graph, the learning rate of its weights is multiplied by n/n': what it adds to Θ
/// is n Σ at any width.
Plan make_plan(const layer_graph::LayerGraph& graph, const Widths& widths);

/// Whether the kernels depend on the widths that layers state: under the standard parametrization, and where
/// values of stated width are joined.
bool widths_count(const layer_graph::LayerGraph& graph);

/// The dense layers whose width `Widths` does not set: it is stated (and not scaled in proportion), or a sum
/// ties it to the input. Those that the channels of the output alone depend on are not listed.
std::vector<layer_graph::NodeId> fixed_widths(const layer_graph::LayerGraph& graph, bool in_proportion);

}  // namespace ntkc::simulator
