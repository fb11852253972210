#include "compiler/hermite/integrability.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

namespace ntkc::hermite {
namespace {

double size(const RealFunction& f, double z) {
  const double value = std::fabs(f(z));
  return std::isnan(value) ? HUGE_VAL : value;
}

std::optional<double> find_undefined(const RealFunction& f) {
  constexpr int points = 2000;
  for (int i = -points; i <= points; ++i) {
    const double z = 100 * std::pow(std::fabs(i) / points, 2) * (i < 0 ? -1 : 1);
    if (std::isnan(f(z))) return z;
  }
  return std::nullopt;
}

/// log|f|/z² at z = 2ʲ on one side: it tends to 0 where f may be integrated, the quotient of neighbours to
/// 2^(p-2) for e^(z^p).
bool grows_too_fast(const RealFunction& f, double side) {
  double before = 0;
  double quotient = 0;
  for (int j = -20; j <= 500; ++j) {
    const double z = std::ldexp(1.0, j);
    const double value = std::fabs(f(side * z));
    if (!std::isfinite(value)) break;
    const double logarithm = std::log(value);
    const double rate = logarithm / (z * z);
    // Below e^20 the logarithm is not yet that of the leading term.
    if (logarithm > 20 && before > 0) quotient = rate / before;
    before = logarithm > 4 ? rate : 0;
  }
  return quotient > 0.8;
}

/// Moves to a higher |f| near z, as long as there is one. `beside` is |f| at a distance of `step`: what is
/// not higher within a hundredth of that is no singularity.
double sharpen(const RealFunction& f, double z, double step, double beside) {
  double best = size(f, z);
  const double hopeless = step / 100;
  for (; step > 1e-13 && std::isfinite(best); step *= 0.7) {
    if (step < hopeless && best < 1.1 * beside) break;
    for (const double next : {z - step, z + step}) {
      if (const double value = size(f, next); value > best) {
        best = value;
        z = next;
      }
    }
  }
  return z;
}

/// p of |f| ~ |z - t|^(-p) on one side, between distances 2⁻²⁰ and 2⁻³⁶: the smaller one of both halves of
/// the way, since a jump makes a step in one of them.
double exponent(const RealFunction& f, double t, double side) {
  const double unit = side * std::max(1.0, std::fabs(t));
  const double far = size(f, t + std::ldexp(unit, -20));
  const double middle = size(f, t + std::ldexp(unit, -28));
  const double near = size(f, t + std::ldexp(unit, -36));
  if (!std::isfinite(near) || far == 0 || middle == 0) return 0;
  return std::log2(std::min(near / middle, middle / far)) / 8;
}

std::optional<double> find_singularity(const RealFunction& f) {
  constexpr double step = 1.0 / 128;
  // Off the round numbers, where people put their singularities.
  constexpr double offset = 0.37 * step;
  double before = size(f, -20 + offset - step);
  double here = size(f, -20 + offset);
  for (double z = -20 + offset; z < 20; z += step) {
    const double after = size(f, z + step);
    // A peak; on a plateau there is nothing to look for.
    if (here >= before && here >= after && (here > before || here > after)) {
      const double t = sharpen(f, z, step, std::min(before, after));
      if (std::max(exponent(f, t, -1), exponent(f, t, 1)) > 0.47) return t;
    }
    before = here;
    here = after;
  }
  return std::nullopt;
}

}  // namespace

IntegrabilityReport check_integrability(const RealFunction& f) {
  if (grows_too_fast(f, 1) || grows_too_fast(f, -1)) return {Integrability::grows_too_fast, 0};
  if (const auto z = find_singularity(f)) return {Integrability::singular, std::fabs(*z) < 1e-9 ? 0 : *z};
  if (const auto z = find_undefined(f)) return {Integrability::undefined, *z};
  return {};
}

}  // namespace ntkc::hermite
