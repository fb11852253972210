// H(0) of the two-layer network with frozen outputs against K(x, x') = x·x' (π − arccos u)/(2π).
#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "support.hpp"

namespace theory {
namespace {

namespace plot = ntkc::plot;
constexpr double pi = std::numbers::pi;

/// Draws at one width: the first of them, and how far the mean of all is from the formula.
struct Draws {
  std::int64_t width = 0;
  std::vector<double> first = {};
  std::vector<double> z = {};  ///< (mean − formula)/(standard error)
};

/// Row 0 of H(0) by input. An entry is x·x'/m times a binomial variable of probability p = (π − γ)/(2π), so
/// that the standard error of a mean of S draws is |cos γ| √(p (1 − p)/(S m)).
Draws draw(const Network& features, std::int64_t width, int samples, const std::vector<double>& angles,
           const std::vector<double>& formula) {
  const ntkc::FiniteNetwork network = features.finite(sizes(width));
  const RowMatrix x = on_circle(angles);
  Draws draws{.width = width};
  Eigen::RowVectorXd sum = Eigen::RowVectorXd::Zero(x.rows());
  for (int sample = 0; sample < samples; ++sample) {
    const RowMatrix kernel = tangent_kernel_of_signs(network, x, static_cast<std::uint32_t>(sample));
    if (sample == 0) draws.first.assign(kernel.row(0).begin(), kernel.row(0).end());
    sum += kernel.row(0);
  }
  for (std::size_t i = 0; i < angles.size(); ++i) {
    const double p = (pi - angles[i]) / (2 * pi);
    const double neurons = static_cast<double>(width) * samples;
    const double error = std::abs(std::cos(angles[i])) * std::sqrt(p * (1 - p) / neurons);
    const double distance = sum(static_cast<Eigen::Index>(i)) / samples - formula[i];
    draws.z.push_back(error > 1e-12 ? distance / error : distance / 1e-12);  // at π and π/2 H(0) is exact
  }
  return draws;
}

}  // namespace

Findings arc_cosine_formula(Size size) {
  const bool full = size == Size::full;
  const std::vector<double> angles = evenly(0, pi, full ? 49 : 25);
  const std::vector<std::int64_t> widths = {100, full ? 10000 : 1000};
  const int samples = full ? 400 : 100;
  const Network features = read_network("features.arch");

  std::vector<double> formula;
  std::vector<double> degrees;
  for (const double angle : angles) {
    formula.push_back(std::cos(angle) * (pi - angle) / (2 * pi));
    degrees.push_back(angle * 180 / pi);
  }
  const RowMatrix compiled = gram(features.kernel(), ntkc::KernelKind::theta, on_circle(angles));
  double difference = 0;
  for (std::size_t i = 0; i < angles.size(); ++i)
    difference = std::fmax(difference, std::abs(compiled(0, static_cast<Eigen::Index>(i)) - formula[i]));

  Findings findings;
  findings.checks.push_back(at_most("the compiled Θ is the formula to rounding", difference, 1e-15));
  findings.table.push_back({"m", "draws", "largest \\|z\\|"});
  const double critical =
      two_sided_normal_quantile(1e-3 / (static_cast<double>(angles.size() * widths.size())));
  plot::Chart kernel{.title = "one draw",
                     .x = {.label = "angle between x and x' (degrees)", .ticks = {0, 45, 90, 135, 180}},
                     .y = {.label = "H(0)(x, x')"}};
  plot::Chart deviation{.title = fmt::format("mean of {} draws", samples),
                        .x = kernel.x,
                        .y = {.label = "z = (mean − formula)/standard error"}};
  kernel.series.push_back(curve("x·x'(π − arccos u)/(2π)", degrees, formula));
  double largest = 0;
  for (const std::int64_t width : widths) {
    const Draws draws = draw(features, width, samples, angles, formula);
    double of_width = 0;
    for (const double z : draws.z) of_width = std::fmax(of_width, std::abs(z));
    largest = std::fmax(largest, of_width);
    findings.table.push_back({fmt::format("{}", width), fmt::format("{}", samples), text_of(of_width)});
    kernel.series.push_back(points(fmt::format("m = {}", width), degrees, draws.first));
    deviation.series.push_back(points(fmt::format("m = {}", width), degrees, draws.z));
    deviation.series.back().colour = plot::palette(kernel.series.size() - 1);
  }
  for (const double limit : {critical, -critical}) {
    deviation.references.push_back(
        {.value = limit, .label = limit > 0 ? "exceeded once in 1000 experiments" : ""});
  }
  findings.checks.push_back(
      at_most("mean H(0) is the formula: largest |z|, all angles and widths", largest, critical));
  findings.figure = {.title = "Tangent kernel of m relu units with outputs ±1 that are not trained",
                     .charts = {kernel, deviation},
                     .chart_width = 480,
                     .chart_height = 340};
  findings.result = fmt::format(
      "The mean of {} draws is the formula at {} angles: largest |z| {:.2f}, {:.2f} allowed; the compiled Θ "
      "is the formula to {:.1e}.",
      samples, angles.size(), largest, critical, difference);
  return findings;
}

}  // namespace theory
