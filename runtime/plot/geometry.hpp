// Points, segments and boxes in pixels; y grows downwards.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

namespace ntkc::plot {

struct Point {
  double x = 0;
  double y = 0;
};

struct Segment {
  Point from;
  Point to;
};

struct Box {
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;

  [[nodiscard]] double width() const { return right - left; }
  [[nodiscard]] double height() const { return bottom - top; }
  [[nodiscard]] Box grown(double by) const { return {left - by, top - by, right + by, bottom + by}; }
  [[nodiscard]] bool contains(Point p) const {
    return p.x >= left && p.x <= right && p.y >= top && p.y <= bottom;
  }
};

/// The part of a segment inside a box (Liang and Barsky 1984), if there is any.
std::optional<Segment> clipped(const Segment& segment, const Box& box);

/// The first box that no segment meets.
std::optional<Box> first_free(std::span<const Box> candidates, const std::vector<Segment>& obstacles);

}  // namespace ntkc::plot
