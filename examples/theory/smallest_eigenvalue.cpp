// λ_min(H*) > 0 for non-parallel inputs (Du et al. 2019, Theorem 3.1), and its decay with the least angle.
#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "support.hpp"

namespace theory {
namespace {

namespace plot = ntkc::plot;
constexpr double pi = std::numbers::pi;

constexpr int dimension = 10;
constexpr int count = 16;

/// Random unit vectors, and one more at `angle` to the first of them.
RowMatrix with_neighbour(double angle) {
  RowMatrix x(count + 1, dimension);
  x.topRows(count) = random_unit_vectors(count, dimension, 1);
  const Eigen::RowVectorXd first = x.row(0);
  const Eigen::RowVectorXd other = (x.row(1) - x.row(1).dot(first) * first).normalized();
  x.row(count) = std::cos(angle) * first + std::sin(angle) * other;
  return x;
}

/// λ_min of the pair alone; that of all inputs is not above it (Cauchy's interlacing).
double of_pair(double angle) { return 0.5 - std::cos(angle) * (pi - angle) / (2 * pi); }

struct Sweep {
  std::vector<double> eigenvalues;
  double power = 0;  ///< over the smaller half of the angles
};

Sweep sweep(const ntkc::KernelFunctions& kernel, const std::vector<double>& angles) {
  Sweep result;
  for (const double angle : angles)
    result.eigenvalues.push_back(
        least_eigenvalue(gram(kernel, ntkc::KernelKind::theta, with_neighbour(angle))));
  const auto half = static_cast<std::ptrdiff_t>(angles.size() / 2);
  result.power = exponent(std::vector<double>(angles.begin(), angles.end() - half),
                          std::vector<double>(result.eigenvalues.begin(), result.eigenvalues.end() - half));
  return result;
}

/// λ_min(H(0))/λ_min(H*) of two inputs at an angle, median and extreme tenths over draws, against the number
/// of units whose kink is expected to lie between them, m γ/π.
struct Finite {
  std::vector<double> units;
  std::vector<double> median;
  std::vector<double> low;
  std::vector<double> high;
};

Finite finite(const Network& features, double angle, const std::vector<std::int64_t>& widths, int samples) {
  Finite result;
  const RowMatrix x = on_circle({0.3, 0.3 + angle});
  for (const std::int64_t width : widths) {
    const ntkc::FiniteNetwork network = features.finite(sizes(width));
    std::vector<double> ratios;
    for (int sample = 0; sample < samples; ++sample) {
      const RowMatrix kernel = tangent_kernel_of_signs(network, x, static_cast<std::uint32_t>(sample));
      ratios.push_back(least_eigenvalue(kernel) / of_pair(angle));
    }
    result.units.push_back(static_cast<double>(width) * angle / pi);
    result.median.push_back(quantile(ratios, 0.5));
    result.low.push_back(quantile(ratios, 0.1));
    result.high.push_back(quantile(ratios, 0.9));
  }
  return result;
}

struct FiniteWidths {
  plot::Chart chart;
  double least_wide =
      std::numeric_limits<double>::infinity();  ///< lowest tenth where 50 units or more separate
  double largest_narrow = 0;                    ///< median where 0.1 or fewer do
};

FiniteWidths finite_widths(Size size) {
  const bool full = size == Size::full;
  const Network features = read_network("features.arch");
  std::vector<std::int64_t> widths;
  for (std::int64_t width = 16; width <= (full ? 32768 : 8192); width *= full ? 2 : 8)
    widths.push_back(width);
  FiniteWidths result;
  result.chart = {.title = "two inputs, m units",
                  .x = log_axis("units expected to separate them, mγ/π"),
                  .y = log_axis("λ_{min}(H(0))/λ_{min}(H*)")};
  for (const double angle : {1e-1, 1e-2, 1e-3}) {
    const Finite draws = finite(features, angle, widths, full ? 200 : 100);
    result.chart.series.push_back(points(fmt::format("γ = {:g}", angle), draws.units, draws.median));
    result.chart.bands.push_back({.x = draws.units, .lower = draws.low, .upper = draws.high});
    for (std::size_t i = 0; i < draws.units.size(); ++i) {
      if (draws.units[i] >= 50) result.least_wide = std::fmin(result.least_wide, draws.low[i]);
      if (draws.units[i] <= 0.1) result.largest_narrow = std::fmax(result.largest_narrow, draws.median[i]);
    }
  }
  return result;
}

}  // namespace

Findings smallest_eigenvalue(Size size) {
  const bool full = size == Size::full;
  std::vector<double> angles;
  for (double power = -5; power < 0.1; power += full ? 0.25 : 0.5) angles.push_back(std::pow(10, power));
  const std::string d = fmt::format("{}", dimension);
  const Network relu = read_network("features.arch", {{"d", d}});
  const Sweep rough = sweep(relu.kernel(), angles);
  // λ_min falls as the square of the angle, below which rounding is met sooner.
  std::vector<double> wider = angles;
  std::erase_if(wider, [](double angle) { return angle < 0.9e-4; });
  const Sweep smooth = sweep(read_network("two_layer_erf.arch", {{"d", d}}).kernel(), wider);

  std::vector<double> pair;
  double largest_ratio = 0;
  double least = 1;
  for (std::size_t i = 0; i < angles.size(); ++i) {
    pair.push_back(of_pair(angles[i]));
    largest_ratio = std::fmax(largest_ratio, rough.eigenvalues[i] / pair[i]);
    least = std::fmin(least, rough.eigenvalues[i] / angles[i]);
  }
  const double parallel = least_eigenvalue(gram(relu.kernel(), ntkc::KernelKind::theta, with_neighbour(0)));

  const FiniteWidths finite = finite_widths(size);
  Findings findings;
  findings.checks = {
      at_least("λ_min(H*)/γ at its smallest over all angles γ", least, 0.01),
      at_most("λ_min(H*) against that of the near pair alone", largest_ratio, 1 + 1e-6),
      at_most("|λ_min(H*)| of two parallel inputs", std::abs(parallel), 1e-14),
      at_most("relu: the power of the angle differs from 1 by", std::abs(rough.power - 1), 0.02),
      at_most("erf: the power of the angle differs from 2 by", std::abs(smooth.power - 2), 0.02),
      at_least("λ_min(H(0))/λ_min(H*) where 50 units or more separate, 90 % of draws", finite.least_wide,
               0.5),
      at_most("λ_min(H(0))/λ_min(H*) where 0.1 units or fewer separate, median", finite.largest_narrow, 0.1)};

  plot::Chart chart{.title = fmt::format("{} random inputs and one near the first", count),
                    .x = log_axis("angle γ to the nearest input (radians)"),
                    .y = log_axis("λ_{min}(H*)")};
  chart.series = {points("relu, frozen outputs", angles, rough.eigenvalues),
                  points("erf, both layers trained", wider, smooth.eigenvalues),
                  curve("relu, pair alone", angles, pair),
                  power_line("γ^{2}", wider, smooth.eigenvalues.front(), 2)};
  findings.figure = {.title = "The smallest eigenvalue of the tangent kernel",
                     .charts = {chart, finite.chart},
                     .chart_width = 480,
                     .chart_height = 340};
  findings.table.push_back({"γ", "relu", "relu, pair alone", "erf"});
  for (std::size_t i = 0; i < angles.size(); i += full ? 4 : 2) {
    const std::size_t skipped = angles.size() - wider.size();
    findings.table.push_back({text_of(angles[i]), text_of(rough.eigenvalues[i]), text_of(pair[i]),
                              i < skipped ? "" : text_of(smooth.eigenvalues[i - skipped])});
  }
  findings.result = fmt::format(
      "λ_min(H*) is positive at every angle down to 1e-5 and falls as γ^{:.3f} for relu, γ^{:.3f} for erf; a "
      "finite network follows once about 50 units separate the nearest inputs.",
      rough.power, smooth.power);
  return findings;
}

}  // namespace theory
