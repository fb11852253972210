// f_t(x) → Θ(x, X) Θ(X, X)⁻¹ Y for t → ∞ and infinite width: Jacot et al. 2018, §5; Lee et al. 2019, §2.2.
#include <fmt/format.h>

#include <cmath>

#include "support.hpp"

namespace theory {
namespace {

namespace plot = ntkc::plot;
constexpr int count = 7;
constexpr double learning_rate = 1;

double target(double angle) {
  return std::cos(angle) + 0.5 * std::sin(2 * angle) + 0.3 * std::cos(3 * angle);
}

ntkc::TrainingResult train(const Network& network, const CircleData& data, std::int64_t width,
                           std::uint32_t draw, std::int64_t steps, std::int64_t records) {
  return network.train(data.x, data.y, data.test,
                       {.width = width,
                        .seed = seed_of(width),
                        .draw = draw,
                        .learning_rate = learning_rate,
                        .steps = steps,
                        .records = records,
                        .centred = true});
}

double distance(const ntkc::Matrix& a, const ntkc::Matrix& b) {
  return root_mean_square((ntkc::to_eigen(a) - ntkc::to_eigen(b)).bottomRows(a.rows() - count));
}

/// The infinitely wide network: distance of f_t to the limit. The finite network it comes with is the
/// smallest.
std::vector<double> infinite_distances(const Network& network, const CircleData& data,
                                       const std::vector<std::int64_t>& steps) {
  std::vector<double> distances;
  for (const std::int64_t each : steps) {
    const ntkc::TrainingResult result = train(network, data, 1, 0, each, 2);
    distances.push_back(distance(result.infinite, result.regression));
  }
  return distances;
}

/// What two networks learn, and their distance to the limit over time beside that of the infinitely wide one.
std::vector<plot::Chart> charts_of_training(const Network& network, const CircleData& circle,
                                            const std::vector<std::int64_t>& widths,
                                            const ntkc::TrainingResult& reference, std::int64_t steps) {
  plot::Chart function{.title = fmt::format("after {} steps", steps),
                       .x = {.label = "angle of x (units of π)"},
                       .y = {.label = "f(x) − f_{0}(x)"}};
  plot::Chart time{
      .title = "over time", .x = log_axis("steps"), .y = log_axis("root mean square distance to the limit")};
  for (const std::int64_t width : widths) {
    const ntkc::TrainingResult result = train(network, circle, width, 0, steps, 24);
    function.series.push_back(
        curve(fmt::format("m = {}", width), circle.test_angles, circle.test_values(result.outputs)));
    plot::Series series{.label = fmt::format("m = {}", width), .line = plot::Line::solid};
    for (const ntkc::TrainingMoment& moment : result.moments) {
      series.x.push_back(static_cast<double>(moment.step));
      series.y.push_back(moment.regression_test_distance);
    }
    time.series.push_back(series);
  }
  function.series.push_back({.label = "kernel regression",
                             .x = circle.test_angles,
                             .y = circle.test_values(reference.regression),
                             .line = plot::Line::dashed,
                             .colour = "#000000"});
  function.series.push_back(circle.training_points());
  std::vector<std::int64_t> moments;
  for (const ntkc::TrainingMoment& moment : reference.moments)
    if (moment.step > 0) moments.push_back(moment.step);
  time.series.push_back({.label = "infinite width",
                         .x = doubles(moments),
                         .y = infinite_distances(network, circle, moments),
                         .line = plot::Line::dashed,
                         .colour = "#000000"});
  return {function, time};
}

}  // namespace

Findings kernel_regression_limit(Size size) {
  const bool full = size == Size::full;
  const CircleData circle = circle_data(count, 101, target);
  const Network network = read_network("two_layer_relu.arch");
  std::vector<std::int64_t> widths = {256, 1024, 4096};
  if (full) widths = {128, 256, 512, 1024, 2048, 4096, 8192};
  const int draws = full ? 20 : 6;
  const std::int64_t steps = full ? 1500 : 600;

  // The limit by Cholesky, beside the one by eigenvalues.
  ntkc::KernelRegressor regressor(network.kernel(), {.ridge = {.value = 0}});
  regressor.fit(circle.x, circle.y);
  const ntkc::TrainingResult reference = train(network, circle, widths.back(), 0, steps, 24);
  const RowMatrix limit = ntkc::to_eigen(reference.regression).bottomRows(circle.test.rows());
  const double difference = root_mean_square(regressor.predict(circle.test) - limit);

  // Along the eigenvector of λ_min the rest of the infinitely wide network falls as (1 − ηλ/N)^k.
  const double rate = learning_rate * reference.infinite_smallest_eigenvalue / count;
  const auto settled = static_cast<std::int64_t>(std::ceil(4 / rate));
  const std::vector<std::int64_t> late = {settled, 2 * settled};
  const std::vector<double> rest = infinite_distances(network, circle, late);
  const double measured_rate =
      1 - std::exp(std::log(rest[1] / rest[0]) / static_cast<double>(late[1] - late[0]));

  Findings findings;
  findings.table.push_back({"m", "distance to kernel regression at the end", "loss at the end"});
  std::vector<Estimate> distances;
  for (const std::int64_t width : widths) {
    std::vector<double> values;
    std::vector<double> losses;
    for (int draw = 0; draw < draws; ++draw) {
      const ntkc::TrainingResult result =
          train(network, circle, width, static_cast<std::uint32_t>(draw), steps, 2);
      values.push_back(result.moments.back().regression_test_distance);
      losses.push_back(result.moments.back().loss);
    }
    distances.push_back(mean_of(values));
    findings.table.push_back({fmt::format("{}", width), text_of(distances.back()), text_of(mean_of(losses))});
  }
  const std::vector<double> m = doubles(widths);
  const std::size_t small = full ? 3 : 0;
  const Estimate power = exponent(without_first(m, small), without_first(distances, small));
  findings.checks = {at_most("limit by eigenvalues to that by Cholesky", difference, 1e-10),
                     at_most("infinite width: rate of the approach differs from ηλ_min/N by the share",
                             std::abs(measured_rate / rate - 1), 0.01),
                     exponent_is("distance at the end as a power of m", power, -0.5, 0.1)};

  std::vector<plot::Chart> charts =
      charts_of_training(network, circle, {widths.front(), widths.back()}, reference, steps);
  plot::Chart width_chart{.title = "at the end, over the width",
                          .x = log_axis("m, units"),
                          .y = log_axis("root mean square distance to the limit")};
  width_chart.series = {points("mean of the draws", m, distances),
                        power_line("m^{−1/2}", m, 1.4 * distances.front().value, -0.5)};
  charts.push_back(width_chart);
  findings.figure = {.title = "Kernel regression as the limit of training",
                     .charts = charts,
                     .chart_width = 420,
                     .chart_height = 340};
  findings.result = fmt::format(
      "At infinite width f_t approaches kernel regression at the rate ηλ_min/N to {:.1g}; networks end at a "
      "distance that falls as m^{:.2f}.",
      std::abs(measured_rate / rate - 1), power.value);
  return findings;
}

}  // namespace theory
