// The Gaussian-moment calculus: E[f(u)g(v)] of two normal forms as arithmetic.
//
// A term is zⁿ s(z) e^(az - gz²) cos or sin(bz), waves being the real part of e^(ibz). For (u, v) ~ N(0, C):
// - Gaussian factors change the covariance, C' = (C⁻¹ + 2 diag(g, h))⁻¹, and give 1/√D, D = det(1 + diag(2g,
// 2h) C);
// - exponentials e^(αu + βv) shift the mean to C'w, w = (α, β), and give e^(wᵀC'w/2);
// - powers go by Stein's lemma, E[u F] = μ E[F] + C_uu E[∂_u F] + C_uv E[∂_v F], with sign' = 2δ and erf' a
//   Gaussian;
// - what is left is 1, E[erf(ku)] = erf(kμ/√(1 + 2k²C_uu)), and for mean 0 the arcsines of Sheppard and of
//   Williams 1996: E[s(u)t(v)] = (2/π) asin of the correlation of u + noise and v + noise.
#pragma once

#include "compiler/moments/normal_form.hpp"
#include "compiler/passes/expand/duals.hpp"

namespace ntkc::passes {

/// Covariance of (u, v), and its determinant A B - C², which the caller has without cancellation.
struct GaussianPair {
  Expression a;
  Expression b;
  Expression c;
  Expression determinant;
};

GaussianPair gaussian_pair(const CrossCovariance& k);

/// Whether `moment` has a formula: two switches need exponents of 0, one needs real exponents. What vanishes
/// by parity has one.
bool has_moment(const moments::NormalForm& f, const moments::NormalForm& g);

/// E[f(u)g(v)]. Precondition: `has_moment`. Its error is a few roundings of the largest term.
Expression moment(const moments::NormalForm& f, const moments::NormalForm& g, const GaussianPair& pair);

}  // namespace ntkc::passes
