// A finite network on data: the forward pass, and signals sent backwards through it one layer at a time.
//
// Matrices are row-major. A value of n inputs is n × channels. A backward signal is (n r) × c: row i r + k is
// the gradient, by the value of input i, of the k-th of r functions of the output at input i; its c columns
// are the first c channels, the others are zero (few outputs of a wide last layer need few rows of its
// weights). Weights are read in blocks whose bounds do not depend on the number of threads, so that no result
// does, to the last bit.
#pragma once

#include <functional>
#include <vector>

#include "ntkc/matrix.hpp"
#include "simulator/plan.hpp"
#include "simulator/weights.hpp"

namespace ntkc::simulator {

/// The value of every step, n × channels.
using Values = std::vector<Matrix>;

/// `inputs` is n × plan.input_channels().
Values forward(const Plan& plan, const Weights& weights, MatrixView<const double> inputs, int threads);

/// Called for every dense step that a signal reaches, the last step first: `input` is the layer's input
/// (n × inputs), `signal` the gradient by its output, (n r) × c. The gradient by the weights of function k at
/// input i is multiplier · signal_ik ⊗ input_i, by the biases multiplier · signal_ik.
using DenseVisitor = std::function<void(const DenseStep& layer, const Matrix& input, const Matrix& signal)>;

/// Sends `signal`, the gradient by the output, back to the first layer that is trained. The signal of a step
/// is freed when it has been passed on.
void backward(const Plan& plan, const Weights& weights, const Values& values, Matrix signal, int threads,
              const DenseVisitor& visit);

}  // namespace ntkc::simulator
