// Mehler's formula (1866), for activations whose kernels have no closed form: with a_k(q) = E[φ(√q s) h_k(s)], s normal,
// h_k the normalised Hermite polynomials, E[φ(u)φ(v)] = Σ_k a_k(q) a_k(r) ρ^k for variances q, r and correlation ρ.
#pragma once

#include <functional>
#include <vector>

namespace ntkc::test {

/// φ, analytic up to `pole` from the real axis, and bounded there.
struct AnalyticFunction {
  std::function<long double(long double)> value;
  long double pole;
};

/// a_k(q) up to where they are below 1e-17, by the trapezoidal rule.
std::vector<long double> mehler_series(const AnalyticFunction& f, long double q);
/// Σ_k a_k b_k ρ^k
long double mehler_sum(const std::vector<long double>& a, const std::vector<long double>& b, long double rho);

}  // namespace ntkc::test
