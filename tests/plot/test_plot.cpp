// Charts: what is in the SVG, and what is refused.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>

#include "ntkc/plot.hpp"
#include "tests/plot/svg_document.hpp"

namespace ntkc::tests {
namespace {

using namespace plot;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

Chart one_line(std::vector<double> x, std::vector<double> y) {
  Chart chart;
  chart.series.push_back({.label = "line", .x = std::move(x), .y = std::move(y)});
  return chart;
}

bool has_text(const std::string& svg, const std::string& text) {
  const std::vector<std::string> texts = texts_of(svg);
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

int count(const std::string& svg, const std::string& element) {
  const std::vector<Element> elements = read_svg(svg);
  return static_cast<int>(std::count_if(elements.begin(), elements.end(),
                                        [&](const Element& candidate) { return candidate.name == element; }));
}

std::string message_of(const Chart& chart) {
  try {
    render(chart);
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

/// Of everything: two panels, all kinds of series, a band, references, notes, a heat map.
Figure sample_figure() {
  Chart left;
  left.title = "lines & <points>";
  left.x = {.label = "width n", .scale = Scale::logarithmic, .ticks = {256, 1024, 4096}};
  left.y = {.label = "deviation", .scale = Scale::logarithmic};
  left.series.push_back({.label = "Θ_{2}",
                         .x = {256, 1024, 4096},
                         .y = {0.04, 0.02, 0.01},
                         .error = {0.01, 0.005, 0.02},
                         .line = Line::none,
                         .marker = Marker::circle});
  left.series.push_back({.label = "n^{-1/2}", .x = {256, 4096}, .y = {0.04, 0.01}, .line = Line::dashed});
  left.bands.push_back({.label = "range", .x = {256, 4096}, .lower = {0.03, 0.008}, .upper = {0.05, 0.012}});
  left.references.push_back({Direction::horizontal, 0.02, "half"});
  Chart right;
  right.title = "phases";
  right.heat_map = HeatMap{.x = {0, 1, 2}, .y = {0, 1}, .values = {1, 2, nan, 3, 3, 4}};
  right.notes.push_back({1, 0.5, "ordered"});
  return {.title = "both", .charts = {left, right}, .chart_width = 300, .chart_height = 220};
}

TEST_CASE("a figure of everything is as it was reviewed") {
  const std::string path = NTKC_SOURCE_DIR "/tests/plot/sample.svg";
  const std::string svg = render(sample_figure());
  if (std::getenv("NTKC_UPDATE_GOLDENS") != nullptr) std::ofstream(path) << svg;
  std::ifstream file(path);
  const std::string expected{std::istreambuf_iterator<char>(file), {}};
  CHECK(svg == expected);
}

TEST_CASE("a figure is well-formed XML with its titles, labels and legend as text") {
  const std::string svg = render(sample_figure());
  for (const char* const text : {"both", "lines & <points>", "width n", "deviation", "Θ2", "n-1/2", "range",
                                 "half", "phases", "ordered", "256", "1024", "4096"}) {
    CAPTURE(text);
    CHECK(has_text(svg, text));
  }
  CHECK(count(svg, "circle") == 4);  // three points and the legend's
  CHECK(read_svg(svg).front().name == "svg");
}

TEST_CASE("hostile text stays text") {
  Chart chart = one_line({0, 1}, {0, 1});
  chart.title = "</text><script>alert(1)</script>\" onload='x' \x01 \xff \xc0\x80 \xed\xa0\x80 _{open";
  chart.series[0].colour = "red\"/><script/>";
  const std::string svg = render(chart);
  CHECK(count(svg, "script") == 0);
  CHECK(has_text(svg,
                 "</text><script>alert(1)</script>\" onload='x' \uFFFD \uFFFD \uFFFD\uFFFD "
                 "\uFFFD\uFFFD\uFFFD _{open"));
}

TEST_CASE("linear ticks are at multiples of 1, 2 or 5 times a power of ten") {
  const std::string unit = render(one_line({0, 1}, {-1, 1}));
  for (const char* const label : {"0.0", "0.2", "0.4", "0.6", "0.8", "1.0", "\u22121.0", "\u22120.5", "0.5"})
    CHECK(has_text(unit, label));
  const std::string large = render(one_line({0, 2e6}, {0, 3e-7}));
  CHECK(has_text(large, "×106"));
  CHECK(has_text(large, "×10\u22127"));
  CHECK(has_text(large, "2.0"));
  const std::string narrow = render(one_line({1000, 1000.001}, {0, 1}));
  CHECK(has_text(narrow, "1000.0002"));
}

TEST_CASE("logarithmic ticks are decades, with 2 and 5 if there are few") {
  Chart chart = one_line({1, 1e6}, {1, 30});
  chart.x.scale = chart.y.scale = Scale::logarithmic;
  const std::string svg = render(chart);
  for (const char* const label : {"100", "102", "106", "1", "2", "5", "10", "20"}) {
    CAPTURE(label);
    CHECK(has_text(svg, label));
  }
  chart = one_line({1, 1e40}, {2, 2.001});
  chart.x.scale = chart.y.scale = Scale::logarithmic;
  const std::string wide = render(chart);
  CHECK(has_text(wide, "1040"));
  CHECK_FALSE(has_text(wide, "1039"));
  CHECK(has_text(wide, "2.0002"));  // no decade inside: linear ticks
}

TEST_CASE("points that cannot be drawn are left out and interrupt the line") {
  const auto subpaths = [](const std::string& svg) {
    for (const Element& element : read_svg(svg))
      if (element.name == "path" && element.attributes.at("stroke") == "#0072b2") {
        const std::string& d = element.attributes.at("d");
        return static_cast<int>(std::count(d.begin(), d.end(), 'M'));
      }
    return 0;
  };
  CHECK(subpaths(render(one_line({0, 1, 2, 3}, {0, 1, 2, 3}))) == 1);
  for (const double bad : {nan, infinity, -infinity, 1e305})
    CHECK(subpaths(render(one_line({0, 1, 2, 3, 4}, {0, 1, bad, 3, 4}))) == 2);
  Chart logarithmic = one_line({0, 1, 2, 3, 4}, {1, 2, 0, 3, 4});
  logarithmic.y.scale = Scale::logarithmic;
  CHECK(subpaths(render(logarithmic)) == 2);
  const std::string svg = render(one_line({0, nan, 2}, {1, infinity, 1}));
  CHECK(svg.find("nan") == std::string::npos);
  CHECK(svg.find("inf") == std::string::npos);
}

TEST_CASE("lines are cut at the limits of an axis") {
  Chart chart = one_line({0, 1e9}, {0, 1e9});
  chart.x.maximum = 1;
  chart.y.minimum = 0;
  chart.y.maximum = 0.5;
  for (const Element& element : read_svg(render(chart))) {
    if (element.name != "path" || element.attributes.at("stroke") != "#0072b2") continue;
    const std::string& d = element.attributes.at("d");
    CHECK(std::abs(std::atof(d.c_str() + d.find('L') + 1)) < 400);
  }
}

TEST_CASE("the legend is never over the data") {
  // A free corner is taken; where there is none the legend goes above the chart.
  const auto legend_top = [](const Chart& chart) {
    for (const Element& element : read_svg(render(chart)))
      if (element.name == "text" && element.text == "line")
        return std::atof(element.attributes.at("y").c_str());
    return 0.0;
  };
  CHECK(legend_top(one_line({0, 1}, {0, 1})) > 15);
  std::vector<double> x;
  std::vector<double> y;
  for (int i = 0; i <= 400; ++i) {
    x.push_back(i);
    y.push_back(i % 2);
  }
  CHECK(legend_top(one_line(x, y)) < 30);
  CHECK(legend_top(one_line(x, y)) > 0);
}

TEST_CASE("ranges of one point, equal values and extreme values have room") {
  for (const double value : {0.0, 1.0, -3.0, 1e-300, 1e300, -1e300, 5e-324}) {
    CAPTURE(value);
    const std::string svg = render(one_line({1}, {value}));
    CHECK(svg.find("nan") == std::string::npos);
    CHECK(count(svg, "text") > 4);
  }
  Chart chart = one_line({1, 2}, {3, 3});
  chart.y.scale = Scale::logarithmic;
  CHECK(has_text(render(chart), "5"));
  chart.y.minimum = 100;  // above all data
  CHECK(render(chart).find("nan") == std::string::npos);
  chart.y.minimum = {};
  chart.y.maximum = 0.1;  // below all data
  CHECK(render(chart).find("nan") == std::string::npos);
}

TEST_CASE("heat maps: blank cells, neighbours of one colour, a colour bar") {
  Chart chart;
  chart.heat_map = HeatMap{.x = {0, 1, 2}, .y = {0, 1}, .values = {1, 1, nan, 1, 2, 2}};
  const int bar = 64 + 3;  // steps, two frames, background
  CHECK(count(render(chart), "rect") == bar + 3);
  chart.heat_map->centre = 1.5;
  chart.heat_map->values_axis.label = "χ";
  CHECK(has_text(render(chart), "χ"));
  chart.heat_map->values.assign(6, nan);
  CHECK(count(render(chart), "rect") == bar);
}

TEST_CASE("what cannot be drawn is refused, and the chart is named") {
  CHECK_THROWS_WITH_AS(render(Figure{}), "a figure without a chart has nothing to draw", InputError);
  Chart chart = one_line({}, {});
  chart.title = "empty";
  CHECK(message_of(chart) == "chart `empty`: nothing to draw, no point is finite");
  chart = one_line({1, 2}, {0, -1});
  chart.y.scale = Scale::logarithmic;
  CHECK(message_of(chart) ==
        "chart 1: nothing to draw, no point is finite and positive on the logarithmic axes");
  chart = one_line({1, 2}, {1});
  CHECK(message_of(chart) == "chart 1: `line` has 2 points on the x axis and 1 values");
  chart = one_line({1, 2}, {1, 2});
  chart.series[0].error = {1};
  CHECK(message_of(chart) == "chart 1: `line` has 2 points on the x axis and 1 error bars");
  chart = one_line({1, 2}, {1, 2});
  chart.bands.push_back({.label = "band", .x = {1, 2}, .lower = {1, 2}, .upper = {1}});
  CHECK(message_of(chart) == "chart 1: `band` has 2 points on the x axis and 1 upper values");
  chart = one_line({1, 2}, {1, 2});
  chart.x.minimum = 3;
  chart.x.maximum = 3;
  CHECK(message_of(chart) == "chart 1, x axis: an axis from 3 to 3 is empty");
  chart.x.minimum = nan;
  CHECK(message_of(chart) == "chart 1, x axis: the limit nan of an axis is not finite");
  chart = Chart{};
  chart.heat_map = HeatMap{.x = {0, 1}, .y = {0, 0}, .values = {1, 2, 3, 4}};
  CHECK(message_of(chart) == "chart 1: the rows and columns of a heat map must be two at least, ascending");
  chart.heat_map->y = {0, 1, 2};
  CHECK(message_of(chart) == "chart 1: a heat map of 2 × 3 cells has 4 values");
}

TEST_CASE("colours: the palette repeats, sequential colours become lighter") {
  CHECK(palette(0) == "#0072b2");
  CHECK(palette(7) == palette(0));
  const auto lightness = [](const std::string& colour) {
    const auto channel = [&](std::size_t at) { return std::stoi(colour.substr(at, 2), nullptr, 16); };
    return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
  };
  for (int i = 0; i < 20; ++i) {
    CAPTURE(i);
    CHECK(lightness(sequential(i / 20.0)) < lightness(sequential((i + 1) / 20.0)));
  }
}

}  // namespace
}  // namespace ntkc::tests
