// Sums over many degrees by few of them.
//
// A feature of f that is narrow beside σ, a sigmoid's middle or a kink's rounding, has coefficients a_k(σ) up to
// degrees k of about ω²σ², ω its highest wave number: millions of terms. But a_k is smooth in k (among even and
// among odd k, its sign (-1)^(k/2) left out), and so is a_k(σ) a_k(σ') v^k for 0 ≤ v ≤ 1. So
//   Σ_{k ≥ K} a_k a'_k v^k is about Σ_j W_j a_{k_j} a'_{k_j} v^(k_j)
// with some 24 k_j in each fourfold range of k, which are no integers: Gauss-Legendre's in √k, behind the
// consecutive degrees below K, whose last ones take the corrections of Euler and Maclaurin at the end. All W_j
// are positive, so that √W_j a_{k_j} is one more entry of a series.
//
// What a_k is for such k: with g = f^(p) the first derivative that falls off on both sides,
//   a_k(f) = σ^p a_{k-p}(g)/√(k (k-1) … (k-p+1)),   a_m(g) = ∫ g(σt) D_m(t) e^(-t²/4)/√(2π) dt,
// where D_m = h_m(t) e^(-t²/4) solves D″ = (t²/4 - ν²) D, ν² = m + ½, and is, to a few 1e-12 from degree 256 on,
// with x = t/2ν, c = √(1 - x²), θ = ν² (asin x + x c), μ² = 2ν²,
//   D_m(t) = D_m(0) (α cos θ + β sin θ)/(α₀ √c)                      for even m,
//   D_m(t) = D'_m(0) (α sin θ - β cos θ)/((ν α₀ - β'₀) √c)           for odd m,
//   α = 1 - u₂(x)/(c⁶ μ⁴),   β = u₁(x)/(c³ μ²) - u₃(x)/(c⁹ μ⁶)
// (Olver 1959; DLMF 12.10(iv) has the polynomials u), by its values or slopes at 0 normalised exactly.
#pragma once

#include <vector>

#include "compiler/hermite/terms.hpp"

namespace ntkc::hermite {

/// What a series adds to its consecutive degrees.
struct SparseDegree {
  double degree = 0;  ///< k
  double weight = 0;  ///< √W
};
/// Empty unless `terms.tail` > 0.
std::vector<SparseDegree> sparse_degrees(const Terms& terms);
/// √W of consecutive entry j: 1 but for the last ones before a tail.
double consecutive_weight(const Terms& terms, int j);

/// The numbers that D_m(t) takes for one m ≥ 100, real.
struct Wave {
  double nu_square = 0;       ///< ν²
  double half_over_nu = 0;    ///< 1/2ν
  double over_mu_square = 0;  ///< 1/μ²
  double scale = 0;           ///< what stands before the bracket over √c
};
Wave wave(double m, bool is_odd);

/// The sign (-1)^⌊m/2⌋ left out.
double evaluate(const Wave& wave, bool is_odd, double t);

/// The sign that sparse coefficients have beside those of another order: with (-1)^⌊k/2⌋ left out of both.
double sparse_sign(const Terms& terms);

/// 1/√((m + 1) … (m + order)).
double integration_factor(double m, int order);

/// Whether waves of this ν are resolved by a rule at this σ; coefficients that are not count as 0.
double largest_nu(const Rule& rule, double sigma);

}  // namespace ntkc::hermite
