// Heat maps and their colour bars.
#pragma once

#include <vector>

#include "ntkc/plot.hpp"
#include "runtime/plot/axis_scale.hpp"
#include "runtime/plot/geometry.hpp"
#include "runtime/plot/svg.hpp"

namespace ntkc::plot {

/// Half way between neighbouring centres, one more than there are centres.
std::vector<double> cell_edges(const std::vector<double>& centres, Scale scale);

/// What the colour bar needs on the right of the area.
double colour_bar_width(const HeatMap& map);

/// Cells, a frame around `area` and the colour bar.
void draw_heat_map(const HeatMap& map, const Mapping& x, const Mapping& y, const Box& area, Svg& svg);

}  // namespace ntkc::plot
