#include "runtime/plot/panel.hpp"

#include <array>
#include <cmath>

#include "runtime/plot/axis_scale.hpp"
#include "runtime/plot/check_chart.hpp"
#include "runtime/plot/heat_map.hpp"
#include "runtime/plot/legend.hpp"
#include "runtime/plot/text.hpp"

namespace ntkc::plot {

namespace {

constexpr std::string_view ink = "#222222";
constexpr std::string_view grid = "#e6e6e6";
constexpr std::string_view guide = "#777777";
constexpr double tick_size = 11;

std::string colour_of(const std::string& colour, std::size_t index) {
  return colour.empty() ? palette(index) : colour;
}

class Panel {
 public:
  Panel(const Chart& chart, const std::string& place) : chart_(chart) {
    check_chart(chart, place);
    measure(place);
    list_legend();
  }

  void draw(const Box& box, Svg& svg) {
    lay_out(box, 0);
    Svg data;
    draw_data(data);
    std::optional<Box> free;
    if (!legend_.empty() && !chart_.heat_map) free = free_place(legend_, area_, obstacles_);
    if (!legend_.empty() && !free) {
      lay_out(box, rows_height(legend_, area_.width()));
      data = Svg();
      draw_data(data);
    }
    draw_axes(box, svg);
    svg.append(data);
    if (free) draw_column(legend_, *free, svg);
    if (!legend_.empty() && !free) {
      const double top = area_.top - rows_height(legend_, area_.width());
      draw_rows(legend_, {area_.left, top, area_.right, area_.top}, svg);
    }
  }

 private:
  void measure(const std::string& place) {
    Extent x(chart_.x.scale);
    Extent y(chart_.y.scale);
    bool marked = false;
    for (const Series& series : chart_.series) {
      marked |= series.marker != Marker::none;
      for (std::size_t i = 0; i < series.x.size(); ++i) {
        if (!is_drawable(series.x[i], series.y[i])) continue;
        x.include(series.x[i]);
        y.include(series.y[i]);
        if (series.error.empty()) continue;
        y.include(series.y[i] - series.error[i]);
        y.include(series.y[i] + series.error[i]);
      }
    }
    for (const Band& band : chart_.bands)
      for (std::size_t i = 0; i < band.x.size(); ++i) {
        if (!is_drawable(band.x[i], band.lower[i]) || !is_drawable(band.x[i], band.upper[i])) continue;
        x.include(band.x[i]);
        y.include(band.lower[i]);
        y.include(band.upper[i]);
      }
    if (chart_.heat_map) {
      for (const double edge : cell_edges(chart_.heat_map->x, chart_.x.scale)) x.include(edge);
      for (const double edge : cell_edges(chart_.heat_map->y, chart_.y.scale)) y.include(edge);
    }
    if (x.empty()) {
      const bool linear = chart_.x.scale == Scale::linear && chart_.y.scale == Scale::linear;
      throw InputError(place + ": nothing to draw, no point is finite" +
                       (linear ? "" : " and positive on the logarithmic axes"));
    }
    for (const Reference& reference : chart_.references)
      (reference.direction == Direction::vertical ? x : y).include(reference.value);
    const bool tight = chart_.heat_map.has_value();
    x_ = make_mapping(chart_.x, x, tight ? 0 : marked ? 0.04 : 0, place + ", x axis");
    y_ = make_mapping(chart_.y, y, tight ? 0 : 0.05, place + ", y axis");
  }

  [[nodiscard]] bool is_drawable(double x, double y) const {
    return drawable(x, chart_.x.scale) && drawable(y, chart_.y.scale);
  }

  void list_legend() {
    for (std::size_t i = 0; i < chart_.bands.size(); ++i)
      if (const Band& band = chart_.bands[i]; !band.label.empty())
        legend_.push_back({band.label, colour_of(band.colour, i), Line::none, Marker::none, true});
    for (std::size_t i = 0; i < chart_.series.size(); ++i)
      if (const Series& series = chart_.series[i]; !series.label.empty())
        legend_.push_back({series.label, colour_of(series.colour, i), series.line, series.marker, false});
  }

  /// Sets the area of the data inside `box`, below `legend_height` of legend, and the mappings to it.
  void lay_out(const Box& box, double legend_height) {
    area_.top = box.top + (chart_.title.empty() ? 14 : 32) + legend_height;
    area_.bottom = box.bottom - (chart_.x.label.empty() ? 30 : 48);
    y_.pixel_low = area_.bottom;
    y_.pixel_high = area_.top;
    y_ticks_ = make_ticks(chart_.y, y_, std::max(2, static_cast<int>(area_.height() / 42)));
    double labels = 0;
    for (const Tick& tick : y_ticks_.ticks) labels = std::max(labels, text_width(tick.label, tick_size));
    area_.left = box.left + 14 + labels + (chart_.y.label.empty() ? 6 : 26);
    area_.right = box.right - 18;
    if (chart_.heat_map) area_.right -= colour_bar_width(*chart_.heat_map);
    x_.pixel_low = area_.left;
    x_.pixel_high = area_.right;
    x_ticks_ = make_ticks(chart_.x, x_, std::max(2, static_cast<int>(area_.width() / 62)));
  }

