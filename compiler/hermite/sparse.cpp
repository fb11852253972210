#include "compiler/hermite/sparse.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace ntkc::hermite {
namespace {

/// What Σ_{n≥0} f(n) - ∫_{-1/2}^∞ f takes of f(-1), f(-2), …: exact for polynomials of degree 5.
constexpr std::array<double, 6> corrections = {0.1910042576058201,  -0.5501601769179895, 0.7043134093915344,
                                               -0.5136884093915344, 0.2017226769179894,  -0.0331917576058201};

/// u₁, u₂, u₃ of DLMF 12.10.11.
double u1(double x) { return x * (x * x - 6) / 24; }
double u2(double x) { return (145 + x * x * (249 - 9 * x * x)) / 1152; }
double u3(double x) {
  const double y = x * x;
  return x * (-259290 + y * (-151995 + y * (-28287 + y * (18189 - 4042 * y)))) / 414720;
}

/// Γ(n + ½)/(√π Γ(n + 1)), by its series in 1/n.
double central(double n) {
  const double i = 1 / n;
  return std::sqrt(i / std::numbers::pi) *
         (1 +
          i * (-1.0 / 8 + i * (1.0 / 128 + i * (5.0 / 1024 + i * (-21.0 / 32768 + i * (-399.0 / 262144))))));
}

}  // namespace

std::vector<SparseDegree> sparse_degrees(const Terms& terms) {
  std::vector<SparseDegree> result;
  const Quadrature unit = unit_legendre(Terms::sparse_nodes);
  double low = std::sqrt(terms.first + 2.0 * terms.count - 1);
  for (int panel = 0; panel < terms.tail; ++panel) {
    for (std::size_t i = 0; i < unit.nodes.size(); ++i) {
      const double root = low * (1 + unit.nodes[i]);                             // up to twice
      result.push_back({root * root, std::sqrt(low * unit.weights[i] * root)});  // dk/2 = root droot
    }
    low *= 2;
  }
  return result;
}

double consecutive_weight(const Terms& terms, int j) {
  const int from_end = terms.count - 1 - j;
  if (terms.tail == 0 || from_end >= static_cast<int>(corrections.size())) return 1;
  return std::sqrt(1 + corrections.at(static_cast<std::size_t>(from_end)));
}

Wave wave(double m, bool is_odd) {
  Wave result;
  result.nu_square = m + 0.5;
  const double nu = std::sqrt(result.nu_square);
  result.half_over_nu = 0.5 / nu;
  result.over_mu_square = 0.5 / result.nu_square;
  const double mu4 = result.over_mu_square * result.over_mu_square;
  const double alpha = 1 - u2(0) * mu4;
  if (!is_odd) {
    result.scale = std::sqrt(central(m / 2)) / alpha;
  } else {  // D'_m(0) = √m D_{m-1}(0)
    const double beta = result.half_over_nu * result.over_mu_square * (-0.25 + 259290.0 / 414720 * mu4);
    result.scale = std::sqrt(m * central((m - 1) / 2)) / (nu * alpha - beta);
  }
  return result;
}

double evaluate(const Wave& wave, bool is_odd, double t) {
  const double x = t * wave.half_over_nu;
  const double c = std::sqrt(1 - x * x);
  const double theta = wave.nu_square * (std::asin(x) + x * c);
  const double y = wave.over_mu_square / (c * c * c);
  const double alpha = 1 - u2(x) * y * y;
  const double beta = y * (u1(x) - u3(x) * y * y);
  const double bracket = is_odd ? alpha * std::sin(theta) - beta * std::cos(theta)
                                : alpha * std::cos(theta) + beta * std::sin(theta);
  return wave.scale * bracket / std::sqrt(c);
}

double sparse_sign(const Terms& terms) {
  return ((terms.first - terms.order) / 2 - terms.first / 2) % 2 == 0 ? 1 : -1;
}

double integration_factor(double m, int order) {
  double product = 1;
  for (int i = 1; i <= order; ++i) product *= m + i;
  return 1 / std::sqrt(product);
}

double largest_nu(const Rule& rule, double sigma) {
  const double reach = rule.reach_at(sigma);
  const double step =
      rule.breaks.empty() ? 2 * reach / (rule.nodes - 1) : std::numbers::pi / 2 * 2 * reach / rule.nodes;
  return 2.5 / step;
}

}  // namespace ntkc::hermite
