// The tangent kernel before and after training at two widths: Jacot, Gabriel and Hongler 2018, Figure 1.
#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "support.hpp"

namespace theory {
namespace {

namespace plot = ntkc::plot;
constexpr double pi = std::numbers::pi;

constexpr int steps = 200;
constexpr double learning_rate = 1;
constexpr int training_points = 16;

/// Row K(x_0, ·) over the circle, before and after training, by draw.
struct Draws {
  std::vector<std::vector<double>> before;
  std::vector<std::vector<double>> after;
};

std::vector<double> circle_row(const ntkc::Matrix& kernel, std::ptrdiff_t angles) {
  const std::ptrdiff_t origin = training_points + angles / 2;
  const double* const row = &kernel(origin, training_points);
  return {row, row + angles};
}

Draws draw(const Network& network, std::int64_t width, int draws, const std::vector<double>& angles) {
  const RowMatrix x = normal_matrix(training_points, 2, 4);
  const RowMatrix y = x.col(0).cwiseProduct(x.col(1));
  Draws result;
  for (int i = 0; i < draws; ++i) {
    const ntkc::TrainingResult trained = network.train(x, y, on_circle(angles),
                                                       {.width = width,
                                                        .seed = seed_of(width),
                                                        .draw = static_cast<std::uint32_t>(i),
                                                        .learning_rate = learning_rate,
                                                        .steps = steps,
                                                        .records = 2},
                                                       0);
    result.before.push_back(circle_row(trained.start_ntk, std::ssize(angles)));
    result.after.push_back(circle_row(trained.end_ntk, std::ssize(angles)));
  }
  return result;
}

/// ‖a − b‖/‖scale‖.
double distance(const std::vector<double>& a, const std::vector<double>& b,
                const std::vector<double>& scale) {
  double squares = 0;
  double norm = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    squares += (a[i] - b[i]) * (a[i] - b[i]);
    norm += scale[i] * scale[i];
  }
  return std::sqrt(squares / norm);
}

plot::Chart rows_chart(std::int64_t width, const Draws& draws, const std::vector<double>& angles,
                       const std::vector<double>& limit, double top) {
  plot::Chart chart{.title = fmt::format(
                        "width {}, {}", width,
                        draws.before.size() == 1 ? "one draw" : fmt::format("{} draws", draws.before.size())),
                    .x = {.label = "angle of x (units of π), x_{0} at 0", .ticks = {-1, -0.5, 0, 0.5, 1}},
                    .y = {.label = "tangent kernel Θ(x_{0}, x)", .minimum = 0, .maximum = top}};
  std::vector<double> turns;
  for (const double angle : angles) turns.push_back(angle / pi);
  const auto add = [&](const std::vector<std::vector<double>>& rows, const std::string& label,
                       const std::string& colour, plot::Line line) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      chart.series.push_back(
          {.label = i == 0 ? label : "", .x = turns, .y = rows[i], .line = line, .colour = colour});
    }
  };
  add(draws.before, "before training", plot::palette(0), plot::Line::dotted);
  add(draws.after, fmt::format("after {} steps", steps), plot::palette(1), plot::Line::solid);
  chart.series.push_back(
      {.label = "infinite width", .x = turns, .y = limit, .line = plot::Line::dashed, .colour = "#000000"});
  return chart;
}

}  // namespace

Findings kernel_in_training(Size size) {
  const bool full = size == Size::full;
  const std::vector<double> angles = evenly(-pi, pi, full ? 81 : 21);
  std::vector<std::int64_t> widths = {64, 256};
  if (full) widths = {125, 250, 500, 1000, 10000};
  const std::vector<std::int64_t> shown = {full ? 500 : 64, widths.back()};
  const Network network = read_network("four_layers.arch");
  const RowMatrix infinite = gram(network.kernel(), ntkc::KernelKind::theta, on_circle(angles));
  const auto origin = static_cast<Eigen::Index>(angles.size() / 2);
  const std::vector<double> limit(infinite.row(origin).begin(), infinite.row(origin).end());

  Findings findings;
  findings.table.push_back({"width", "draws", "start to infinite width", "end to start"});
  std::vector<Estimate> spread;
  std::vector<Estimate> drift;
  std::vector<plot::Chart> charts;
  for (const std::int64_t width : widths) {
    const int count = width > 5000 ? 1 : 10;
    const Draws draws = draw(network, width, count, angles);
    std::vector<double> spreads;
    std::vector<double> drifts;
    for (int i = 0; i < count; ++i) {
      const auto index = static_cast<std::size_t>(i);
      spreads.push_back(distance(draws.before[index], limit, limit));
      drifts.push_back(distance(draws.after[index], draws.before[index], draws.before[index]));
    }
    spread.push_back(mean_of(spreads));
    drift.push_back(mean_of(drifts));
    const auto cell = [&](const Estimate& estimate) {
      return count == 1 ? text_of(estimate.value) : text_of(estimate);
    };
    findings.table.push_back(
        {fmt::format("{}", width), fmt::format("{}", count), cell(spread.back()), cell(drift.back())});
    if (width == shown[0] || width == shown[1])
      charts.push_back(rows_chart(width, draws, angles, limit, 1.8 * limit[angles.size() / 2]));
  }
  const std::vector<double> m = doubles(widths);
  // A single draw of the widest network has no standard error.
  const auto power = [&](const std::vector<Estimate>& y) {
    const std::ptrdiff_t single = full ? 1 : 0;
    return exponent(std::vector<double>(m.begin(), m.end() - single),
                    std::vector<Estimate>(y.begin(), y.end() - single));
  };
  const Estimate spread_power = power(spread);
  const Estimate drift_power = power(drift);
  findings.checks = {
      exponent_is("distance of the start to infinite width as a power of the width", spread_power, -0.5),
      exponent_at_most("distance of the end to the start as a power of the width", drift_power, -0.5)};
  plot::Chart powers{.title = "over the width", .x = log_axis("width"), .y = log_axis("relative distance")};
  powers.series = {points("start to infinite width", m, spread), points("end to start", m, drift),
                   power_line("width^{−1/2}", m, 1.3 * spread.front().value, -0.5)};
  charts.push_back(powers);
  findings.figure = {.title = "The tangent kernel on a circle before and after training",
                     .charts = charts,
                     .chart_width = 420,
                     .chart_height = 340};
  findings.result = fmt::format(
      "Training moves the kernel by {:.2g} % at width {}, by {:.2g} % at {}; the scatter at the start falls "
      "as "
      "width^{:.2f}, the movement as width^{:.2f}.",
      100 * drift[full ? 2 : 0].value, shown[0], 100 * drift.back().value, shown[1], spread_power.value,
      drift_power.value);
  return findings;
}

}  // namespace theory
