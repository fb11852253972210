#include "compiler/analysis/slope_law.hpp"

#include <cmath>

namespace ntkc::analysis {

SlopeLaw fit_differences(double at_one, double at_four, double distance, double scale) {
  // Rounding makes differences of up to 1e-14 of the values; a thousand times that leaves three digits.
  if (!(at_one > 1e-11 * scale) || !(at_four > at_one)) return {};
  const double exponent = std::log(at_four / at_one) / std::log(4);
  return {at_one / std::pow(distance, exponent), exponent};
}

SlopeLaw fit_slope(CovarianceMap& map, double q, double growth, double distance) {
  const double chi = map.theta(q);
  const auto difference = [&](double from_one) {
    return (chi - map.theta(q, Correlation::below_one(from_one))) / growth;
  };
  return fit_differences(difference(distance), difference(4 * distance), distance, chi / growth);
}

}  // namespace ntkc::analysis
