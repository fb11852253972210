// How the map of correlations bends near u = 1.
#pragma once

#include "compiler/analysis/covariance_map.hpp"

namespace ntkc::analysis {

/// χ(1) - χ(u) ≈ coefficient · (1 - u)^exponent for u near 1: exponent 1 for smooth activations, 1/2 for
/// those with a kink. Coefficient 0: the map is linear.
struct SlopeLaw {
  double coefficient = 0;
  double exponent = 1;
};

/// f(1) - f(u) for any f by its values at u = 1 - distance and 1 - 4·distance. Coefficient 0 where rounding
/// of `scale`, the size of f, hides the differences.
SlopeLaw fit_differences(double at_one, double at_four, double distance, double scale);

/// From χ = ∂C/∂c divided by `growth`. The relative error of the coefficient is of the order of `distance` or
/// its root.
SlopeLaw fit_slope(CovarianceMap& map, double q, double growth, double distance);

}  // namespace ntkc::analysis