  void draw_axes(const Box& box, Svg& svg) const {
    for (const Tick& tick : x_ticks_.ticks) {
      const double x = x_(tick.value);
      if (!tick.label.empty()) svg.line({x, area_.top}, {x, area_.bottom}, grid, 0.8);
      svg.line({x, area_.bottom}, {x, area_.bottom + (tick.label.empty() ? 3 : 5)}, ink, 0.8);
      svg.text({x, area_.bottom + 17}, tick.label, {.anchor = Anchor::middle, .size = tick_size});
    }
    for (const Tick& tick : y_ticks_.ticks) {
      const double y = y_(tick.value);
      if (!tick.label.empty()) svg.line({area_.left, y}, {area_.right, y}, grid, 0.8);
      svg.line({area_.left - (tick.label.empty() ? 3 : 5), y}, {area_.left, y}, ink, 0.8);
      svg.text({area_.left - 8, y + 0.35 * tick_size}, tick.label,
               {.anchor = Anchor::end, .size = tick_size});
    }
    svg.line({area_.left, area_.bottom}, {area_.right, area_.bottom}, ink, 1);
    svg.line({area_.left, area_.top}, {area_.left, area_.bottom}, ink, 1);
    const double middle = (area_.left + area_.right) / 2;
    svg.text({middle, box.top + 20}, chart_.title, {.anchor = Anchor::middle, .size = 13, .bold = true});
    svg.text({middle, area_.bottom + 36}, chart_.x.label, {.anchor = Anchor::middle});
    svg.text({area_.right, area_.bottom + 31}, x_ticks_.factor, {.anchor = Anchor::end, .size = tick_size});
    svg.text({box.left + 20, (area_.top + area_.bottom) / 2}, chart_.y.label,
             {.anchor = Anchor::middle, .upwards = true});
    svg.text({area_.left - 6, area_.top - 6}, y_ticks_.factor, {.size = tick_size});
  }

  void draw_data(Svg& svg) {
    obstacles_.clear();
    if (chart_.heat_map) draw_heat_map(*chart_.heat_map, x_, y_, area_, svg);
    for (std::size_t i = 0; i < chart_.bands.size(); ++i) draw_band(chart_.bands[i], i, svg);
    for (const Reference& reference : chart_.references) draw_reference(reference, svg);
    for (std::size_t i = 0; i < chart_.series.size(); ++i) draw_series(chart_.series[i], i, svg);
    for (const Reference& reference : chart_.references) label_reference(reference, svg);
    for (const Note& note : chart_.notes) draw_note(note, svg);
  }

  void draw_band(const Band& band, std::size_t index, Svg& svg) {
    const std::string colour = colour_of(band.colour, index);
    std::vector<Point> upper;
    std::vector<Point> lower;
    const auto finish = [&] {
      if (upper.size() > 1) {
        upper.insert(upper.end(), lower.rbegin(), lower.rend());
        svg.polygon(upper, colour, 0.25);
      }
      upper.clear();
      lower.clear();
    };
    for (std::size_t i = 0; i < band.x.size(); ++i) {
      if (!is_drawable(band.x[i], band.lower[i]) || !is_drawable(band.x[i], band.upper[i]) ||
          x_.fraction(band.x[i]) < 0 || x_.fraction(band.x[i]) > 1) {
        finish();
        continue;
      }
      const auto height = [&](double y) { return std::clamp(y_(y), area_.top, area_.bottom); };
      upper.push_back({x_(band.x[i]), height(band.upper[i])});
      lower.push_back({x_(band.x[i]), height(band.lower[i])});
      obstacles_.push_back({upper.back(), lower.back()});
    }
    finish();
  }

  void draw_series(const Series& series, std::size_t index, Svg& svg) {
    const std::string colour = colour_of(series.colour, index);
    // A hair more than the area, so that rounding cuts nothing off at its edges.
    const Box visible = area_.grown(0.01);
    std::vector<std::vector<Point>> lines;
    Point before;
    bool joined = false;  // to `before`
    for (std::size_t i = 0; i < series.x.size(); ++i) {
      if (!is_drawable(series.x[i], series.y[i])) {
        joined = false;
        continue;
      }
      const Point at = {x_(series.x[i]), y_(series.y[i])};
      if (series.line != Line::none) extend(lines, joined ? before : at, at, visible);
      before = at;
      joined = true;
      if (!series.error.empty()) draw_error_bar(series, i, at, colour, svg);
    }
    svg.polylines(lines, colour, 1.8, dashes_of(series.line));
    for (std::size_t i = 0; i < series.x.size() && series.marker != Marker::none; ++i) {
      if (!is_drawable(series.x[i], series.y[i])) continue;
      const Point at = {x_(series.x[i]), y_(series.y[i])};
      if (!visible.contains(at)) continue;
      svg.marker(series.marker, at, colour);
      obstacles_.push_back({{at.x - 4, at.y - 4}, {at.x + 4, at.y + 4}});
    }
  }

