#include "compiler/elementary/normal_probabilities.hpp"

#include <quadmath.h>

#include "compiler/elementary/panels.hpp"

namespace ntkc::elementary {

Quad normal_tail(Quad x, Quad s) {
  static const Quad root_half = sqrtq(Quad(0.5));
  if (x < 20) return expq(s) * erfcq(x * root_half) / 2;
  if (s - x * x / 2 < -11500) return 0;  // below what a quadruple holds
  // Laplace's continued fraction for Mills' ratio (DLMF 7.9.2), so that e^s may be large where the tail is
  // small. 34 digits take 20 steps at x = 20, 14 at 40, 10 at 100 and 2 at 10⁶ (against mpmath with 60 digits).
  static const Quad root_two_pi = sqrtq(2 * acosq(Quad(-1)));
  Quad fraction = x;
  for (int k = 8 + static_cast<int>(280 / x); k >= 1; --k) fraction = x + k / fraction;
  return expq(s - x * x / 2) / (root_two_pi * fraction);
}

Quad dawson(Quad x) {
  const Quad square = x * x;
  if (square > 100) {  // DLMF 7.12.1; its least term is below e^(-100)
    Quad sum = 1;
    Quad term = 1;
    for (int k = 1; k < 100 && term > 1e-36; ++k) {
      term *= (2 * k - 1) / (2 * square);
      sum += term;
    }
    return sum / (2 * x);
  }
  // e^(-x²) Σ x^(2k+1)/(k! (2k + 1)), DLMF 7.6.2
  Quad sum = 1;
  Quad power = 1;
  for (int k = 1; power > sum * 1e-36; ++k) {
    power *= square / k;
    sum += power / (2 * k + 1);
  }
  return x * sum * expq(-square);
}

Quad normal_orthant(Quad h, Quad k, Quad z, Quad zbar, Quad s) {
  if (!(z >= 0 && zbar >= 0) || finiteq(h + k + s) == 0) return nanq("");
  const Quad r = 2 * sqrtq(z) * sqrtq(zbar);
  if (r == 0) {  // V = ±U
    return z < zbar ? normal_tail(fmaxq(h, k), s) : fmaxq(0, normal_tail(h, s) - normal_tail(-k, s));
  }
  static const Quad root_two_pi = sqrtq(2 * acosq(Quad(-1)));
  const Quad rho = zbar - z;
  const auto leg = [&](Quad u) { return (z < zbar ? (k - u) + 2 * z * u : (k + u) - 2 * zbar * u) / r; };
  // Where the mass is: the exponent is least at u = 0, or at u = ρk where V > k binds, or at h beyond; the
  // logarithm of the integrand bends at least as that of the normal density does, from within 1 of there.
  constexpr Quad reach = 14;
  const Quad most = fmaxq(h, rho * fmaxq(k, 0));
  const Quad low = fmaxq(h, most - reach);
  const Quad high = most + reach;
  std::vector<Break> breaks = {{low, 1 / (1 + fabsq(low) + fmaxq(0, leg(low)) * fabsq(rho) / r)}};
  // Where V > k begins to bind; just outside it is as sharp at the end.
  if (fabsq(rho) > 1e-3) breaks.push_back({fmaxq(low, fminq(high, k / rho)), r / fabsq(rho)});
  return integrate_panels([&](Quad u) { return normal_tail(leg(u), s - u * u / 2) / root_two_pi; },
                          panels(low, high, 1, breaks));
}

}  // namespace ntkc::elementary
