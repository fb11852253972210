// Tails of the normal distribution in double precision.
#pragma once

namespace ntkc::analysis {

/// e^s P(U > x), U ~ N(0, 1): the factor may be large where the tail is small.
double normal_tail(double x, double s);

/// e^s P(U > h, V > k) for standard normal U and V of correlation ρ, z = (1 - ρ)/2 and zbar = (1 + ρ)/2.
/// Absolute error about 1e-15 e^s times the larger of the two tails.
double normal_orthant(double h, double k, double z, double zbar, double s);

}  // namespace ntkc::analysis
