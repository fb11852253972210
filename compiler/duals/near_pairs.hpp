// Complements of near pairs where they are otherwise taken from the value.
//
// z' = (1 - U)/2 from U = K/√(QQ') has an absolute error of a few roundings, and √z' of nearly equal samples,
// which a kinked activation asks for next, has lost half of its digits or all of them. There the leading term
// of z' is better. With û = φ(u)/√Q, 1 - U = E[(û - v̂)²]/2, and for small angles θ and Δ = log(σ/σ')
//   z' = A z + V Δ²/4 + O(s³),   s² = z + Δ²/4,
//   A = q E[φ'²]/Q,   V = E[(∂û/∂ log σ)²] = E[t²φ'(t)²]/Q - (E[t φ(t) φ'(t)]/Q)²,   t ~ N(0, q),
// A and V the means of the two samples'. The third order is that of a kink; it has one of relative size s.
// If U is known to ε, then √z' is known to about ε^(2/3) where the leading term is taken, and beyond; not
// ε^½.
#pragma once

#include "compiler/duals/covariance.hpp"
#include "compiler/hermite/terms.hpp"

namespace ntkc::duals {

/// Of a continuous φ: a jump adds a term in s, not s².
struct NearPairs {
  /// By q, √Q and E[φ'²], E[(tφ')²], E[tφφ'].
  static NearPairs of(const SelfCovariance& q, const SelfCovariance& self, Expression slope_square,
                      Expression growth_square, Expression drift, hermite::Parity parity, double accuracy);

  Expression stretch;  ///< A, a sample node
  Expression spread;   ///< V, a sample node
  hermite::Parity parity = hermite::Parity::none;
  double accuracy = 0;  ///< of U in `value`
};

/// The complements of `value`, the dual of φ at k, those of near pairs by their leading term; of nearly
/// opposite pairs too if φ is even or odd.
CrossCovariance refine_near_pairs(const CrossCovariance& value, const CrossCovariance& k,
                                  const NearPairs& near);

/// The complements of `value` where they are 0: of equal inputs, and of opposite ones if φ is even or odd.
CrossCovariance exact_if_equal(const CrossCovariance& value, const CrossCovariance& k,
                               hermite::Parity parity);

}  // namespace ntkc::duals
