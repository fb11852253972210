#include "compiler/elementary/normal_probabilities.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "compiler/hermite/quadrature.hpp"

namespace ntkc::elementary {

namespace {

constexpr double root_half = 1 / std::numbers::sqrt2;

/// e^s W(h, leg), W(h, m) = P(U > h, V > mU/h) for h > 0 and independent U, V: an orthant is made of two such
/// wedges. In polar coordinates W(h, m) = ∫_m^∞ h/(h² + y²) e^(-(h² + y²)/2) dy / 2π for m ≥ 0. Far from 0 it
/// is taken up to where the integrand has fallen by e^-37; otherwise from ∫_0^∞ = P(U > h)/2 and, for h < m,
/// W(h, m) + W(m, h) = P(U > h) P(V > m). As machine code does it (compiler/codegen/emit_normal_probabilities.cpp).
double wedge(double h, double leg, double s) {
  static const hermite::Quadrature rule = hermite::unit_legendre(26);
  const double m = std::fabs(leg);
  const bool is_far = h * h + m * m > 4;
  const auto integrate = [](auto integrand) {
    double sum = 0;
    for (std::size_t i = 0; i < rule.nodes.size(); ++i) sum += rule.weights[i] * integrand(rule.nodes[i]);
    return sum / (2 * std::numbers::pi);
  };
  double value = 0;
  if (is_far) {
    // Beyond m, y = m + Yx.
    const double reach = 74 / (m + std::sqrt(m * m + 74));
    value = integrate([&](double x) {
      const double y = m + reach * x;
      const double square = h * h + y * y;
      return reach * h / square * std::exp(s - square / 2);
    });
  } else {
    const double p = std::max(h, m);
    const double q = std::min(h, m);
    const double r = p == 0 ? 0 : q / p;  // the squares may underflow
    const double within = integrate(
        [&](double x) { return r / (1 + r * r * x * x) * std::exp(s - (p * p + q * q * x * x) / 2); });
    value = h < m ? within - normal_tail(m, s) * std::erf(h * root_half) / 2 : normal_tail(h, s) / 2 - within;
  }
  return leg < 0 ? normal_tail(h, s) - value : value;
}

}  // namespace

double normal_tail(double x, double s) {
  if (x < 5) return std::exp(s) * std::erfc(x * root_half) / 2;
  // Laplace's continued fraction for Mills' ratio (DLMF 7.9.2).
  double fraction = x;
  for (int k = 60; k >= 1; --k) fraction = x + k / fraction;
  return std::exp(s - x * x / 2) / (std::sqrt(2 * std::numbers::pi) * fraction);
}

double normal_orthant(double h, double k, double z, double zbar, double s) {
  constexpr double limit = 1e150;  // where squares are finite
  h = std::clamp(h, -limit, limit);
  k = std::clamp(k, -limit, limit);
  const double divisor = std::max(2 * std::sqrt(z) * std::sqrt(zbar), 1e-290);
  const auto leg = [&](double at, double other) {
    const double value =
        z < zbar ? (other - at + 2 * z * at) / divisor : (other + at - 2 * zbar * at) / divisor;
    return std::clamp(value, -limit, limit);
  };
  // With h = k = 0 only the direction of the legs counts: m/h = √(z/z̄).
  constexpr double tiny = 1e-140;
  const bool centred = h == 0 && k == 0;
  const auto side = [&](double at, double other) {
    const double value = centred ? wedge(tiny * std::sqrt(zbar), tiny * std::sqrt(z), s)
                                 : wedge(std::fabs(at), leg(at, other), s);
    return at < 0 ? -value : value;
  };
  const double whole = h < 0 && k < 0 ? std::exp(s) : 0;
  return std::max(whole + side(h, k) + side(k, h), 0.0);
}

double dawson(double x) { return static_cast<double>(dawson(Quad(x))); }

}  // namespace ntkc::elementary
