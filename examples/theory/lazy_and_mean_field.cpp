// f = α m^(−1/2) Σ a_r φ(w_r·x): with α = 1 wider networks are lazier, with α = m^(−1/2) they are not.
// Chizat, Oyallon and Bach 2019.
#include <fmt/format.h>

#include <cmath>

#include "support.hpp"

namespace theory {
namespace {

namespace plot = ntkc::plot;
constexpr int count = 10;
constexpr int steps = 500;

double target(double angle) { return std::sin(angle) + std::cos(2 * angle); }

/// Trains f − f_0, which starts at zero as the theorem has it, for a time that α does not change: η = 1/α².
ntkc::TrainingResult train(const CircleData& data, std::int64_t width, double alpha, std::uint32_t draw) {
  const Network network = read_network("scaled_two_layer.arch", {{"alpha", fmt::format("{:.17g}", alpha)}});
  return network.train(data.x, data.y, data.test,
                       {.width = width,
                        .seed = seed_of(width),
                        .draw = draw,
                        .learning_rate = 1 / (alpha * alpha),
                        .steps = steps,
                        .records = 2,
                        .centred = true});
}

/// At the end of training.
struct End {
  Estimate drift;
  Estimate linearized;  ///< distance to the linearised network on the circle
  Estimate loss;        ///< as a share of that at the start
};

End end_of(const CircleData& data, std::int64_t width, double alpha, int draws) {
  std::vector<double> drifts;
  std::vector<double> linearized;
  std::vector<double> losses;
  for (int draw = 0; draw < draws; ++draw) {
    const ntkc::TrainingResult result = train(data, width, alpha, static_cast<std::uint32_t>(draw));
    drifts.push_back(result.moments.back().ntk_drift);
    linearized.push_back(result.moments.back().linearized_test_distance);
    losses.push_back(result.moments.back().loss / result.moments.front().loss);
  }
  return {mean_of(drifts), mean_of(linearized), mean_of(losses)};
}

plot::Chart over_width(const std::vector<double>& m, const std::vector<Estimate>& lazy,
                       const std::vector<Estimate>& mean_field) {
  plot::Chart chart{
      .title = "over the width", .x = log_axis("m, units"), .y = log_axis("‖Θ_{t} − Θ_{0}‖/‖Θ_{0}‖")};
  chart.series = {points("α = m^{−1/2}, mean-field", m, mean_field), points("α = 1", m, lazy),
                  power_line("m^{−1/2}", m, 1.5 * lazy.front().value, -0.5)};
  return chart;
}

plot::Chart over_scale(std::int64_t width, const std::vector<double>& alphas,
                       const std::vector<Estimate>& drifts) {
  plot::Chart chart{.title = fmt::format("over the scale, m = {}", width),
                    .x = log_axis("α"),
                    .y = log_axis("‖Θ_{t} − Θ_{0}‖/‖Θ_{0}‖")};
  chart.series = {points("", alphas, drifts),
                  power_line("α^{−1}", alphas, drifts.back().value * alphas.back() / alphas.front(), -1)};
  chart.references = {{.direction = plot::Direction::vertical,
                       .value = 1 / std::sqrt(static_cast<double>(width)),
                       .label = "m^{−1/2}"}};
  return chart;
}

plot::Chart functions(const CircleData& data, std::int64_t width) {
  plot::Chart chart{.title = fmt::format("what is learnt, m = {}", width),
                    .x = {.label = "angle of x (units of π)"},
                    .y = {.label = "f(x)"}};
  const ntkc::TrainingResult lazy = train(data, width, 1, 0);
  const ntkc::TrainingResult mean_field = train(data, width, 1 / std::sqrt(static_cast<double>(width)), 0);
  chart.series = {curve("α = 1", data.test_angles, data.test_values(lazy.outputs)),
                  curve("α = m^{−1/2}", data.test_angles, data.test_values(mean_field.outputs)),
                  {.label = "infinite width, α = 1",
                   .x = data.test_angles,
                   .y = data.test_values(lazy.infinite),
                   .line = plot::Line::dashed,
                   .colour = "#000000"},
                  data.training_points()};
  return chart;
}

}  // namespace

Findings lazy_and_mean_field(Size size) {
  const bool full = size == Size::full;
  const CircleData circle = circle_data(count, 121, target);
  std::vector<std::int64_t> widths = {64, 256, 1024};
  if (full) widths = {32, 64, 128, 256, 512, 1024, 2048, 4096};
  const int draws = full ? 10 : 5;
  const std::vector<double> m = doubles(widths);

  Findings findings;
  findings.table.push_back({"m", "α", "drift of Θ", "distance to the linearised network", "L_t/L_0"});
  const auto row = [&](std::int64_t width, const std::string& alpha, const End& end) {
    findings.table.push_back(
        {fmt::format("{}", width), alpha, text_of(end.drift), text_of(end.linearized), text_of(end.loss)});
  };
  std::vector<Estimate> lazy;
  std::vector<Estimate> mean_field;
  double worst_loss = 0;
  for (const std::int64_t width : widths) {
    const End one = end_of(circle, width, 1, draws);
    const End other = end_of(circle, width, 1 / std::sqrt(static_cast<double>(width)), draws);
    lazy.push_back(one.drift);
    mean_field.push_back(other.drift);
    worst_loss = std::fmax(worst_loss, std::fmax(one.loss.value, other.loss.value));
    row(width, "1", one);
    row(width, "m^(−1/2)", other);
  }
  const auto power = [&](const std::vector<Estimate>& drifts) {
    const std::size_t half = widths.size() / 2;
    return exponent(without_first(m, half), without_first(drifts, half));
  };

  const std::int64_t fixed = full ? 512 : 128;
  std::vector<double> alphas;
  std::vector<Estimate> drifts;
  for (double alpha = full ? 0.03125 : 1; alpha <= (full ? 128 : 64); alpha *= full ? 4 : 8) {
    const End end = end_of(circle, fixed, alpha, draws);
    alphas.push_back(alpha);
    drifts.push_back(end.drift);
    row(fixed, fmt::format("{:g}", alpha), end);
  }
  const std::size_t not_lazy = full ? 4 : 1;  // α < 8
  const double alpha_power = exponent(without_first(alphas, not_lazy), without_first(drifts, not_lazy)).value;
  findings.checks = {
      exponent_at_most("α = 1: drift as a power of m, no slower than", power(lazy), -0.5),
      at_most("α = m^(−1/2): the power of m differs from 0 by", std::abs(power(mean_field).value), 0.05),
      at_least("α = m^(−1/2): drift of the widest network", mean_field.back().value, 0.2),
      at_most("m fixed, α ≥ 8: the power of α differs from −1 by", std::abs(alpha_power + 1), 0.05),
      at_most("share of the loss that is left, at the most", worst_loss, 0.1)};

  findings.figure = {.title = "Lazy training and the mean-field scaling",
                     .charts = {over_width(m, lazy, mean_field), over_scale(fixed, alphas, drifts),
                                functions(circle, full ? 2048 : 256)},
                     .chart_width = 420,
                     .chart_height = 340};
  findings.result = fmt::format(
      "The drift of the tangent kernel goes as m^{:.2f} with α = 1, as m^{:.2f} with α = m^(−1/2) (where it "
      "is "
      "{:.2f} at m = {}), and at fixed m as α^{:.2f}.",
      power(lazy).value, power(mean_field).value, mean_field.back().value, widths.back(), alpha_power);
  return findings;
}

}  // namespace theory
