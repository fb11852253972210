#include "cli/analysis_figure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace ntkc::cli {

namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

template <typename Value>
plot::Series series_of(std::string label, const PhaseDiagram& diagram, const Value& value) {
  plot::Series series;
  series.label = std::move(label);
  series.x = diagram.sweeps[0].values;
  for (const FixedPoint& point : diagram.points) series.y.push_back(value(point));
  return series;
}

bool drawable(const plot::Series& series, bool positive) {
  return std::any_of(series.y.begin(), series.y.end(),
                     [&](double y) { return std::isfinite(y) && (!positive || y > 0); });
}

/// Whether values differ so much that the small ones would be invisible on a linear axis.
bool spans_decades(const plot::Chart& chart) {
  double least = HUGE_VAL;
  double most = 0;
  for (const plot::Series& series : chart.series)
    for (const double y : series.y) {
      if (!std::isfinite(y)) continue;
      least = std::min(least, y);
      most = std::max(most, y);
    }
  return least > 0 && most > 30 * least;
}

plot::Figure sweep_figure(const PhaseDiagram& diagram) {
  const std::string& parameter = diagram.sweeps[0].parameter;
  plot::Figure figure;
  figure.title = diagram.network;
  figure.columns = 2;
  std::vector<plot::Reference> edges;
  for (const PhaseDiagram::Edge& edge : diagram.edge)
    edges.push_back(
        {plot::Direction::vertical, edge.first, fmt::format("{} = {:.4g}", parameter, edge.first)});

  plot::Chart slope;
  slope.title = "slope at u = 1";
  slope.y.label = "χ_{1}";
  slope.series = {series_of("", diagram, [](const FixedPoint& point) { return point.chi_1; })};
  slope.references = edges;
  slope.references.push_back({plot::Direction::horizontal, 1, "χ_{1} = 1"});

  plot::Chart depth;
  depth.title = "depth scales";
  depth.y = {.label = "iterations", .scale = plot::Scale::logarithmic};
  depth.series = {
      series_of("ξ of the correlation u", diagram,
                [](const FixedPoint& point) { return point.correlation_depth.value_or(nothing); }),
      series_of("of the variance q", diagram, [](const FixedPoint& point) {
        return point.values[0].q ? point.q_depth.value_or(nothing) : nothing;
      })};
  depth.series[1].line = plot::Line::dashed;
  std::erase_if(depth.series, [](const plot::Series& series) { return !drawable(series, true); });
  for (plot::Reference edge : edges) {
    edge.label.clear();
    depth.references.push_back(edge);
  }

  plot::Chart variance;
  variance.title = "fixed point of the variance";
  variance.y.label = "q*";
  plot::Chart correlation;
  correlation.title = "fixed point of the correlation";
  correlation.y.label = "u*";
  const std::vector<ValueLimit>& values = diagram.points[0].values;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string label = values.size() == 1 ? "" : "of " + values[i].name;
    variance.series.push_back(series_of(
        label, diagram, [i](const FixedPoint& point) { return point.values[i].q.value_or(nothing); }));
    correlation.series.push_back(series_of(
        label, diagram, [i](const FixedPoint& point) { return point.values[i].u.value_or(nothing); }));
  }
  if (spans_decades(variance)) variance.y.scale = plot::Scale::logarithmic;
  for (plot::Chart* const chart : {&variance, &correlation}) {
    std::erase_if(chart->series, [](const plot::Series& series) { return !drawable(series, false); });
    chart->references = depth.references;
  }

  for (plot::Chart* const chart : {&slope, &depth, &variance, &correlation}) {
    if (chart->series.empty()) continue;
    chart->x = {.label = parameter,
                .minimum = diagram.sweeps[0].values.front(),
                .maximum = diagram.sweeps[0].values.back()};
    figure.charts.push_back(*chart);
  }
  return figure;
}

/// The name of a phase, placed at the grid point of this phase that is nearest to the centre of all of them.
std::optional<plot::Note> note_of(const PhaseDiagram& diagram, Phase phase) {
  const std::vector<double>& x = diagram.sweeps[0].values;
  const std::vector<double>& y = diagram.sweeps[1].values;
  std::vector<std::size_t> members;
  const auto row_of = [&](std::size_t k) { return k / x.size(); };
  double column = 0;
  double row = 0;
  for (std::size_t k = 0; k < diagram.points.size(); ++k) {
    if (diagram.points[k].phase != phase) continue;
    members.push_back(k);
    column += static_cast<double>(k % x.size());
    row += static_cast<double>(row_of(k));
  }
  // An area smaller than a twelfth of the plane has no room for the word.
  if (members.size() * 12 < diagram.points.size()) return std::nullopt;
  const auto count = static_cast<double>(members.size());
  const auto distance = [&](std::size_t k) {
    return std::hypot((static_cast<double>(k % x.size()) - column / count) / static_cast<double>(x.size()),
                      (static_cast<double>(row_of(k)) - row / count) / static_cast<double>(y.size()));
  };
  const std::size_t best =
      *std::min_element(members.begin(), members.end(),
                        [&](std::size_t a, std::size_t b) { return distance(a) < distance(b); });
  return plot::Note{x[best % x.size()], y[best / x.size()], std::string(name(phase))};
}

