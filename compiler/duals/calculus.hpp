// The Gaussian-moment calculus: E[f(u)g(v)] of two normal forms as arithmetic.
//
// A term is zⁿ s(z) e^(az - gz²) cos or sin(bz), waves being the real part of e^(ibz). For (u, v) ~ N(0, C):
// - Gaussian factors e^(-gu² - hv²) change the covariance to C' = (C⁻¹ + 2 diag(g, h))⁻¹ and give 1/√D,
//   D = det(1 + 2 diag(g, h) C);
// - exponentials e^(αu + βv) shift the mean to C'w, w = (α, β), and give e^(wᵀC'w/2);
// - powers go by Stein's lemma, E[u F] = μ E[F] + C_uu E[∂_u F] + C_uv E[∂_v F], with sign' = 2δ,
//   [u > t]' = δ_t and erf' a Gaussian; δ_t leaves v given u = t, one variable, whose truncated moments go
//   the same way;
// - what is left is 1, the normal distribution of one variable, and of two: for mean 0 the arcsines of
//   Sheppard and of Williams 1996, E[s(u)t(v)] = (2/π) asin of the correlation of u + noise and v + noise,
//   otherwise P(U > h, V > k), `normal_orthant`, with the same noise for erf. A variable without weight
//   whose other side is not improbable is put on the side that other terms ask for,
//   P(U < h, V > k) = P(V > k) - P(U > h, V > k). One switch at 0 where waves make the mean imaginary: Dawson's integral.
// The exponent of e^(wᵀC'w/2) goes along into the last, since where one is large the other is small. Terms
// that z → -z exchanges have one expectation.
#pragma once

#include <optional>

#include "compiler/duals/covariance.hpp"
#include "compiler/moments/normal_form.hpp"

namespace ntkc::duals {

/// (1 - ρ)/2 and (1 + ρ)/2, cos θ = ρ.
struct Complements {
  Expression complement;
  Expression cocomplement;
  Expression m;                 ///< the smaller
  bool is_nonnegative = false;  ///< ρ ≥ 0 is known

  [[nodiscard]] bool is_one() const;  ///< ρ = 1 is known
  [[nodiscard]] Expression angle() const;
  [[nodiscard]] Expression sine() const;
  [[nodiscard]] Expression sine_square() const;
};

/// Covariance of (u, v), and its determinant A B - C², which the caller has without cancellation; likewise
/// the complements of its correlation, which are otherwise found from the determinant.
struct GaussianPair {
  Expression a;
  Expression b;
  Expression c;
  Expression determinant;
  std::optional<Complements> complements = {};
};

Complements complements(const GaussianPair& pair);

GaussianPair gaussian_pair(const CrossCovariance& k);
/// Of u = v.
GaussianPair equal_pair(Expression q);

/// Whether `moment` has a formula: switches need real exponents, one alone and at 0 may have imaginary ones.
/// What vanishes by parity has one.
bool has_moment(const moments::NormalForm& f, const moments::NormalForm& g);
/// Whether E[f(u)f(v)] and E[f'(u)f'(v)] have one.
bool has_moments(const moments::NormalForm& f);

/// Where the powers of f and of g count from: terms are those of (u - u₀)ⁿ and (v - v₀)ᵐ. Terms around a
/// threshold, as powers of u they would cancel.
struct Centres {
  moments::Constant u = {};
  moments::Constant v = {};
};

/// E[f(u)g(v)]. Precondition: `has_moment`; no waves beside centres that are not 0. Its error is a few
/// roundings of the largest term.
Expression moment(const moments::NormalForm& f, const moments::NormalForm& g, const GaussianPair& pair,
                  const Centres& centres = {});

}  // namespace ntkc::duals
