// Panels on which a quadrature rule is known to integrate f², from bounds on f between its nodes.
//
// Gauss-Legendre of n nodes on [c - h, c + h] errs by at most (64/15) h M ρ^(-2n+2)/(1 - ρ⁻²), M the largest |g| of
// the integrand g in the ellipse with foci at the ends and semi-axes that add up to ρh (Trefethen, Approximation
// Theory and Approximation Practice, theorem 19.3). Here g = f(z)² e^(-z²/2σ²)/(σ√2π).
#pragma once

#include <functional>
#include <vector>

#include "compiler/hermite/quadrature.hpp"
#include "compiler/hermite/terms.hpp"

namespace ntkc::hermite {

using RealFunction = std::function<double(double)>;

/// The largest |f| in the ellipse of the panel [low, high] for this ρ, on the panel itself for ρ = 1; infinity where
/// none is known (compiler/elementary/enclosure.hpp).
using Bound = std::function<double(double low, double high, double rho)>;

/// Nodes of Gauss-Legendre on a panel.
constexpr int certified_nodes = 24;

struct CertifiedPanels {
  std::vector<double> edges;  ///< in z, ascending; empty if nothing is known of f
  /// What the rule may be off by at the worst of the sigmas, relative to E[f(σt)²]: panels that could not be made
  /// small enough.
  double error = 0;
};

/// Panels that cover |z| ≤ reach σ for all sigmas, starting from those between `places`.
CertifiedPanels certify(const RealFunction& f, const Bound& bound, const std::vector<double>& sigmas,
                        const std::vector<double>& breaks, const std::vector<double>& places, double reach);

/// The rule: z, f(z) and weights of dz, at all nodes.
struct PanelNodes {
  std::vector<double> z;
  std::vector<double> weights;
  std::vector<double> values;
};
PanelNodes panel_nodes(const RealFunction& f, const std::vector<double>& edges);

/// How far E[f h_k] by the rule of the terms is off for the first degrees k, as a share of √E[f²], for all degrees of
/// the terms: what falls between all nodes of one rule shows there, even if f² does not tell.
double coefficient_error(const RealFunction& f, const std::vector<double>& sigmas, const Terms& terms,
                         const PanelNodes& nodes);

}  // namespace ntkc::hermite
