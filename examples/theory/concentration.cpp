// ‖H(0) − H*‖ ≤ ε for m ≥ n² log(n(n+1)/δ)/(2ε²): Du et al. 2019, Lemma 3.1, with the constants of
// Hoeffding's inequality.
#include <fmt/format.h>

#include <cmath>

#include "support.hpp"

namespace theory {
namespace {

namespace plot = ntkc::plot;

constexpr double delta = 0.01;
constexpr int dimension = 10;

/// What all entries keep with probability 1 − δ: an entry is the mean of m independent values in an interval
/// of length |x·x'| ≤ 1, so that P(|H_ij − H*_ij| ≥ s) ≤ 2 exp(−2 m s²), and there are n (n + 1)/2 of them.
double entry_bound(int inputs, double width) {
  return std::sqrt(std::log(inputs * (inputs + 1) / delta) / (2 * width));
}
/// ‖·‖₂ ≤ ‖·‖_F ≤ n max |·|.
double norm_bound(int inputs, double width) { return inputs * entry_bound(inputs, width); }
double width_asked(int inputs, double epsilon) {
  return inputs * inputs * std::log(inputs * (inputs + 1) / delta) / (2 * epsilon * epsilon);
}

/// ‖H(0) − H*‖₂ and the largest |H_ij(0) − H*_ij| of each draw.
struct Deviations {
  std::vector<double> norms;
  std::vector<double> entries;
};

Deviations deviations(const Network& features, const RowMatrix& x, const RowMatrix& limit, std::int64_t width,
                      int samples) {
  const ntkc::FiniteNetwork network = features.finite(sizes(width));
  Deviations result;
  for (int sample = 0; sample < samples; ++sample) {
    const RowMatrix distance =
        tangent_kernel_of_signs(network, x, static_cast<std::uint32_t>(sample)) - limit;
    result.norms.push_back(spectral_norm(distance));
    result.entries.push_back(distance.cwiseAbs().maxCoeff());
  }
  return result;
}

double share_above(const std::vector<double>& values, double bound) {
  double count = 0;
  for (const double value : values) count += value > bound ? 1 : 0;
  return count / static_cast<double>(values.size());
}

/// Over the number of inputs at one width.
plot::Chart over_inputs(const Network& features, std::int64_t width, const std::vector<int>& counts,
                        int samples) {
  plot::Chart chart{.title = fmt::format("over the inputs, m = {}", width),
                    .x = log_axis("n, inputs"),
                    .y = log_axis("‖H(0) − H*‖_{2}")};
  std::vector<double> n;
  std::vector<double> measured;
  std::vector<double> bound;
  for (const int count : counts) {
    const RowMatrix x = random_unit_vectors(count, dimension, 2);
    const RowMatrix limit = gram(features.kernel(), ntkc::KernelKind::theta, x);
    n.push_back(count);
    measured.push_back(quantile(deviations(features, x, limit, width, samples).norms, 1 - delta));
    bound.push_back(norm_bound(count, static_cast<double>(width)));
  }
  chart.series = {points("99 % of draws below", n, measured), curve("bound", n, bound)};
  return chart;
}

}  // namespace

Findings concentration(Size size) {
  const bool full = size == Size::full;
  const int samples = full ? 1000 : 100;
  const int count = 16;
  std::vector<std::int64_t> widths = {64, 256, 1024};
  if (full) widths = {64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384};
  const Network features = read_network("features.arch", {{"d", fmt::format("{}", dimension)}});
  const RowMatrix x = random_unit_vectors(count, dimension, 1);
  const RowMatrix limit = gram(features.kernel(), ntkc::KernelKind::theta, x);

  std::vector<double> median;
  std::vector<double> high;
  std::vector<double> bound;
  std::vector<Estimate> means;
  double norm_share = 0;
  double entry_share = 0;
  Findings findings;
  findings.table.push_back({"m", "median ‖H(0) − H*‖₂", "99 % below", "bound, δ = 0.01",
                            "largest entry, 99 % below", "its bound"});
  for (const std::int64_t width : widths) {
    const auto m = static_cast<double>(width);
    const Deviations draws = deviations(features, x, limit, width, samples);
    median.push_back(quantile(draws.norms, 0.5));
    high.push_back(quantile(draws.norms, 1 - delta));
    bound.push_back(norm_bound(count, m));
    means.push_back(mean_of(draws.norms));
    norm_share = std::fmax(norm_share, share_above(draws.norms, bound.back()));
    entry_share = std::fmax(entry_share, share_above(draws.entries, entry_bound(count, m)));
    findings.table.push_back({fmt::format("{}", width), text_of(median.back()), text_of(high.back()),
                              text_of(bound.back()), text_of(quantile(draws.entries, 1 - delta)),
                              text_of(entry_bound(count, m))});
  }
  const std::vector<double> m = doubles(widths);
  findings.checks = {
      at_most("share of draws with ‖H(0) − H*‖₂ above the bound, at any width", norm_share, delta),
      at_most("share of draws with an entry above its bound, at any width", entry_share, delta),
      exponent_is("mean ‖H(0) − H*‖₂ as a power of m", exponent(m, means), -0.5)};

  plot::Chart over_width{.title = fmt::format("over the width, n = {}", count),
                         .x = log_axis("m, units"),
                         .y = log_axis("‖H(0) − H*‖_{2}")};
  over_width.series = {points("median of the draws", m, median), points("99 % of draws below", m, high),
                       curve("bound, δ = 0.01", m, bound)};
  findings.figure = {
      .title = "Concentration of H(0)",
      .charts = {over_width, over_inputs(features, 1024,
                                         full ? std::vector{4, 8, 16, 32, 64, 128} : std::vector{4, 8, 16},
                                         full ? 400 : 50)},
      .chart_width = 480,
      .chart_height = 340};
  // What the convergence theorem needs is ε = λ_min(H*)/4. The measured deviation is c m^(−1/2).
  const double epsilon = least_eigenvalue(limit) / 4;
  const double enough = m.back() * std::pow(high.back() / epsilon, 2);
  findings.result = fmt::format(
      "{:.0f} of {} draws exceed the bound for δ = 0.01 at the worst width; the deviation falls as m^{:.3f}. "
      "For ε = "
      "λ_min(H*)/4 = {:.3g} the lemma asks for m = {:.2g}; m = {:.2g} does.",
      norm_share * samples, samples, exponent(m, means).value, epsilon, width_asked(count, epsilon), enough);
  return findings;
}

}  // namespace theory
