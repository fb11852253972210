// One chart of a figure.
#pragma once

#include "ntkc/plot.hpp"
#include "runtime/plot/geometry.hpp"
#include "runtime/plot/svg.hpp"

namespace ntkc::plot {

/// Draws the chart into a box, its title and labels included. `place` names it in errors.
void draw_panel(const Chart& chart, const Box& box, const std::string& place, Svg& svg);

}  // namespace ntkc::plot
