// Colours of heat maps.
#pragma once

#include <string>

namespace ntkc::plot {

/// Blue at 0, white at 1/2, vermilion at 1.
std::string diverging(double fraction);

}  // namespace ntkc::plot
