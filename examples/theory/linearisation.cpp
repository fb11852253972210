// sup_t ‖f_t − f_t^lin‖ = O(m^(−1/2)): Lee et al. 2019, Theorem 2.1.
#include <fmt/format.h>

#include <cmath>

#include "support.hpp"

namespace theory {
namespace {

namespace plot = ntkc::plot;

constexpr int count = 8;
constexpr int dimension = 10;

/// Of one network at one width, means over draws.
struct Measured {
  std::vector<Estimate> distance;  ///< largest over time, on the test points
  std::vector<Estimate> drift;     ///< of the tangent kernel at the end
};

Measured measure(const Network& network, const std::vector<std::int64_t>& widths) {
  const RowMatrix x = random_unit_vectors(count, dimension, 1);
  const RowMatrix y = normal_matrix(count, 1, 5);
  const RowMatrix test = random_unit_vectors(32, dimension, 6);
  Measured measured;
  for (const std::int64_t width : widths) {
    std::vector<double> distances;
    std::vector<double> drifts;
    const int draws = width > 8192 ? 6 : 10;
    for (int draw = 0; draw < draws; ++draw) {
      const ntkc::TrainingResult result = network.train(x, y, test,
                                                        {.width = width,
                                                         .seed = seed_of(width),
                                                         .draw = static_cast<std::uint32_t>(draw),
                                                         .learning_rate = 1,
                                                         .steps = 100,
                                                         .records = 8});
      double largest = 0;
      for (const ntkc::TrainingMoment& moment : result.moments)
        largest = std::fmax(largest, moment.linearized_test_distance);
      distances.push_back(largest);
      drifts.push_back(result.moments.back().ntk_drift);
    }
    measured.distance.push_back(mean_of(distances));
    measured.drift.push_back(mean_of(drifts));
  }
  return measured;
}

}  // namespace

Findings linearisation(Size size) {
  const bool full = size == Size::full;
  std::vector<std::int64_t> widths = {128, 512, 2048};
  if (full) widths = {64, 256, 1024, 4096, 16384, 65536};
  const std::vector<double> m = doubles(widths);
  Findings findings;
  findings.table.push_back({"network", "m", "largest distance", "drift"});
  plot::Chart distance{.title = "network to its linearisation",
                       .x = log_axis("m, units"),
                       .y = log_axis("largest root mean square over time")};
  plot::Chart drift{
      .title = "drift of the tangent kernel", .x = distance.x, .y = log_axis("‖Θ_{t} − Θ_{0}‖/‖Θ_{0}‖")};
  const std::size_t half = widths.size() / 2;
  const auto power = [&](const std::vector<Estimate>& y, std::size_t first) {
    return exponent(without_first(m, first), without_first(y, first));
  };
  std::vector<double> powers;
  for (const std::string name : {"relu", "erf"}) {
    const Measured measured =
        measure(read_network("two_layer_" + name + ".arch", {{"d", fmt::format("{}", dimension)}}), widths);
    powers.push_back(power(measured.distance, half).value);
    for (const auto& [what, values] :
         {std::pair{"distance", measured.distance}, std::pair{"drift", measured.drift}}) {
      findings.checks.push_back(exponent_at_most(
          fmt::format("{}: {} as a power of m, no slower than", name, what), power(values, 0), -0.5));
      const double expected = name == "erf" ? -1 : -0.5;
      // At the small widths of the quick size relu still falls with the power of smooth units.
      if (full || name == "erf") {
        findings.checks.push_back(
            exponent_is(fmt::format("{}: {} as a power of m, the wider half", name, what),
                        power(values, half), expected, 0.1));
      }
    }
    distance.series.push_back(points(name, m, measured.distance));
    drift.series.push_back(points(name, m, measured.drift));
    for (std::size_t i = 0; i < widths.size(); ++i)
      findings.table.push_back(
          {name, fmt::format("{}", widths[i]), text_of(measured.distance[i]), text_of(measured.drift[i])});
  }
  for (plot::Chart* const chart : {&distance, &drift}) {
    const double first = 1.5 * std::fmax(chart->series[0].y[0], chart->series[1].y[0]);
    chart->series.push_back(power_line("m^{−1/2}", m, first, -0.5));
    chart->series.push_back(power_line("m^{−1}", m, first / 6, -1));
    chart->series.back().line = plot::Line::dotted;
  }
  findings.figure = {.title = "A network trained beside its linearisation",
                     .charts = {distance, drift},
                     .chart_width = 480,
                     .chart_height = 340};
  findings.result =
      fmt::format("Among the wider networks the distance falls as m^{:.2f} for relu and m^{:.2f} for erf.",
                  powers[0], powers[1]);
  return findings;
}

}  // namespace theory
