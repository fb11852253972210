#include "simulator/verification/measurement.hpp"

#include <algorithm>

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

void add(Measurement& measurement, const Matrix& estimate, MatrixView<const double> kernel) {
  const std::ptrdiff_t n = kernel.rows;
  measurement.entries.resize(static_cast<std::size_t>(n * (n + 1) / 2));
  double squares = 0;
  std::size_t entry = 0;
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    for (std::ptrdiff_t j = 0; j <= i; ++j, ++entry) {
      measurement.entries[entry].add(estimate(i, j));
      const double distance = estimate(i, j) - kernel(i, j);
      squares += (i == j ? 1 : 2) * distance * distance;
    }
  }
  measurement.squared_deviation.add(squares);
}

/// The work of the products of a network of this width, which is the unit of progress.
double cost(std::int64_t width) { return static_cast<double>(width) * (static_cast<double>(width) + 64); }

}  // namespace

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
        add(sigma, draw.sigma, kernels.sigma);
        add(theta, draw.theta, kernels.theta);
      }
    }
    first += static_cast<std::uint32_t>(options.samples);
  }
  return result;
}

}  // namespace ntkc::verification