  /// Adds the visible part of a segment to the line that ends where it begins, or begins a new one.
  void extend(std::vector<std::vector<Point>>& lines, Point from, Point to, const Box& visible) {
    const std::optional<Segment> part = clipped({from, to}, visible);
    if (!part) return;
    obstacles_.push_back(*part);
    const auto same = [](Point a, Point b) { return a.x == b.x && a.y == b.y; };
    if (lines.empty() || !same(lines.back().back(), part->from) || same(part->from, part->to))
      lines.push_back({part->from});
    lines.back().push_back(part->to);
  }

  void draw_error_bar(const Series& series, std::size_t i, Point at, const std::string& colour, Svg& svg) {
    const double error = series.error[i];
    if (!(error > 0) || !drawable(series.y[i] + error, Scale::linear)) return;
    const double low = series.y[i] - error;
    const double bottom = drawable(low, chart_.y.scale) ? y_(low) : area_.bottom;
    const std::optional<Segment> bar = clipped({{at.x, bottom}, {at.x, y_(series.y[i] + error)}}, area_);
    if (!bar) return;
    obstacles_.push_back(*bar);
    svg.line(bar->from, bar->to, colour, 1.2);
    for (const Point end : {bar->from, bar->to})
      svg.line({end.x - 3, end.y}, {end.x + 3, end.y}, colour, 1.2);
  }

  [[nodiscard]] std::optional<Segment> segment_of(const Reference& reference) const {
    const bool vertical = reference.direction == Direction::vertical;
    if (!drawable(reference.value, vertical ? chart_.x.scale : chart_.y.scale)) return std::nullopt;
    if (vertical)
      return clipped({{x_(reference.value), area_.bottom}, {x_(reference.value), area_.top}}, area_);
    return clipped({{area_.left, y_(reference.value)}, {area_.right, y_(reference.value)}}, area_);
  }

  void draw_reference(const Reference& reference, Svg& svg) {
    const std::optional<Segment> segment = segment_of(reference);
    if (!segment) return;
    svg.line(segment->from, segment->to, guide, 1, "5 4");
    obstacles_.push_back(*segment);
  }

  /// At the end of the line, on the side where there is room.
  void label_reference(const Reference& reference, Svg& svg) {
    const std::optional<Segment> segment = segment_of(reference);
    if (!segment || reference.label.empty()) return;
    const double width = text_width(reference.label, tick_size);
    const auto box_at = [&](double left, double top) { return Box{left, top, left + width, top + 13}; };
    std::vector<Box> candidates;
    if (reference.direction == Direction::horizontal) {
      const double y = segment->from.y;
      for (const double left : {area_.right - width - 4, area_.left + 6})
        for (const double top : {y - 16, y + 3}) candidates.push_back(box_at(left, top));
    } else {
      const double x = segment->from.x;
      for (const double top : {area_.top + 3, area_.bottom - 17, (area_.top + area_.bottom) / 2})
        for (const double left : {x + 5, x - 5 - width}) candidates.push_back(box_at(left, top));
    }
    std::erase_if(candidates, [&](const Box& box) {
      return box.left < area_.left || box.right > area_.right || box.top < area_.top - 1 ||
             box.bottom > area_.bottom + 1;
    });
    if (candidates.empty()) return;
    const Box box = first_free(candidates, obstacles_).value_or(candidates.front());
    svg.text({box.left, box.top + 10}, reference.label,
             {.size = tick_size, .colour = "#555555", .halo = true});
    block(box);
  }

  void draw_note(const Note& note, Svg& svg) {
    if (!is_drawable(note.x, note.y)) return;
    const Point at = {x_(note.x), y_(note.y)};
    if (!area_.contains(at)) return;
    svg.text({at.x, at.y + 4}, note.text, {.anchor = Anchor::middle, .halo = true});
    const double half = text_width(note.text) / 2;
    block({at.x - half, at.y - 7, at.x + half, at.y + 7});
  }

  /// Keeps the legend off a box.
  void block(const Box& box) {
    obstacles_.push_back({{box.left, box.top}, {box.right, box.bottom}});
    obstacles_.push_back({{box.left, box.bottom}, {box.right, box.top}});
  }

  const Chart& chart_;
  Box area_;
  Mapping x_;
  Mapping y_;
  Ticks x_ticks_;
  Ticks y_ticks_;
  std::vector<LegendEntry> legend_;
  std::vector<Segment> obstacles_;  // what is drawn, as far as the legend must not cover it
};

}  // namespace

void draw_panel(const Chart& chart, const Box& box, const std::string& place, Svg& svg) {
  Panel(chart, place).draw(box, svg);
}

}  // namespace ntkc::plot
