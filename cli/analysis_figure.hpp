// The pictures of `ntkc analyze`.
#pragma once

#include <string>

#include "ntkc/analysis.hpp"
#include "ntkc/plot.hpp"

namespace ntkc::cli {

/// The map of correlations with its fixed point, and 1 - u by depth.
plot::Figure recursion_figure(const Recursion& recursion, const FixedPoint& point);
/// One parameter: χ₁, depth scales, fixed points against it. Two: χ₁ and ξ over the plane with the edge of
/// chaos.
plot::Figure phases_figure(const PhaseDiagram& diagram);

}  // namespace ntkc::cli