/// The edge as curves: points of neighbouring rows are joined.
plot::Series edge_series(const PhaseDiagram& diagram) {
  const std::vector<double>& x = diagram.sweeps[0].values;
  const double step = (x.back() - x.front()) / static_cast<double>(x.size() - 1);
  plot::Series series;
  series.label = "edge of chaos, χ_{1} = 1";
  series.colour = "#000000";
  for (const PhaseDiagram::Edge& edge : diagram.edge) {
    if (!series.x.empty() && std::abs(edge.first - series.x.back()) > 4 * step) {
      series.x.push_back(nothing);
      series.y.push_back(nothing);
    }
    series.x.push_back(edge.first);
    series.y.push_back(edge.second);
  }
  return series;
}

plot::Figure plane_figure(const PhaseDiagram& diagram) {
  plot::Figure figure;
  figure.title = diagram.network;
  plot::HeatMap map;
  map.x = diagram.sweeps[0].values;
  map.y = diagram.sweeps[1].values;
  plot::HeatMap slopes = map;
  slopes.values_axis = {.label = "χ_{1}", .scale = plot::Scale::logarithmic};
  slopes.centre = 1;
  plot::HeatMap depths = map;
  depths.values_axis = {.label = "iterations", .scale = plot::Scale::logarithmic};
  for (const FixedPoint& point : diagram.points) {
    slopes.values.push_back(point.chi_1);
    depths.values.push_back(point.correlation_depth.value_or(nothing));
  }
  plot::Chart phases;
  phases.title = "phases, slope χ_{1}";
  phases.x.label = diagram.sweeps[0].parameter;
  phases.y.label = diagram.sweeps[1].parameter;
  if (!diagram.edge.empty()) phases.series = {edge_series(diagram)};
  plot::Chart depth = phases;
  phases.heat_map = slopes;
  for (const Phase phase : {Phase::ordered, Phase::critical, Phase::chaotic, Phase::unbounded})
    if (const std::optional<plot::Note> note = note_of(diagram, phase)) phases.notes.push_back(*note);
  depth.title = "depth scale ξ of the correlation";
  depth.heat_map = depths;
  figure.charts = {phases, depth};
  return figure;
}

}  // namespace

plot::Figure phases_figure(const PhaseDiagram& diagram) {
  return diagram.sweeps.size() > 1 ? plane_figure(diagram) : sweep_figure(diagram);
}

namespace {

/// Where the correlation goes in an iteration, a curve for each value.
plot::Chart map_chart(const Recursion& recursion, const FixedPoint& point) {
  plot::Chart map;
  map.title = "one iteration";
  map.x = {.label = "correlation u", .minimum = -1, .maximum = 1};
  map.y = {.label = "u after it", .minimum = -1, .maximum = 1};
  std::vector<double> correlations;
  for (int i = 0; i <= 400; ++i) correlations.push_back(-1 + i / 200.0);
  const bool one = point.values.size() == 1;
  for (std::size_t i = 0; i < point.values.size(); ++i) {
    map.series.push_back({.label = one ? "C(u)/Q" : "of " + point.values[i].name,
                          .x = correlations,
                          .y = correlation_map(recursion, point, correlations, i)});
  }
  map.series.push_back(
      {.label = "unchanged", .x = {-1, 1}, .y = {-1, 1}, .line = plot::Line::dotted, .colour = "#777777"});
  // Of several values the map is one of several correlations, and the fixed point is on no such curve.
  if (one && point.values[0].u) {
    const double u = *point.values[0].u;
    map.series.push_back({.label = fmt::format("u* = {:.4g}", u),
                          .x = {u},
                          .y = {u},
                          .line = plot::Line::none,
                          .marker = plot::Marker::circle,
                          .colour = plot::palette(1)});
  }
  return map;
}

plot::Chart decay_chart(const Recursion& recursion, const FixedPoint& point, std::size_t value) {
  plot::Chart decay;
  decay.title = point.values.size() == 1 ? "by depth" : point.values[value].name + " by depth";
  decay.x = {.label = "iterations", .scale = plot::Scale::logarithmic};
  decay.y = {.label = "1 − u", .scale = plot::Scale::logarithmic};
  // Enough to see where it goes, and no more than a page holds.
  const int depth = static_cast<int>(std::clamp(20 * point.correlation_depth.value_or(50), 50.0, 1000.0));
  std::size_t index = 0;
  for (const double start : {-0.5, 0.0, 0.5, 0.9, 0.99}) {
    plot::Series series;
    series.label = fmt::format("inputs with u = {}{:g}", start < 0 ? "−" : "", std::abs(start));
    series.colour = plot::sequential(0.2 * static_cast<double>(index++));
    series.y = follow_correlation(recursion, start, depth, value);
    if (!series.y.empty()) series.y.erase(series.y.begin());
    // Below this 1 - u is rounding.
    for (double& y : series.y) y = y < 1e-13 ? nothing : y;
    for (std::size_t i = 0; i < series.y.size(); ++i) series.x.push_back(static_cast<double>(i + 1));
    if (drawable(series, true)) decay.series.push_back(series);
  }
  return decay;
}

}  // namespace

plot::Figure recursion_figure(const Recursion& recursion, const FixedPoint& point) {
  plot::Figure figure;
  figure.title = recursion.network();
  figure.charts = {map_chart(recursion, point)};
  for (std::size_t i = 0; i < point.values.size(); ++i) {
    plot::Chart decay = decay_chart(recursion, point, i);
    if (!decay.series.empty()) figure.charts.push_back(std::move(decay));
  }
  return figure;
}

}  // namespace ntkc::cli
