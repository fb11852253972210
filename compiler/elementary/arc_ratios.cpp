#include "compiler/elementary/arc_ratios.hpp"

#include <quadmath.h>

namespace ntkc::elementary {

Quad arcsine_ratio(Quad z) {
  const Quad s = sqrtq(z);
  return s > 0 ? asinq(s) / s : 1;
}

/// The numerator is Σ_{k≥1} (-1)^(k+1) 2k θ^(2k+1)/(2k+1)!, which has no cancellation for θ ≤ 2.1, the domain
/// z ≤ 1/2 being θ ≤ π/2.
Quad arccosine_ratio(Quad z) {
  const Quad s = sqrtq(z);
  if (s == 0) return Quad(8) / 3;
  const Quad theta = 2 * asinq(s);
  Quad power = theta;
  Quad sum = 0;
  for (int k = 1; k < 40; ++k) {
    power *= -theta * theta / (2 * k * (2 * k + 1));
    sum -= 2 * k * power;
  }
  return sum / (s * s * s);
}

double arcsine_ratio(double z) { return static_cast<double>(arcsine_ratio(Quad(z))); }
double arccosine_ratio(double z) { return static_cast<double>(arccosine_ratio(Quad(z))); }

}  // namespace ntkc::elementary
