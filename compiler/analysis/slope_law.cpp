#include "compiler/analysis/slope_law.hpp"

#include <cmath>

namespace ntkc::analysis {

SlopeLaw fit_slope(const std::function<double(double)>& slope) {
  const double at_one = slope(0);
  const auto difference = [&](double distance) { return at_one - slope(distance); };
  // Rounding makes errors of 1e-16 of the slope, the next power those of the order of the difference itself.
  constexpr double least = 1e-8;
  double distance = 1e-3;
  double here = difference(distance);
  if (!(here > 10 * least * at_one)) return {};
  while (distance > 1e-30 && difference(distance / 16) > least * at_one) {
    distance /= 16;
    here = difference(distance);
  }
  const double exponent = std::log(difference(4 * distance) / here) / std::log(4);
  // If the coefficient is another one farther off, there is no power law, or one that holds only nearer to the
  // limit of q.
  const double farther = std::log(difference(64 * distance) / difference(16 * distance)) / std::log(4);
  if (!(exponent > 0) || !(std::abs(exponent - farther) < 1e-3)) return {};
  return {here / std::pow(distance, exponent), exponent};
}

}  // namespace ntkc::analysis
