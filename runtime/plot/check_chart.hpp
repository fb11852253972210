// What must hold of a chart before it can be drawn.
#pragma once

#include <string>

#include "ntkc/plot.hpp"

namespace ntkc::plot {

/// Throws InputError, beginning with `place`, if lengths do not agree or a heat map is no grid.
void check_chart(const Chart& chart, const std::string& place);

}  // namespace ntkc::plot
