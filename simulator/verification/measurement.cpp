#include "simulator/verification/measurement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ntkc/errors.hpp"
#include "runtime/gram/parallel.hpp"
#include "runtime/regression/blas_threads.hpp"
#include "simulator/empirical_kernel.hpp"

namespace ntkc::verification {
namespace {

struct Draw {
  Matrix sigma;
  Matrix theta;
};

/// The networks of one width.
struct Ensemble {
  simulator::Plan plan;
  bool averaged;  ///< Θ̂ over all channels, not the first ones
};

Draw take(const Ensemble& ensemble, std::uint32_t index, MatrixView<const double> x,
          const VerificationOptions& options, int threads) {
  const simulator::Plan& plan = ensemble.plan;
  const simulator::DrawnWeights weights(options.seed, index);
  const simulator::Values values = simulator::forward(plan, weights, x, threads);
  Draw draw;
  draw.sigma = simulator::empirical_nngp(plan, values, threads);
  draw.theta =
      ensemble.averaged
          ? simulator::averaged_ntk(plan, weights, values, options.outputs, options.seed, index, threads)
          : simulator::empirical_ntk(plan, weights, values, options.outputs, NtkForm::trace, threads);
  return draw;
}

void add(Measurement& measurement, const Matrix& estimate, const ScaledKernel& kernel, std::int64_t width) {
  const std::ptrdiff_t n = estimate.rows();
  measurement.entries.resize(static_cast<std::size_t>(n * (n + 1) / 2));
  double squares = 0;
  std::size_t entry = 0;
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    for (std::ptrdiff_t j = 0; j <= i; ++j, ++entry) {
      const double scaled = estimate(i, j) / kernel.unit;
      if (!std::isfinite(scaled))
        throw NumericalError(fmt::format(
            "a network of width {} has the kernel {} for inputs {} and {}: it is beyond the range of double "
            "precision; scale the inputs, or use a smaller W_std",
            width, estimate(i, j), i, j));
      measurement.entries[entry].add(scaled);
      const double distance = scaled - kernel.entries(i, j);
      squares += (i == j ? 1 : 2) * distance * distance;
    }
  }
  measurement.squared_deviation.add(squares);
}

/// The work of the products of a network of this width, which is the unit of progress.
double cost(std::int64_t width) { return static_cast<double>(width) * (static_cast<double>(width) + 64); }

}  // namespace

ScaledKernel::ScaledKernel(MatrixView<const double> kernel)
    : entries(kernel.rows, kernel.columns, Uninitialized{}) {
  double largest = 0;
  for (std::ptrdiff_t i = 0; i < kernel.rows; ++i)
    for (std::ptrdiff_t j = 0; j < kernel.columns; ++j) largest = std::fmax(largest, std::fabs(kernel(i, j)));
  if (largest > 0) unit = std::ldexp(1, std::ilogb(largest));
  for (std::ptrdiff_t i = 0; i < kernel.rows; ++i)
    for (std::ptrdiff_t j = 0; j < kernel.columns; ++j) entries(i, j) = kernel(i, j) / unit;
}

Measurements measure(const layer_graph::LayerGraph& graph, const Kernels& kernels, MatrixView<const double> x,
                     const VerificationOptions& options, const Execution& execution) {
  double total = 0;
  for (const std::int64_t width : options.widths) total += cost(width) * static_cast<double>(options.samples);
  runtime::ProgressMeter progress(execution, total);
  const int threads = runtime::blas_threads(runtime::thread_count(execution));
  const auto at_once = static_cast<std::int64_t>(
      std::clamp<std::int64_t>(options.samples, 1, threads));  // one draw for each thread
  const int inner_threads = std::max(1, threads / static_cast<int>(at_once));
  Measurements result;
  std::uint32_t first = 0;  // draws of different widths are different ones, and independent
  const bool in_proportion = simulator::widths_count(graph);
  for (const std::int64_t width : options.widths) {
    const Ensemble ensemble = {
        simulator::make_plan(graph, {.width = width, .outputs = width, .in_proportion = in_proportion}),
        !graph.nodes[graph.output].type.gaussian};
    Measurement& sigma = result.sigma.emplace_back();
    Measurement& theta = result.theta.emplace_back();
    for (std::int64_t done = 0; done < options.samples; done += at_once) {
      std::vector<Draw> draws(static_cast<std::size_t>(std::min(at_once, options.samples - done)));
      runtime::parallel_for(std::ssize(draws), threads, [&](std::ptrdiff_t task, int /*worker*/) {
        draws[static_cast<std::size_t>(task)] =
            take(ensemble, first + static_cast<std::uint32_t>(done + task), x, options, inner_threads);
        progress.add(cost(width));
      });
      for (const Draw& draw : draws) {
        add(sigma, draw.sigma, kernels.sigma, width);
        add(theta, draw.theta, kernels.theta, width);
      }
    }
    first += static_cast<std::uint32_t>(options.samples);
  }
  return result;
}

}  // namespace ntkc::verification
