// What `ntkc analyze` says, as text and as JSON.
#pragma once

#include <string>

#include "cli/console.hpp"
#include "ntkc/analysis.hpp"

namespace ntkc::cli {

std::string fixed_point_text(const std::string& network, const FixedPoint& point);
/// Of the value with this number.
std::string conditioning_text(const FixedPoint& point, std::size_t value, const Conditioning& conditioning);
Json fixed_point_json(const FixedPoint& point);
Json conditioning_json(const Conditioning& conditioning);

/// One parameter: a line for each value. Two: how many values are in which phase. Then the edge of chaos.
std::string phases_text(const PhaseDiagram& diagram);
Json phases_json(const PhaseDiagram& diagram);

}  // namespace ntkc::cli
