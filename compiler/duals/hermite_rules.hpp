// Expansions written out on reals (compiler/duals/expansion.hpp decides how).
#pragma once

#include "compiler/duals/covariance.hpp"
#include "compiler/duals/expansion.hpp"
#include "compiler/duals/near_pairs.hpp"

namespace ntkc::duals {

/// Writes expansions in the program that their functions are of, for arithmetic of a precision.
class HermiteRules {
 public:
  HermiteRules(kernel_ir::Program& program, double unit_roundoff)
      : program_(program), unit_roundoff_(unit_roundoff) {}

  /// Q = E[φ(t)²], t ~ N(0, q).
  Expression self(const SelfCovariance& q, const PlannedExpansion& phi) const;

  /// K = E[φ(u)φ(v)]. With â_k = a_k/√Q of unit length, U = Σ â_k â'_k u^k:
  ///   1 - U = D + Σ â_k â'_k (1 - u^k),   D = Σ (â_k - â'_k)²/2,
  ///   Σ p_k (1 - u^k) = (1 - u) Σ_j u^j Σ_{k>j} p_k,
  /// which needs no difference of nearly equal numbers where 1 - U is small. Odd φ: the same in u², and U
  /// changes its sign with u.
  CrossCovariance cross(const CrossCovariance& k, const SelfCovariance& self, const PlannedExpansion& phi,
                        bool critical) const;

  /// E[f(t)], t ~ N(0, q), by the nodes of a plan.
  Expression mean(const SelfCovariance& q, kernel_ir::NodeId f, const hermite::Plan& plan) const;
  /// E[f(u)g(v)].
  Expression moment(const CrossCovariance& k, const PlannedExpansion& f, const PlannedExpansion& g) const;

 private:
  struct Scaled {
    Expression series;
    Expression norm;  // √E[f²]
    hermite::Parity parity;
  };
  /// E[f(u)f(v)]/√(E[f(u)²] E[f(v)²]), and the product of the roots.
  struct Normalised {
    Expression value;
    Expression norm;
  };
  Normalised split_moment(const CrossCovariance& k, kernel_ir::NodeId f, const Split& split) const;
  /// Over sparse degrees (sparse_rules.cpp), relative to √E[f²].
  struct SparseSeries {
    std::vector<Expression> lower_r;  ///< of the degrees below the order
    std::vector<Expression> lower_s;
    std::vector<Expression> r;  ///< of even and of odd degrees, as the plan has them
    std::vector<Expression> s;
    Expression square;  ///< E[f²]
    Expression loss;    ///< what the series of r leave out
  };
  [[nodiscard]] SparseSeries sparse_series(const SelfCovariance& q, kernel_ir::NodeId f,
                                           const Sparse& sparse) const;
  [[nodiscard]] Expression sparse_self(const SelfCovariance& q, kernel_ir::NodeId f,
                                       const Sparse& sparse) const;
  [[nodiscard]] Normalised sparse_moment(const CrossCovariance& k, kernel_ir::NodeId f,
                                         const Sparse& sparse) const;
  [[nodiscard]] CrossCovariance sparse_cross(const CrossCovariance& k, const SelfCovariance& self,
                                             const PlannedExpansion& phi, bool critical) const;
  /// With the leading term of near pairs, where the parts that are split off φ have all of its jumps.
  CrossCovariance near_pairs_refined(const CrossCovariance& value, const CrossCovariance& k,
                                     kernel_ir::NodeId phi, const std::vector<SingularPart>& singular,
                                     const hermite::Rule& mean, hermite::Parity parity,
                                     double remainder) const;
  Scaled scaled(const SelfCovariance& q, kernel_ir::NodeId f, const hermite::Plan& plan) const;
  Expression mean_square(const SelfCovariance& q, kernel_ir::NodeId f, const hermite::Rule& rule) const;
  /// A value of one sample, and that what is made of it is off by so much, where that is worth saying.
  [[nodiscard]] Expression stating(Expression value, double loss) const;

  kernel_ir::Program& program_;
  double unit_roundoff_;
};

}  // namespace ntkc::duals
