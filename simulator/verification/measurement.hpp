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

struct Kernels {
  MatrixView<const double> sigma;
  MatrixView<const double> theta;
};

/// Takes the draws in parallel and adds them up in order, so that the bits are the same for any number of
/// threads.
Measurements measure(const layer_graph::LayerGraph& graph, const Kernels& kernels, MatrixView<const double> x,
                     const VerificationOptions& options, const Execution& execution);

/// The verdict on one kernel, one measurement for each width.
KernelComparison compare(MatrixView<const double> kernel, const std::vector<Measurement>& measurements,
                         const VerificationOptions& options);

}  // namespace ntkc::verification
