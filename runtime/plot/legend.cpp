#include "runtime/plot/legend.hpp"

#include <array>

#include "runtime/plot/text.hpp"

namespace ntkc::plot {

namespace {

constexpr double size = 11;  // of the text
constexpr double row = 16;
constexpr double swatch = 22;
constexpr double gap = 6;  // between swatch and text
constexpr double between = 16;

double entry_width(const LegendEntry& entry) { return swatch + gap + text_width(entry.label, size); }

/// The entry with its left edge and middle line at `at`.
void draw_entry(const LegendEntry& entry, Point at, Svg& svg) {
  if (entry.band)
    svg.polygon({{at.x, at.y - 5}, {at.x + swatch, at.y - 5}, {at.x + swatch, at.y + 5}, {at.x, at.y + 5}},
                entry.colour, 0.25);
  if (entry.line != Line::none)
    svg.polylines({{at, {at.x + swatch, at.y}}}, entry.colour, 1.8, dashes_of(entry.line));
  svg.marker(entry.marker, {at.x + swatch / 2, at.y}, entry.colour);
  svg.text({at.x + swatch + gap, at.y + 0.35 * size}, entry.label, {.size = size});
}

/// Where each entry goes, in rows of this width.
std::vector<Point> row_places(const std::vector<LegendEntry>& entries, double width) {
  std::vector<Point> places;
  Point at = {0, row / 2};
  for (const LegendEntry& entry : entries) {
    if (at.x > 0 && at.x + entry_width(entry) > width) at = {0, at.y + row};
    places.push_back(at);
    at.x += entry_width(entry) + between;
  }
  return places;
}

}  // namespace

std::string_view dashes_of(Line line) {
  if (line == Line::dashed) return "6 4";
  return line == Line::dotted ? "1.5 3" : "";
}

std::optional<Box> free_place(const std::vector<LegendEntry>& entries, const Box& area,
                              const std::vector<Segment>& obstacles) {
  constexpr double margin = 8;
  double width = 0;
  for (const LegendEntry& entry : entries) width = std::max(width, entry_width(entry));
  const double height = row * static_cast<double>(entries.size());
  const Box inner = area.grown(-margin);
  if (width > inner.width() || height > inner.height()) return std::nullopt;
  const double right = inner.right - width;
  const double bottom = inner.bottom - height;
  const double middle_x = (inner.left + right) / 2;
  const double middle_y = (inner.top + bottom) / 2;
  const std::array<Point, 8> corners = {{{right, inner.top},
                                         {inner.left, inner.top},
                                         {right, bottom},
                                         {inner.left, bottom},
                                         {right, middle_y},
                                         {inner.left, middle_y},
                                         {middle_x, inner.top},
                                         {middle_x, bottom}}};
  std::vector<Box> candidates;
  for (const Point corner : corners)
    candidates.push_back(Box{corner.x, corner.y, corner.x + width, corner.y + height}.grown(5));
  const std::optional<Box> box = first_free(candidates, obstacles);
  if (!box) return std::nullopt;
  return box->grown(-5);
}

void draw_column(const std::vector<LegendEntry>& entries, const Box& box, Svg& svg) {
  svg.box(box.grown(3), "#ffffff");  // hides the grid behind the text
  for (std::size_t i = 0; i < entries.size(); ++i)
    draw_entry(entries[i], {box.left, box.top + row * (static_cast<double>(i) + 0.5)}, svg);
}

double rows_height(const std::vector<LegendEntry>& entries, double width) {
  return entries.empty() ? 0 : row_places(entries, width).back().y + row / 2 + 6;
}

void draw_rows(const std::vector<LegendEntry>& entries, const Box& box, Svg& svg) {
  const std::vector<Point> places = row_places(entries, box.width());
  for (std::size_t i = 0; i < entries.size(); ++i)
    draw_entry(entries[i], {box.left + places[i].x, box.top + places[i].y}, svg);
}

}  // namespace ntkc::plot
