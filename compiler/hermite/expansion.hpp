// Hermite expansions of functions of a Gaussian variable.
//
// With the normalised Hermite polynomials h_k = He_k/√k!, orthonormal under N(0, 1), and
//   a_k(σ) = E[f(σt) h_k(t)], t ~ N(0, 1),
// Mehler's formula gives, for (u, v) with variances q = σ², q' = σ'² and correlation ρ,
//   E[f(u) g(v)] = Σ_k a_k(√q) b_k(√q') ρ^k
// (Daniely, Frostig and Singer 2016, Lemma 11). The coefficients depend on one sample each. By Parseval
// E[f(σt)²] = Σ a_k², and by Cauchy and Schwarz what a sum of the first terms leaves out is at most
// √(tail(q) tail'(q')), tail(q) = E[f(√q t)²] - Σ_{k<K} a_k(√q)², for every ρ.
#pragma once

#include <vector>

#include "compiler/hermite/certified_panels.hpp"
#include "compiler/hermite/terms.hpp"

namespace ntkc::hermite {

/// a_k(σ) for the degrees of the terms, summed in long double.
std::vector<double> coefficients(const RealFunction& f, double sigma, const Terms& terms);

/// The rule that resolves f(σt) h_k(t) for all k below `degree`, f(σt) being about as fast as h_degree: the
/// wave number of either is at most √degree, so of their product 2√degree.
Rule resolving_rule(double degree, double reach, const std::vector<double>& breaks);

/// Sets the nodes of the rule to the fewest that reproduce the coefficients of a rule that is finer than any
/// need. Returns the error that is left, relative to √E[whole²], if it is more than the target.
double choose_rule(const RealFunction& f, const RealFunction& whole, const std::vector<double>& sigmas,
                   double target, Terms& terms);

/// E[f(σt)²] by the rule.
double mean_square(const RealFunction& f, double sigma, const Rule& rule);

/// How far E[f(σt)²] by two rules differs, relative to E[whole(σt)²] by the second: the worst of the sigmas
/// and what is between them; 0 where that is rounding. A rule that misses what f does shows here, however well
/// its coefficients agree with its own E[f²].
double disagreement(const RealFunction& f, const RealFunction& whole, const std::vector<double>& sigmas,
                    const Rule& rule, const Rule& mean);

struct Request {
  std::vector<double> sigmas;       ///< the √q to serve: a few values of the range, its ends among them
  double tolerance = 1e-12;         ///< of tail(q)/E[f²]; below 1e-14 it is taken as that
  int most_terms = 4096;            ///< of either parity or both
  std::vector<double> breaks = {};  ///< where f or a derivative of it jumps, in ascending order
  Bound bound = {};                 ///< of f between nodes; nothing is certified without
};

struct Plan {
  Terms terms;
  Rule mean = {};  ///< for E[f²], by other nodes than the coefficients have
  /// The largest tail(q)/E[f²] of the sigmas, the errors of both rules included: |error of E[f(u)f(v)]| is at
  /// most this times √(E[f(u)²] E[f(v)²]) where q and q' are among them. NaN if f has no finite E[f²].
  double remainder = 0;
  /// What of it 1 - Σ a_k²/E[f²] does not show at a sample: errors of the rules.
  double unseen = 0;
};

/// The fewest terms, and the fewest nodes to compute them, that reach the tolerance at all sigmas; the most
/// terms allowed if that is not enough. The remainder tells.
Plan plan(const RealFunction& f, const Request& request);

}  // namespace ntkc::hermite
