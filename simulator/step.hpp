// One step of a finite network: what a layer of the graph computes there, forwards and backwards.
//
// Matrices are row-major. A value of n inputs is n × channels. A backward signal is (n r) × c: row i r + k is
// the gradient, by the value of input i, of the k-th of r functions of the output at input i. Its c columns
// are the first c channels, and the others are zero, since few outputs of a wide last layer need few rows of
// its weights.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "ntkc/matrix.hpp"
#include "simulator/layer_parameters.hpp"
#include "simulator/weights.hpp"

namespace ntkc::simulator {

using StepId = std::size_t;
/// The value of every step, n × channels.
using Values = std::vector<Matrix>;

/// Called for every layer with parameters that a signal reaches, the last one first. `input` is what its
/// weights multiply (n × inputs), `signal` the gradient by its output, (n r) × c. The gradient by the weights
/// of function k at input i is multiplier · signal_ik ⊗ input_i, and that by the biases is multiplier ·
/// signal_ik.
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
    sum_of_operands  ///< as many as all of them together
  };
  Rule rule = Rule::as_operands;
  std::optional<std::int64_t> stated = std::nullopt;  ///< those of the data; those that the layer states
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
  /// Nothing if it has none.
  [[nodiscard]] virtual const LayerParameters* parameters() const { return nullptr; }

  [[nodiscard]] virtual Matrix forward(const ForwardPass& pass) const = 0;
  /// Passes on to the operands the gradient by their values.
  virtual void backward(const BackwardPass& pass, Matrix signal) const = 0;

  const std::vector<StepId> operands;
  const Channels channel_rule;
  std::int64_t channels = 0;
};

}  // namespace ntkc::simulator
