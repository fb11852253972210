// Measures what networks of several widths do, against two given kernels.
#pragma once

#include <vector>

#include "ntkc/execution.hpp"
#include "ntkc/matrix.hpp"
#include "ntkc/verification.hpp"
#include "simulator/plan.hpp"
#include "simulator/verification/statistics.hpp"

namespace ntkc::verification {

/// The draws of one kernel at one width.
struct Measurement {
  std::vector<RunningMoments> entries;  ///< K̂[i, j], lower triangle, row by row
  RunningMoments squared_deviation;     ///< ‖K̂ − K‖_F²; its spread says how uncertain the slope is
};

/// Both kernels, by width.
struct Measurements {
  std::vector<Measurement> sigma;
  std::vector<Measurement> theta;
};

/// An infinite kernel in units of a power of two near its largest entry, in which its squares, and the squares of
/// these that variances of squares are, do not overflow.
struct ScaledKernel {
  explicit ScaledKernel(MatrixView<const double> kernel);

  double unit = 1;
  Matrix entries;  ///< over `unit`
};

struct Kernels {
  const ScaledKernel& sigma;
  const ScaledKernel& theta;
};

/// Takes the draws in parallel and adds them up in order, so that the bits are the same for any number of
/// threads. In units of the kernels. Throws NumericalError for a network whose kernels are not finite.
Measurements measure(const layer_graph::LayerGraph& graph, const Kernels& kernels, MatrixView<const double> x,
                     const VerificationOptions& options, const Execution& execution);

/// The verdict on one kernel, one measurement for each width.
KernelComparison compare(const ScaledKernel& kernel, const std::vector<Measurement>& measurements,
                         const VerificationOptions& options);

}  // namespace ntkc::verification
