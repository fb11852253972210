// Tails of the normal distribution, and Dawson's integral, in double and in quadruple precision.
#pragma once

#include "compiler/elementary/quad.hpp"

namespace ntkc::elementary {

/// e^s P(U > x), U ~ N(0, 1): the factor may be large where the tail is small.
double normal_tail(double x, double s);
Quad normal_tail(Quad x, Quad s);

/// e^s P(U > h, V > k) for standard normal U and V of correlation ρ, z = (1 - ρ)/2 and zbar = (1 + ρ)/2.
/// In double precision the absolute error is about 1e-15 e^s times the larger of the two tails. In quadruple
/// precision it is ∫_h^∞ e^(s - u²/2) P(V > k | U = u) du/√(2π) by quadrature, to about 1e-26, and NaN if h,
/// k or s is not finite or z or zbar negative.
double normal_orthant(double h, double k, double z, double zbar, double s);
Quad normal_orthant(Quad h, Quad k, Quad z, Quad zbar, Quad s);

/// e^(-x²) ∫₀ˣ e^(t²) dt, to a few roundings.
double dawson(double x);
Quad dawson(Quad x);

}  // namespace ntkc::elementary
