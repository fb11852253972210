// `--sweep w=0.5:3:0.05`
#pragma once

#include <string>

#include "ntkc/analysis.hpp"

namespace ntkc::cli {

/// More values of one parameter than anybody looks at.
inline constexpr std::size_t max_sweep_values = 2000;

/// The values from the first number to the second, both included, in steps of the third. Throws UsageError if
/// it is none or if there are more than max_sweep_values.
Sweep parse_sweep(const std::string& text);

}  // namespace ntkc::cli
