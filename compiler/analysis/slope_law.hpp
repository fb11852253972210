// How the map of correlations bends near u = 1.
#pragma once

#include <functional>

namespace ntkc::analysis {

/// χ(1) - χ(u) ≈ coefficient · (1 - u)^exponent for u near 1: exponent 1 for smooth activations, 1/2 for
/// those with a kink. Coefficient 0: the map is linear, or bends by no power.
struct SlopeLaw {
  double coefficient = 0;
  double exponent = 1;
};

/// From χ as a function of 1 - u. Where rounding and the next power leave as little as possible: about 1e-7
/// of the coefficient.
SlopeLaw fit_slope(const std::function<double(double)>& slope);

}  // namespace ntkc::analysis
