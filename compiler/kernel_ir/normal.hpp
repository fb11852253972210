// Tails of the normal distribution, and Dawson's integral, in quadruple precision. Internal to this folder.
#pragma once

#include "compiler/kernel_ir/quad.hpp"

namespace ntkc::kernel_ir {

/// e^s P(U > x), U ~ N(0, 1).
Quad normal_tail(Quad x, Quad s);

/// e^s P(U > h, V > k) for standard normal U and V of correlation ρ, z = (1 - ρ)/2 and zbar = (1 + ρ)/2:
/// ∫_h^∞ e^(s - u²/2) P(V > k | U = u) du/√(2π) by quadrature, to about 1e-26. NaN if
/// h, k or s is not finite or z or zbar negative.
Quad normal_orthant(Quad h, Quad k, Quad z, Quad zbar, Quad s);

/// e^(-x²) ∫₀ˣ e^(t²) dt, to a few roundings.
Quad dawson(Quad x);

}  // namespace ntkc::kernel_ir
