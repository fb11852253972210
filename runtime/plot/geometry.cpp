#include "runtime/plot/geometry.hpp"

namespace ntkc::plot {

std::optional<Segment> clipped(const Segment& segment, const Box& box) {
  const double dx = segment.to.x - segment.from.x;
  const double dy = segment.to.y - segment.from.y;
  double enter = 0;
  double leave = 1;
  // The points of the segment with `change · t <= room` are on the inner side of an edge.
  const auto cut = [&](double change, double room) {
    if (change == 0) return room >= 0;
    const double t = room / change;
    if (change < 0)
      enter = std::max(enter, t);
    else
      leave = std::min(leave, t);
    return enter <= leave;
  };
  if (!cut(-dx, segment.from.x - box.left) || !cut(dx, box.right - segment.from.x) ||
      !cut(-dy, segment.from.y - box.top) || !cut(dy, box.bottom - segment.from.y))
    return std::nullopt;
  const auto at = [&](double t) { return Point{segment.from.x + t * dx, segment.from.y + t * dy}; };
  return Segment{enter == 0 ? segment.from : at(enter), leave == 1 ? segment.to : at(leave)};
}

std::optional<Box> first_free(std::span<const Box> candidates, const std::vector<Segment>& obstacles) {
  for (const Box& box : candidates)
    if (std::none_of(obstacles.begin(), obstacles.end(),
                     [&](const Segment& segment) { return clipped(segment, box).has_value(); }))
      return box;
  return std::nullopt;
}

}  // namespace ntkc::plot
