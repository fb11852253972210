// Covariances written out as arithmetic, complements included.
#pragma once

#include "compiler/duals/expression.hpp"
#include "compiler/duals/range.hpp"

namespace ntkc::duals {

/// A self covariance q = Σ(x, x) with what its uses share; sample nodes.
struct SelfCovariance {
  Expression q;
  Expression root;        ///< √q
  Expression reciprocal;  ///< 1/√q, 0 for q = 0
};
SelfCovariance self_covariance(Expression q);

/// A cross covariance c = g (z̄ - z), g = √(q q'), z = (1 - u)/2, z̄ = (1 + u)/2.
struct CrossCovariance {
  SelfCovariance self;
  Expression complement;
  Expression cocomplement;
  Expression c;
  Range range;
};

/// m = min(z, z̄) = (1 - |u|)/2.
Expression smaller_complement(const CrossCovariance& k);
/// u < 0 ? negative : otherwise; just `otherwise` where u ≥ 0 is known.
Expression select_negative(const CrossCovariance& k, Expression negative, Expression otherwise);

/// A covariance given by its value K: z = (1 - K/√(Q Q'))/2, |δz| a few 2⁻⁵³.
CrossCovariance from_value(Expression value, const SelfCovariance& self);

/// z from M = E[(φ(u) - φ(v))²]: 4 √(QQ') z = M - (√Q - √Q')². If δM is about √M 2⁻⁵³, so is δz where Q and
/// Q' are alike; where they differ by a factor of more than 30 it is the difference of the larger terms, and
/// z = (1 - K/√(QQ'))/2 with the value K is the better one.
Expression complement_from_distance(Expression distance, Expression value, const SelfCovariance& self);

/// The sum of two uncorrelated branches: with a = √(q_a/(q_a + q_b)), b likewise,
/// z = ((a - a')² + (b - b')²)/4 + a a' z_a + b b' z_b, z̄ likewise. All terms are positive. From
/// G - C = G - g_a - g_b + 2 g_a z_a + 2 g_b z_b and (a - a')² + (b - b')² = 2 - 2(aa' + bb').
CrossCovariance sum(const CrossCovariance& a, const CrossCovariance& b, const SelfCovariance& self);

}  // namespace ntkc::duals
