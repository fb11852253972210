// What a dual is asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace ntkc::duals {

/// 2⁻⁵³ and 2⁻²⁴: half the distance of 1 and the next number.
constexpr double double_roundoff = 0x1p-53;
constexpr double single_roundoff = 0x1p-24;

/// What the expansion of a dual without a closed form has to reach, and for which inputs.
struct ExpansionOptions {
  double tolerance = 1e-12;                     ///< of E[f(u)f(v)], relative to √(E[f(u)²] E[f(v)²])
  double largest_input = 4;                     ///< |x|²/d
  std::vector<std::uint32_t> derivatives = {};  ///< parameters that the program will be differentiated by
  double unit_roundoff = double_roundoff;       ///< of the arithmetic that the program is for
  /// Whether each sample's table is to say what rounding takes of closed forms; finding that takes quadruple
  /// precision, which is lost where there are no tables.
  bool state_losses = true;
  /// What the program may grow to while it is written out, in nodes; beyond it the passes throw
  /// std::length_error.
  std::size_t most_nodes = std::numeric_limits<std::size_t>::max();
  /// What quadrature for expansions may take; beyond it the passes throw hermite::TooMuchWork.
  double most_work = std::numeric_limits<double>::infinity();
};

/// From the smallest to the largest √q found.
struct DeviationRange {
  double low = 0;
  double high = 0;
};

}  // namespace ntkc::duals
