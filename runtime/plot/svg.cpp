#include "runtime/plot/svg.hpp"

#include <fmt/format.h>

#include "runtime/plot/text.hpp"

namespace ntkc::plot {

namespace {

std::string point(Point p) { return coordinate(p.x) + "," + coordinate(p.y); }

std::string stroke(std::string_view colour, double width, std::string_view dashes) {
  std::string result = fmt::format("stroke=\"{}\" stroke-width=\"{}\"", escaped(colour), coordinate(width));
  if (!dashes.empty()) result += fmt::format(" stroke-dasharray=\"{}\"", dashes);
  return result;
}

std::string rectangle(const Box& box) {
  return fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"", coordinate(box.left),
                     coordinate(box.top), coordinate(box.width()), coordinate(box.height()));
}

}  // namespace

std::string coordinate(double value) {
  std::string text = fmt::format("{:.2f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

void Svg::line(Point from, Point to, std::string_view colour, double width, std::string_view dashes) {
  text_ += fmt::format("<path d=\"M{}L{}\" {}/>\n", point(from), point(to), stroke(colour, width, dashes));
}

void Svg::polylines(const std::vector<std::vector<Point>>& lines, std::string_view colour, double width,
                    std::string_view dashes) {
  std::string path;
  for (const std::vector<Point>& line : lines)
    for (std::size_t i = 0; i < line.size(); ++i)
      path += (i == 0 ? "M" : i == 1 ? "L" : " ") + point(line[i]);
  if (path.empty()) return;
  text_ += fmt::format("<path d=\"{}\" fill=\"none\" stroke-linejoin=\"round\" stroke-linecap=\"{}\" {}/>\n",
                       path, dashes.empty() ? "round" : "butt", stroke(colour, width, dashes));
}

void Svg::polygon(const std::vector<Point>& corners, std::string_view colour, double opacity) {
  std::string path;
  for (const Point corner : corners) path += (path.empty() ? "M" : "L") + point(corner);
  text_ += fmt::format("<path d=\"{}Z\" fill=\"{}\" fill-opacity=\"{}\"/>\n", path, escaped(colour),
                       coordinate(opacity));
}

void Svg::box(const Box& box, std::string_view fill, std::string_view stroke_colour) {
  text_ += fmt::format("{} fill=\"{}\" stroke=\"{}\"/>\n", rectangle(box), escaped(fill), stroke_colour);
}

void Svg::cell(const Box& box, std::string_view fill) {
  text_ += fmt::format("{} fill=\"{}\" shape-rendering=\"crispEdges\"/>\n", rectangle(box), escaped(fill));
}

void Svg::marker(Marker shape, Point at, std::string_view colour) {
  const auto path = [&](std::initializer_list<Point> corners) {
    std::string d;
    for (const Point corner : corners)
      d += (d.empty() ? "M" : "L") + point({at.x + corner.x, at.y + corner.y});
    text_ += fmt::format("<path d=\"{}Z\" fill=\"{}\"/>\n", d, escaped(colour));
  };
  switch (shape) {
    case Marker::none:
      break;
    case Marker::circle:
      text_ += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"3.2\" fill=\"{}\"/>\n", coordinate(at.x),
                           coordinate(at.y), escaped(colour));
      break;
    case Marker::square:
      path({{-2.9, -2.9}, {2.9, -2.9}, {2.9, 2.9}, {-2.9, 2.9}});
      break;
    case Marker::triangle:
      path({{0, -4}, {3.7, 2.6}, {-3.7, 2.6}});
      break;
    case Marker::diamond:
      path({{0, -4.2}, {4.2, 0}, {0, 4.2}, {-4.2, 0}});
      break;
  }
}

void Svg::text(Point at, std::string_view content, const TextStyle& style) {
  if (content.empty()) return;
  std::string attributes = fmt::format("x=\"{}\" y=\"{}\"", coordinate(at.x), coordinate(at.y));
  if (style.upwards)
    attributes =
        fmt::format("transform=\"translate({} {}) rotate(-90)\"", coordinate(at.x), coordinate(at.y));
  if (style.size != font_size) attributes += fmt::format(" font-size=\"{}\"", coordinate(style.size));
  if (style.anchor != Anchor::start)
    attributes += style.anchor == Anchor::middle ? " text-anchor=\"middle\"" : " text-anchor=\"end\"";
  if (style.bold) attributes += " font-weight=\"bold\"";
  if (style.halo)
    attributes += " stroke=\"#ffffff\" stroke-width=\"3\" stroke-linejoin=\"round\" paint-order=\"stroke\"";
  text_ += fmt::format("<text {} fill=\"{}\">{}</text>\n", attributes, style.colour, marked_up(content));
}

}  // namespace ntkc::plot
