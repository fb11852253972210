// (1/m) Σ φ(w_r·x) φ(w_r·x') tends to the kernel as m^(−1/2): Rahimi and Recht, NIPS 2007.
#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <cmath>

#include "support.hpp"

namespace theory {
namespace {

namespace plot = ntkc::plot;

constexpr int dimension = 10;
constexpr int training_points = 48;
constexpr int test_points = 32;
constexpr double delta = 0.01;
constexpr double ridge = 1e-2;

/// |φ φ'| ≤ 2 for √2 sin(…), an interval of length 4: by Hoeffding's inequality P(|error| ≥ ε) ≤ 2 exp(−m
/// ε²/8) for one of n (n + 1)/2 entries, so that all keep this with probability 1 − δ.
double bound(int inputs, double width) {
  return std::sqrt(8 * std::log(inputs * (inputs + 1) / delta) / width);
}

/// Errors of (1/m) Σ φ φ' at several widths, draw by draw.
struct Errors {
  std::vector<Estimate> mean;           ///< root mean square over the entries
  std::vector<double> largest;          ///< entry, 99 % of draws below
  std::vector<Estimate> of_prediction;  ///< of ridge regression on other points, root mean square
  double share_above_bound = 0;         ///< of draws, at the worst width
};

/// Predictions at the test points by ridge regression with a kernel on (training, test) points.
RowMatrix predictions(const RowMatrix& kernel, const RowMatrix& y) {
  const RowMatrix within = kernel.topLeftCorner(training_points, training_points) +
                           ridge * RowMatrix::Identity(training_points, training_points);
  return kernel.bottomLeftCorner(test_points, training_points) * within.llt().solve(y);
}

Errors measure(const Network& features, const std::vector<std::int64_t>& widths, int draws) {
  constexpr int count = training_points + test_points;
  const RowMatrix x = random_unit_vectors(count, dimension, 7);
  const RowMatrix y = (3 * x.col(0).head(training_points).array()).sin() +
                      x.col(1).head(training_points).array() * x.col(2).head(training_points).array();
  const RowMatrix limit = gram(features.kernel(), ntkc::KernelKind::sigma, x);
  const RowMatrix exact = predictions(limit, y);
  Errors errors;
  for (const std::int64_t width : widths) {
    const ntkc::FiniteNetwork network = features.finite(sizes(width));
    std::vector<double> means;
    std::vector<double> largest;
    std::vector<double> distances;
    double above = 0;
    for (int draw = 0; draw < draws; ++draw) {
      const RowMatrix kernel =
          ntkc::to_eigen(network.empirical_nngp(view(x), static_cast<std::uint32_t>(draw), {.threads = 1}));
      means.push_back(root_mean_square(kernel - limit));
      largest.push_back((kernel - limit).cwiseAbs().maxCoeff());
      distances.push_back(root_mean_square(predictions(kernel, y) - exact));
      above += largest.back() > bound(count, static_cast<double>(width)) ? 1.0 / draws : 0;
    }
    errors.mean.push_back(mean_of(means));
    errors.largest.push_back(quantile(largest, 1 - delta));
    errors.of_prediction.push_back(mean_of(distances));
    errors.share_above_bound = std::fmax(errors.share_above_bound, above);
  }
  return errors;
}

}  // namespace

Findings random_features(Size size) {
  const bool full = size == Size::full;
  std::vector<std::int64_t> widths = {256, 1024, 4096};
  if (full) widths = {64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384};
  const int draws = full ? 100 : 20;
  const std::vector<double> m = doubles(widths);
  // Predictions follow the power once the error of the kernel is well below the ridge.
  const std::size_t small = full ? 5 : 1;

  Findings findings;
  findings.table.push_back(
      {"features", "m", "error of an entry", "largest entry, 99 % below", "error of a prediction"});
  plot::Chart entries{.title = "the kernel",
                      .x = log_axis("m, features"),
                      .y = log_axis("root mean square error of an entry")};
  plot::Chart largest{.title = "Fourier features, the largest entry",
                      .x = entries.x,
                      .y = log_axis("largest error of an entry")};
  plot::Chart regression{.title = "ridge regression on the features",
                         .x = entries.x,
                         .y = log_axis("distance to kernel regression")};
  const std::map<std::string, std::string> definitions = {{"d", fmt::format("{}", dimension)}};
  std::vector<double> powers;
  for (const auto& [name, file] : {std::pair{"Fourier", "random_features.arch"},
                                   {"relu", "features.arch"},
                                   {"erf", "erf_features.arch"}}) {
    const Errors errors = measure(read_network(file, definitions), widths, draws);
    const Estimate power = exponent(m, errors.mean);
    powers.push_back(power.value);
    findings.checks.push_back(
        exponent_is(fmt::format("{}: error of an entry as a power of m", name), power, -0.5));
    entries.series.push_back(points(name, m, errors.mean));
    regression.series.push_back(points(name, m, errors.of_prediction));
    if (file == std::string("random_features.arch")) {
      std::vector<double> limits;
      for (const double each : m) limits.push_back(bound(training_points + test_points, each));
      findings.checks.push_back(
          at_most("Fourier: share of draws with an entry above its bound", errors.share_above_bound, delta));
      findings.checks.push_back(
          exponent_is("Fourier: error of a prediction as a power of m",
                      exponent(without_first(m, small), without_first(errors.of_prediction, small)), -0.5));
      largest.series = {points("99 % of draws below", m, errors.largest),
                        curve("bound, δ = 0.01", m, limits)};
    }
    for (std::size_t i = 0; i < widths.size(); ++i)
      findings.table.push_back({name, fmt::format("{}", widths[i]), text_of(errors.mean[i]),
                                text_of(errors.largest[i]), text_of(errors.of_prediction[i])});
  }
  for (plot::Chart* const chart : {&entries, &regression})
    chart->series.push_back(power_line("m^{−1/2}", m, 2 * chart->series[0].y[0], -0.5));
  findings.figure = {.title = "Kernels from random features",
                     .charts = {entries, largest, regression},
                     .chart_width = 420,
                     .chart_height = 340};
  findings.result = fmt::format(
      "The error of an entry falls as m^{:.3f} (Fourier), m^{:.3f} (relu) and m^{:.3f} (erf features).",
      powers[0], powers[1], powers[2]);
  return findings;
}

}  // namespace theory
