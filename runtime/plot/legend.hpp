// Legends: where the data leave room, else in rows above them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "runtime/plot/geometry.hpp"
#include "runtime/plot/svg.hpp"

namespace ntkc::plot {

struct LegendEntry {
  std::string label;
  std::string colour;
  Line line = Line::none;
  Marker marker = Marker::none;
  bool band = false;
};

/// "6 4" for a dashed line.
std::string_view dashes_of(Line line);

/// A place inside `area` for the legend as a column, free of `obstacles`.
std::optional<Box> free_place(const std::vector<LegendEntry>& entries, const Box& area,
                              const std::vector<Segment>& obstacles);
void draw_column(const std::vector<LegendEntry>& entries, const Box& box, Svg& svg);

/// The height of the legend as rows of this width; 0 for no entries.
double rows_height(const std::vector<LegendEntry>& entries, double width);
void draw_rows(const std::vector<LegendEntry>& entries, const Box& box, Svg& svg);

}  // namespace ntkc::plot
