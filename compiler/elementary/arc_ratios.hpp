// The two functions of a correlation that kernels of piecewise linear activations are made of.
#pragma once

#include "compiler/elementary/quad.hpp"

namespace ntkc::elementary {

/// P(z) = asin(√z)/√z, and 1 at 0.
Quad arcsine_ratio(Quad z);
double arcsine_ratio(double z);

/// Q(z) = (sin θ - θ cos θ)/z^(3/2), sin(θ/2) = √z, for 0 ≤ z ≤ 1/2, and 8/3 at 0.
Quad arccosine_ratio(Quad z);
double arccosine_ratio(double z);

}  // namespace ntkc::elementary
