// How the map of correlations bends near u = 1.
#pragma once

#include "compiler/analysis/covariance_map.hpp"

namespace ntkc::analysis {

/// χ(1) - χ(u) ≈ coefficient · (1 - u)^exponent for u near 1: exponent 1 for smooth activations, 1/2 for those with
/// a kink. Coefficient 0: the map is linear.
struct SlopeLaw {
  double coefficient = 0;
  double exponent = 1;
};

/// From χ = ∂C/∂c, divided by `growth`, at 1 - u = 1e-6 and 4e-6: relative error 1e-5 at most where the next term
/// of the expansion is of the order of the first times 1 - u or its root.
SlopeLaw fit_slope(CovarianceMap& map, double q, double growth);

/// The same law for any two differences f(1) - f(1 - 1e-6) and f(1) - f(1 - 4e-6) of values of size `scale`.
SlopeLaw fit_differences(double at_one, double at_four, double scale);

}  // namespace ntkc::analysis
