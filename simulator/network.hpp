// Runs a finite network on data: forwards, and backwards with signals that go through one layer at a time.
// Values and signals have the shapes that step.hpp states. Weights are read in blocks whose bounds do not
// depend on the number of threads, so that no result does, to the last bit.
#pragma once

#include "ntkc/matrix.hpp"
#include "simulator/plan.hpp"
#include "simulator/step.hpp"
#include "simulator/weights.hpp"

namespace ntkc::simulator {

/// `inputs` is n × plan.input_size().
Values forward(const Plan& plan, const Weights& weights, MatrixView<const double> inputs, int threads);

/// Sends `signal`, the gradient by the output, back to the first layer that is trained. The signal of a step
/// is freed when it has been passed on.
void backward(const Plan& plan, const Weights& weights, const Values& values, Matrix signal, int threads,
              const ParameterVisitor& visit);

}  // namespace ntkc::simulator
