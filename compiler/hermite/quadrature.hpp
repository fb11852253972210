// Quadrature of expectations over a standard normal variable, from a few numbers that machine code can hold.
#pragma once

#include <vector>

namespace ntkc::hermite {

/// A rule by its few numbers.
struct Rule {
  /// false: trapezoidal rule, whose error falls exponentially for an analytic f; true: Gauss-Legendre on each
  /// side of 0, for an f that is analytic on each side.
  bool split = false;
  int nodes = 0;     ///< on one side of 0
  double reach = 0;  ///< the range of integration is |t| ≤ reach

  friend bool operator==(const Rule&, const Rule&) = default;
};

/// E[f(t)], t ~ N(0, 1), is about Σᵢ weights[i] (f(nodes[i]) + f(-nodes[i])); nodes[i] ≥ 0.
struct Quadrature {
  std::vector<double> nodes;
  std::vector<double> weights;
};
Quadrature make_quadrature(const Rule& rule);

/// Gauss-Legendre: ∫_0^1 f(x) dx is about Σᵢ weights[i] f(nodes[i]).
Quadrature unit_legendre(int nodes);

}  // namespace ntkc::hermite
