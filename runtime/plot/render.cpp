#include <fmt/format.h>

#include <algorithm>

#include "ntkc/plot.hpp"
#include "runtime/plot/panel.hpp"
#include "runtime/plot/svg.hpp"
#include "runtime/plot/text.hpp"

namespace ntkc::plot {

std::string render(const Figure& figure) {
  if (figure.charts.empty()) throw InputError("a figure without a chart has nothing to draw");
  if (figure.columns < 1 || !(figure.chart_width >= 100 && figure.chart_width <= 1e4) ||
      !(figure.chart_height >= 100 && figure.chart_height <= 1e4))
    throw InputError("a figure needs a column at least, and charts of 100 to 10000 pixels");
  const auto count = static_cast<int>(figure.charts.size());
  const int columns = std::min(figure.columns, count);
  const int rows = (count + columns - 1) / columns;
  const double head = figure.title.empty() ? 0 : 30;
  const double width = columns * figure.chart_width;
  const double height = head + rows * figure.chart_height;

  Svg svg;
  svg.box({0, 0, width, height}, "#ffffff");
  if (!figure.title.empty())
    svg.text({width / 2, 22}, figure.title, {.anchor = Anchor::middle, .size = 15, .bold = true});
  for (int i = 0; i < count; ++i) {
    const Chart& chart = figure.charts[static_cast<std::size_t>(i)];
    const double left = i % columns * figure.chart_width;
    const double top = head + i / columns * figure.chart_height;
    const std::string place =
        chart.title.empty() ? fmt::format("chart {}", i + 1) : fmt::format("chart `{}`", chart.title);
    draw_panel(chart, {left, top, left + figure.chart_width, top + figure.chart_height}, place, svg);
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
      "font-family=\"Helvetica, Arial, 'Liberation Sans', sans-serif\" font-size=\"{2}\" "
      "xml:space=\"preserve\" role=\"img\">\n"
      "<title>{3}</title>\n{4}</svg>\n",
      coordinate(width), coordinate(height), font_size,
      escaped(figure.title.empty() ? figure.charts.front().title : figure.title), svg.elements());
}

std::string render(const Chart& chart) { return render(Figure{.charts = {chart}}); }

}  // namespace ntkc::plot
