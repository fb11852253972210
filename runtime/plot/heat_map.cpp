#include "runtime/plot/heat_map.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/plot/colours.hpp"
#include "runtime/plot/text.hpp"

namespace ntkc::plot {

namespace {

constexpr double bar_gap = 10;
constexpr double bar_width = 12;

Mapping value_mapping(const HeatMap& map) {
  Extent extent(map.values_axis.scale);
  for (const double value : map.values) extent.include(value);
  // Nothing to colour is no mistake: every cell is blank.
  if (extent.empty()) extent.include(1);
  return make_mapping(map.values_axis, extent, 0, "heat map");
}

std::string colour_at(const HeatMap& map, const Mapping& values, double value) {
  if (!map.centre) return sequential(values.fraction(value));
  const double centre = std::clamp(values.fraction(*map.centre), 0.0, 1.0);
  const double distance = values.fraction(value) - centre;
  // The longer side reaches the end of its colours; equal distances have equally strong colours.
  return diverging(0.5 + 0.5 * distance / std::max(centre, 1 - centre));
}

/// Rows of equally coloured neighbours become one rectangle.
void draw_row(const HeatMap& map, std::size_t row, const std::vector<double>& lefts, double top,
              double bottom, const Mapping& values, Svg& svg) {
  const std::size_t columns = map.x.size();
  const auto colour = [&](std::size_t i) {
    const double value = map.values[row * columns + i];
    return drawable(value, map.values_axis.scale) ? colour_at(map, values, value) : std::string();
  };
  std::size_t begin = 0;
  std::string current = colour(0);
  for (std::size_t i = 1; i <= columns; ++i) {
    const std::string next = i < columns ? colour(i) : std::string("end");
    if (next == current) continue;
    if (!current.empty()) svg.cell({lefts[begin], top, lefts[i], bottom}, current);
    begin = i;
    current = next;
  }
}

void draw_colour_bar(const HeatMap& map, const Mapping& values, const Box& bar, Svg& svg) {
  constexpr int steps = 64;
  Mapping mapping = values;
  mapping.pixel_low = bar.bottom;
  mapping.pixel_high = bar.top;
  const double height = bar.height() / steps;
  for (int i = 0; i < steps; ++i) {
    const double fraction = (i + 0.5) / steps;
    const double value = mapping.scale == Scale::linear
                             ? mapping.low + fraction * (mapping.high - mapping.low)
                             : mapping.low * std::pow(mapping.high / mapping.low, fraction);
    const double bottom = bar.bottom - i * height;
    svg.cell({bar.left, bottom - height, bar.right, bottom}, colour_at(map, values, value));
  }
  svg.box(bar, "none", "#222222");
  const Ticks ticks = make_ticks(map.values_axis, mapping, std::max(2, static_cast<int>(bar.height() / 42)));
  for (const Tick& tick : ticks.ticks) {
    const double y = mapping(tick.value);
    svg.line({bar.right, y}, {bar.right + (tick.label.empty() ? 2.5 : 4), y}, "#222222", 0.8);
    svg.text({bar.right + 7, y + 4}, tick.label, {.size = 11});
  }
  svg.text({bar.left, bar.top - 6}, ticks.factor, {.size = 11});
  svg.text({bar.right + 48, (bar.top + bar.bottom) / 2}, map.values_axis.label,
           {.anchor = Anchor::middle, .upwards = true});
}

}  // namespace

std::vector<double> cell_edges(const std::vector<double>& centres, Scale scale) {
  const bool linear = scale == Scale::linear;
  const auto to = [linear](double value) { return linear ? value : std::log(value); };
  const auto from = [linear](double value) { return linear ? value : std::exp(value); };
  const std::size_t n = centres.size();
  std::vector<double> edges = {from(1.5 * to(centres[0]) - 0.5 * to(centres[1]))};
  for (std::size_t i = 0; i + 1 < n; ++i) edges.push_back(from(0.5 * (to(centres[i]) + to(centres[i + 1]))));
  edges.push_back(from(1.5 * to(centres[n - 1]) - 0.5 * to(centres[n - 2])));
  return edges;
}

double colour_bar_width(const HeatMap& map) {
  return bar_gap + bar_width + 34 + (map.values_axis.label.empty() ? 0 : 12);
}

void draw_heat_map(const HeatMap& map, const Mapping& x, const Mapping& y, const Box& area, Svg& svg) {
  const Mapping values = value_mapping(map);
  std::vector<double> lefts;
  for (const double edge : cell_edges(map.x, x.scale))
    lefts.push_back(std::clamp(x(edge), area.left, area.right));
  std::vector<double> bottoms;
  for (const double edge : cell_edges(map.y, y.scale))
    bottoms.push_back(std::clamp(y(edge), area.top, area.bottom));
  for (std::size_t j = 0; j < map.y.size(); ++j)
    if (bottoms[j + 1] < bottoms[j]) draw_row(map, j, lefts, bottoms[j + 1], bottoms[j], values, svg);
  svg.box(area, "none", "#222222");
  const double left = area.right + bar_gap;
  draw_colour_bar(map, values, {left, area.top, left + bar_width, area.bottom}, svg);
}

}  // namespace ntkc::plot
