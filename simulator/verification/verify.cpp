#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "compiler/driver/elaborate_text.hpp"
#include "compiler/layer_graph/layers/weights.hpp"
#include "compiler/layer_graph/shapes.hpp"
#include "ntkc/compiler.hpp"
#include "ntkc/errors.hpp"
#include "ntkc/gram.hpp"
#include "ntkc/verification.hpp"
#include "simulator/normal_deviates.hpp"
#include "simulator/plan.hpp"
#include "simulator/verification/measurement.hpp"

namespace ntkc {

namespace {

/// Bounds that are more than any machine could simulate, and small enough for the counters.
constexpr std::int64_t largest_width = std::int64_t{1} << 20U;
constexpr std::int64_t most_draws = std::int64_t{1} << 31U;

/// The line of the main file that a node stands in; 0 if it stands elsewhere.
std::int64_t line_of(std::string_view text, const SourceRange& range) {
  if (range.file != 0 || range.begin > text.size()) return 0;
  return 1 + std::count(text.begin(), text.begin() + range.begin, '\n');
}

/// A layer of fixed width keeps the network from its limit, whatever the others do.
void require_free_widths(const layer_graph::LayerGraph& graph, std::string_view text) {
  const auto fixed = simulator::fixed_widths(graph, simulator::widths_count(graph));
  if (fixed.empty()) return;
  const layer_graph::Node& node = graph.nodes[fixed.front()];
  const auto* const layer = std::get_if<layer_graph::LayerNode>(&node.node);
  const bool stated =
      layer != nullptr && !simulator::widths_count(graph) && layer_graph::stated_width(*layer).has_value();
  const std::int64_t line = line_of(text, node.range);
  throw InputError(fmt::format(
      "the layer{} has a width of its own{}: the network does not tend to its limit as the others grow; {}",
      line > 0 ? fmt::format(" in line {}", line) : "",
      stated ? "" : ", that of the input, which it is added to",
      stated ? "leave out `width`" : "put a `dense` between the input and the sum"));
}

std::vector<std::string> caveats_of(const layer_graph::LayerGraph& graph, const VerificationOptions& options,
                                    const Verification& result) {
  std::vector<std::string> caveats;
  if (options.widths.size() < 2)
    caveats.emplace_back("one width: neither the slope is judged nor a bias of order 1/width allowed for");
  for (const auto& [name, kernel] : {std::pair{"sigma", &result.sigma}, std::pair{"theta", &result.theta}}) {
    if (kernel->allowed_slope() > slope_tolerance) {
      caveats.push_back(fmt::format("{}: the slope is uncertain by ±{:.2f}; more samples would tell", name,
                                    kernel->slope_error));
    }
  }
  if (!graph.nodes[graph.output].type.gaussian) {
    caveats.emplace_back(
        "the output is not linear in its last weights: theta is averaged over all channels, and the means of "
        "few "
        "samples may be skewed");
  }
  return caveats;
}

}  // namespace

VerificationOptions checked(VerificationOptions options) {
  std::ranges::sort(options.widths);
  const auto fail = [](const std::string& message) { throw InputError(message); };
  if (options.widths.empty()) fail("no width to verify at; give one or more");
  if (options.widths.front() < 1)
    fail(fmt::format("a width of {}; a layer has at least one unit", options.widths.front()));
  if (options.widths.back() > largest_width)
    fail(fmt::format("a width of {}; at most {} is simulated", options.widths.back(), largest_width));
  if (std::ranges::adjacent_find(options.widths) != options.widths.end())
    fail(fmt::format("the width {} is given twice", *std::ranges::adjacent_find(options.widths)));
  if (options.samples < 2)
    fail(fmt::format(
        "samples: {}; a single draw has no standard error, so there is nothing to judge by; give 2 or more",
        options.samples));
  if (options.samples > most_draws / std::ssize(options.widths))
    fail(fmt::format("samples: {}; at most {} networks are drawn", options.samples, most_draws));
  if (options.outputs < 1 || options.outputs > options.widths.front())
    fail(fmt::format("outputs: {}; from 1 to the smallest width, {}", options.outputs,
                     options.widths.front()));
  return options;
}

Verification verify_against(MatrixView<const double> sigma, MatrixView<const double> theta,
                            std::string_view arch_text, MatrixView<const double> x,
                            const VerificationOptions& options, const CompileOptions& compile_options,
                            const std::string& file_name, const Execution& execution) {
  Verification result;
  result.options = checked(options);
  const layer_graph::LayerGraph graph = driver::elaborate_text(arch_text, compile_options, file_name);
  const auto size = layer_graph::number_count(graph.nodes[graph.input].type);
  if (x.columns != size || x.rows < 1)
    throw InputError(fmt::format("the data are {} × {}, the network takes rows of {} values", x.rows,
                                 x.columns, size.value_or(1)));
  if (sigma.rows != x.rows || sigma.columns != x.rows || theta.rows != x.rows || theta.columns != x.rows)
    throw InputError(fmt::format("kernels of {0} inputs are {0} × {0} matrices", x.rows));
  require_free_widths(graph, arch_text);
  const verification::ScaledKernel scaled_sigma(sigma);
  const verification::ScaledKernel scaled_theta(theta);
  const verification::Measurements measured =
      verification::measure(graph, {scaled_sigma, scaled_theta}, x, result.options, execution);
  result.sigma = verification::compare(scaled_sigma, measured.sigma, result.options);
  result.theta = verification::compare(scaled_theta, measured.theta, result.options);
  result.in_proportion = simulator::widths_count(graph);
  result.caveats = caveats_of(graph, result.options, result);
  return result;
}

Verification verify(std::string_view arch_text, MatrixView<const double> x,
                    const VerificationOptions& options, const CompileOptions& compile_options,
                    const std::string& file_name, const Execution& execution) {
  static_cast<void>(checked(options));
  CompileOptions both = compile_options;
  both.precision = Precision::f64;
  both.sigma = both.theta = true;
  const KernelFunctions kernel = compile(arch_text, both, file_name);
  if (x.columns != kernel.input_size())
    throw InputError(fmt::format("the data have {} values per sample, the network takes {}", x.columns,
                                 kernel.input_size()));
  Matrix sigma(x.rows, x.rows);
  Matrix theta(x.rows, x.rows);
  const Execution silent = {.threads = execution.threads};
  gram<double>(kernel, KernelKind::sigma, x, sigma.view(), silent);
  gram<double>(kernel, KernelKind::theta, x, theta.view(), silent);
  return verify_against(std::as_const(sigma).view(), std::as_const(theta).view(), arch_text, x, options,
                        compile_options, file_name, execution);
}

Matrix verification_inputs(std::int64_t rows, std::int64_t columns, std::uint64_t seed) {
  // Draws of networks count from 0; the last number is kept for the data.
  Matrix x(rows, columns, Uninitialized{});
  for (std::int64_t i = 0; i < rows; ++i) simulator::fill_normal({seed, ~0U, 0}, i, 0, columns, 1, &x(i, 0));
  return x;
}

}  // namespace ntkc
