// One step of a finite network: what a layer of the graph computes there, forwards and backwards.
//
// Matrices are row-major. A value of n inputs is (n P) × channels: row i P + p is position p of input i, of P
// positions; a value without positions has P = 1. A backward signal is (n r P) × c: row (i r + k) P + p is the
// gradient, by that row of the value, of the k-th of r functions of the output at input i. Its c columns are the
// first c channels, and the others are zero, since few outputs of a wide last layer need few rows of its weights.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "ntkc/matrix.hpp"
#include "simulator/layer_parameters.hpp"
#include "simulator/weights.hpp"

namespace ntkc::simulator {

using StepId = std::size_t;
/// The value of every step.
using Values = std::vector<Matrix>;

/// Called for every layer with parameters that a signal reaches, the last one first. `input` is what its
/// weights multiply ((n P) × inputs), `signal` the gradient by its output, (n r P) × c. The gradient by the weights
/// of function k at input i is multiplier · Σ_p signal_ikp ⊗ input_ip, and that by the biases is multiplier ·
/// Σ_p signal_ikp. The layer may be called for each position alone, with P = 1.
using ParameterVisitor =
    std::function<void(const LayerParameters& layer, const Matrix& input, const Matrix& signal)>;

struct ForwardPass {
  MatrixView<const double> inputs;
  const Weights& weights;
  const Values& values;  ///< of the steps before
  int threads;
};

struct BackwardPass {
  const Weights& weights;
  const Values& values;
  const ParameterVisitor& visit;
  const std::vector<bool>& trained;  ///< by step: whether trained parameters stand at or before it
  std::vector<Matrix>& signals;      ///< by step: what has arrived so far
  int threads;

  /// Adds to the signal of an operand.
  void pass(StepId to, Matrix signal) const;
};

/// How many channels the value of a step has.
struct Channels {
  enum class Rule : std::uint8_t {
    as_data,
    own,             ///< what the layer states, or what the network is given
    as_operands,     ///< as many as each of them
    sum_of_operands  ///< as many as all of them together, times `multiple`
  };
  Rule rule = Rule::as_operands;
  std::optional<std::int64_t> stated = std::nullopt;  ///< those of the data; those that the layer states
  std::int64_t multiple = 1;
};

class Step {
 public:
  Step(std::vector<StepId> step_operands, Channels step_channels)
      : operands(std::move(step_operands)), channel_rule(step_channels) {}
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;
  virtual ~Step() = default;

  /// Called once, when the channels of the step and of its operands are known (`of_operands`, in their
  /// order).
  virtual void set_channels(const std::vector<std::int64_t>& /*of_operands*/) {}
  /// A layer has one set of weights and biases, or one for each position.
  [[nodiscard]] virtual std::span<const LayerParameters> parameters() const { return {}; }

  [[nodiscard]] virtual Matrix forward(const ForwardPass& pass) const = 0;
  /// Passes on to the operands the gradient by their values.
  virtual void backward(const BackwardPass& pass, Matrix signal) const = 0;

  const std::vector<StepId> operands;
  const Channels channel_rule;
  std::int64_t channels = 0;
  std::int64_t positions = 1;
};

/// The row of a value that a row of a signal is the gradient by, of so many functions and positions.
inline std::ptrdiff_t value_row(std::ptrdiff_t row, std::ptrdiff_t functions, std::ptrdiff_t positions) {
  return row / (functions * positions) * positions + row % positions;
}

}  // namespace ntkc::simulator
