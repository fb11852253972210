// Polynomials for the functions that machine code evaluates, fitted at compile time on the interval that
// range analysis gives.
#pragma once

#include <vector>

namespace ntkc::codegen {

/// p(t) = Σ coefficients[k] t^k, fitted on [low, high]; `error` is the largest |p - f|/|f| found on a grid of
/// 20 points a degree between the fit's own nodes, coefficients in long double.
struct Polynomial {
  std::vector<long double> coefficients;
  long double error = 0;
};

/// The functions, in long double, to a few 2⁻⁶⁴ of their value on their domains.
enum class FittedFunction : unsigned char {
  arcsine_ratio,     ///< P(z) = asin(√z)/√z, 0 ≤ z ≤ 1/2
  arccosine_ratio,   ///< Q(z) = (sin θ - θ cos θ)/z^(3/2), θ = 2 asin √z, 0 ≤ z ≤ 1/2
  expm1_remainder,   ///< (e^r - 1 - r)/r², |r| ≤ 0.35
  artanh_remainder,  ///< (artanh(√w)/√w - 1)/w, 0 ≤ w ≤ 0.03
  sine_ratio,        ///< sin(√w)/√w, 0 ≤ w ≤ (π/4)²
  cosine_ratio,      ///< (1 - cos √w)/w, 0 ≤ w ≤ (π/4)²
  erf_ratio,         ///< erf(√w)/√w, 0 ≤ w ≤ 1
  erfc_ratio,        ///< (1 + 2x) e^(x²) erfc(x), x = 3.75 (1 + t)/(1 - t), -1 ≤ t ≤ 1, that is x ≥ 0
  erfc_scaled,       ///< e^(x²) erfc(x), x = 3 (1 + t)/(1 - t), -1/2 ≤ t ≤ 1/3, that is 1 ≤ x ≤ 6
  dawson_ratio,      ///< D(√w)/√w, 0 ≤ w ≤ 1, D Dawson's integral
  dawson_near,       ///< D(1.625 + t), |t| ≤ 5/8
  dawson_middle,     ///< D(2.875 + t), |t| ≤ 5/8
  dawson_far,        ///< D(4.25 + t), |t| ≤ 3/4
  dawson_tail,       ///< 2x D(x), w = 1/x², 0 ≤ w ≤ 1/25
};
long double evaluate(FittedFunction function, long double t);

/// The Chebyshev interpolant of lowest degree whose relative error is at most `tolerance`. Chebyshev
/// interpolation is within a small factor of the best approximation (Trefethen 2019, Theorem 16.1), and the
/// functions' coefficients fall geometrically, so a degree or two is all that is lost. Throws
/// std::logic_error if degree 40 is not enough.
Polynomial fit(FittedFunction function, long double low, long double high, long double tolerance);

}  // namespace ntkc::codegen
