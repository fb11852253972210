// Quadrature of expectations over a standard normal variable, from a few numbers that machine code can hold.
#pragma once

#include <vector>

namespace ntkc::hermite {

/// A rule for E[f(σt)], t ~ N(0, 1), by its few numbers.
struct Rule {
  /// Where f(z) may break, in ascending order. None: trapezoidal rule, whose error falls exponentially for an
  /// analytic f. Otherwise Gauss-Legendre between the breaks, for an f that is analytic there; only with a
  /// break beside 0 do the nodes t depend on σ.
  std::vector<double> breaks;
  int nodes = 0;     ///< on one side of 0 if `is_symmetric`, else between two breaks
  double reach = 0;  ///< the range of integration is |t| ≤ reach
  /// If not 0, and |σt| ≤ extent, f being 0 beyond: trapezoidal rule or Gauss-Legendre as above, on a range
  /// that depends on σ.
  double extent = 0;

  /// Whether the nodes are ±t, whatever σ.
  [[nodiscard]] bool is_symmetric() const {
    return extent == 0 && (breaks.empty() || (breaks.size() == 1 && breaks[0] == 0));
  }
  template <typename Real>
  [[nodiscard]] Real reach_at(Real sigma) const {
    return extent == 0 || sigma * reach <= extent ? Real(reach) : Real(extent) / sigma;
  }
  friend bool operator==(const Rule&, const Rule&) = default;
};

struct Quadrature {
  std::vector<double> nodes;
  std::vector<double> weights;
};
/// E[f(σt)] is about Σᵢ weights[i] (f(σ nodes[i]) + f(-σ nodes[i])), nodes[i] ≥ 0. Precondition: a symmetric
/// rule.
Quadrature symmetric_quadrature(const Rule& rule);
/// E[f(σt)] is about Σᵢ weights[i] f(σ nodes[i]). Precondition: a rule that is not symmetric.
Quadrature broken_quadrature(const Rule& rule, double sigma);

/// The ends of the intervals between the breaks, in t; `Real` divides.
template <typename Real>
std::vector<Real> edges(const Rule& rule, Real sigma) {
  const Real reach = rule.reach_at(sigma);
  std::vector<Real> result = {-reach};
  for (const double z : rule.breaks) {
    const Real t = z == 0 ? Real(0) : Real(z) / sigma;
    result.push_back(t < -reach ? -reach : t > reach ? reach : t);
  }
  result.push_back(reach);
  return result;
}

/// What a rule that is not symmetric takes between two breaks, for ∫_0^1 f(x) dx.
Quadrature unit_rule(const Rule& rule);

/// Gauss-Legendre: ∫_0^1 f(x) dx is about Σᵢ weights[i] f(nodes[i]).
Quadrature unit_legendre(int nodes);

}  // namespace ntkc::hermite
