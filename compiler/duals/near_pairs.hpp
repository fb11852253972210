// Complements of near pairs where they are otherwise taken from the value.
//
// z' = (1 - U)/2 from U = K/√(QQ') has an absolute error of a few roundings, and √z' of nearly equal samples,
// which a kinked activation asks for next, has lost half of its digits or all of them. There the leading term
// of z' is better. With û = φ(u)/√Q, 1 - U = E[(û - v̂)²]/2, and for small angles θ and Δ = log(σ/σ')
//   z' = A z + V Δ²/4 + O(s³),   s² = z + Δ²/4,
//   A = q E[φ'²]/Q,   V = E[(∂û/∂ log σ)²] = E[t²φ'(t)²]/Q - (E[t φ(t) φ'(t)]/Q)²,   t ~ N(0, q),
// A and V the means of the two samples'. The third order is that of a kink; it has one of relative size s.
// A jump of φ by J at t adds J²/(4 √(QQ')) times the probability that t lies between u and v, which is of first order:
// with x = u/σ, y = v/σ', h = t/σ, k = t/σ' the distance d = (y - k) - (x - h) is N(h - k, 4z), and the mean of x - h and
// y - k, which is independent of y - x, has nearly the density p(h) of x at h within |d|/2 of 0. So the probability is
//   p(h) E|d|,  E|d| = 2√z √(2/π) e^(-r²) + |h - k| erf(r),  r = |h - k|/(2√z √2),
// with a relative error of order s.
// If U is known to ε, then √z' is known to about ε^(2/3) where the leading term is taken, and beyond; not
// ε^½.
#pragma once

#include <cmath>

#include <vector>

#include "compiler/duals/covariance.hpp"
#include "compiler/hermite/terms.hpp"
#include "compiler/moments/normal_form.hpp"

namespace ntkc::duals {

struct NearPairs {
  /// By q, √Q and E[φ'²], E[(tφ')²], E[tφφ'], φ' without what jumps add to it.
  static NearPairs of(const SelfCovariance& q, const SelfCovariance& self, Expression slope_square,
                      Expression growth_square, Expression drift, hermite::Parity parity, double accuracy);
  /// Adds what jumps.
  void add(const std::vector<moments::Jump>& jumps, const SelfCovariance& q, const SelfCovariance& self);

  Expression stretch;  ///< A, a sample node
  Expression spread;   ///< V, a sample node
  hermite::Parity parity = hermite::Parity::none;
  double accuracy = 0;  ///< of U in `value`

  struct Crossing {
    Expression at;      ///< t
    Expression weight;  ///< J² p(h)/(4Q), a sample node
  };
  std::vector<Crossing> crossings = {};
  /// Of the jumps that are next to one another, in z: beyond it both are crossed.
  double spacing = HUGE_VAL;
};

/// The complements of `value`, the dual of φ at k, those of near pairs by their leading term; of nearly
/// opposite pairs too if φ is even or odd.
CrossCovariance refine_near_pairs(const CrossCovariance& value, const CrossCovariance& k,
                                  const NearPairs& near);

/// The complements of `value` where they are 0: of equal inputs, and of opposite ones if φ is even or odd.
CrossCovariance exact_if_equal(const CrossCovariance& value, const CrossCovariance& k,
                               hermite::Parity parity);

}  // namespace ntkc::duals
