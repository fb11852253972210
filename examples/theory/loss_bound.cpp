// ‖f_t − Y‖² ≤ e^{−2ηλt/N} ‖f_0 − Y‖², λ a lower bound of λ_min(H) along the path: Du et al. 2019,
// Theorem 3.2 and Lemma 3.3.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "support.hpp"

namespace theory {
namespace {

namespace plot = ntkc::plot;

constexpr int dimension = 10;
constexpr int count = 16;

struct Path {
  std::vector<double> time;
  std::vector<double> loss;      ///< L_t/L_0
  std::vector<double> bound;     ///< with the smallest λ_min(H) met so far
  std::vector<double> assumed;   ///< with λ_min(H*)/2
  std::vector<double> smallest;  ///< λ_min(H(t))
};

Path path_of(const ntkc::TrainingResult& result) {
  Path path;
  const double start = result.moments.front().loss;
  for (const ntkc::TrainingMoment& moment : result.moments) {
    path.time.push_back(moment.time);
    path.loss.push_back(moment.loss / start);
    path.bound.push_back(moment.loss_bound / start);
    path.assumed.push_back(std::exp(-result.infinite_smallest_eigenvalue * moment.time / count));
    path.smallest.push_back(moment.smallest_eigenvalue);
  }
  return path;
}

/// Every k-th value: figures need no more.
std::vector<double> thinned(const std::vector<double>& values, std::size_t k) {
  std::vector<double> result;
  for (std::size_t i = 0; i < values.size(); i += k) result.push_back(values[i]);
  return result;
}

/// How many times faster than its bound the logarithm of the loss falls, at the least.
double least_ratio_of_rates(const std::vector<double>& loss, const std::vector<double>& bound) {
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = 1; i < loss.size(); ++i)
    least = std::fmin(least, std::log(loss[i]) / std::log(bound[i]));
  return least;
}

}  // namespace

Findings loss_bound(Size size) {
  const bool full = size == Size::full;
  std::vector<std::int64_t> widths = {64, 1024};
  if (full) widths = {64, 512, 8192};
  const Network network = read_network("two_layer_frozen.arch", {{"d", fmt::format("{}", dimension)}});
  const RowMatrix x = random_unit_vectors(count, dimension, 1);
  const RowMatrix y = normal_matrix(count, 1, 3);

  Findings findings;
  findings.table.push_back({"m", "λ_min(H(0))", "least λ_min(H(t))", "L_t/L_0 at the end",
                            "bound along the path", "bound with λ_min(H*)/2"});
  plot::Chart loss{.title = fmt::format("loss, m = {}", widths.back()),
                   .x = {.label = "time ηt, in units of N/λ_{min}(H*)"},
                   .y = log_axis("‖f_{t} − Y‖²/‖f_{0} − Y‖²")};
  plot::Chart smallest{.title = "along the path", .x = loss.x, .y = {.label = "λ_{min}(H(t))", .minimum = 0}};
  for (const std::int64_t width : widths) {
    const std::int64_t steps = full ? 1600 : 400;
    const ntkc::TrainingResult result = network.train(x, y, {},
                                                      {.width = width,
                                                       .seed = seed_of(width),
                                                       .method = ntkc::TrainingMethod::flow,
                                                       .learning_rate = 600.0 / static_cast<double>(steps),
                                                       .steps = steps,
                                                       .records = 20 * steps});
    const Path path = path_of(result);
    const double limit = result.infinite_smallest_eigenvalue;
    std::vector<double> time;
    for (const double each : path.time) time.push_back(each * limit / count);
    const std::vector<double> shown = thinned(time, 8);
    const double least = *std::ranges::min_element(path.smallest);
    findings.checks.push_back(
        at_least(fmt::format("m = {}: rate of the loss to that of its bound along the path", width),
                 least_ratio_of_rates(path.loss, path.bound), 1));
    if (width == widths.back()) {
      findings.checks.push_back(
          at_least(fmt::format("m = {}: λ_min(H(t))/λ_min(H*) along the path", width), least / limit, 0.5));
      findings.checks.push_back(at_least(fmt::format("m = {}: the same with λ_min(H*)/2 for λ", width),
                                         least_ratio_of_rates(path.loss, path.assumed), 1));
      loss.series = {curve("network, gradient flow", shown, thinned(path.loss, 8)),
                     curve("bound, least λ_{min}(H) so far", shown, thinned(path.bound, 8)),
                     curve("bound, λ = λ_{min}(H*)/2", shown, thinned(path.assumed, 8))};
      smallest.y.maximum = 1.25 * limit;
      smallest.references = {{.value = limit, .label = "λ_{min}(H*)"},
                             {.value = limit / 2, .label = "λ_{min}(H*)/2"}};
      findings.result = fmt::format(
          "Loss and bound were compared at {} moments; λ_min(H(t)) stays above {:.3g} λ_min(H*) at m = {}, "
          "{:.2g} of the loss is left where the bound with λ_min(H*)/2 allows {:.2g}.",
          path.loss.size(), least / limit, width, path.loss.back(), path.assumed.back());
    }
    smallest.series.push_back(curve(fmt::format("m = {}", width), shown, thinned(path.smallest, 8)));
    findings.table.push_back({fmt::format("{}", width), text_of(path.smallest.front()), text_of(least),
                              text_of(path.loss.back()), text_of(path.bound.back()),
                              text_of(path.assumed.back())});
  }
  findings.figure = {.title = "Gradient flow of the hidden layer stays below its bound",
                     .charts = {loss, smallest},
                     .chart_width = 480,
                     .chart_height = 340};
  return findings;
}

}  // namespace theory
