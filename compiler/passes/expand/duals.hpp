// The dual of each function written out on reals, without cancellation where that is known how.
#pragma once

#include <cmath>

#include <memory>
#include <optional>
#include <vector>

#include "compiler/hermite/terms.hpp"
#include "compiler/moments/normal_form.hpp"
#include "compiler/passes/expand/expression.hpp"
#include "compiler/passes/pipeline.hpp"
#include "compiler/passes/ranges.hpp"

namespace ntkc::passes {

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
  Expression z;
  Expression zbar;
  Expression c;
  Range range;
};

/// m = min(z, z̄) = (1 - |u|)/2.
Expression smaller_complement(const CrossCovariance& k);
/// u < 0 ? negative : otherwise; just `otherwise` where u ≥ 0 is known.
Expression select_negative(const CrossCovariance& k, Expression negative, Expression otherwise);

/// The dual of a function ψ.
class DualRule {
 public:
  DualRule() = default;
  DualRule(const DualRule&) = delete;
  DualRule& operator=(const DualRule&) = delete;
  virtual ~DualRule() = default;

  /// Q = E[ψ(t)²], t ~ N(0, q).
  [[nodiscard]] virtual Expression self(const SelfCovariance& q) const = 0;
  /// K = E[ψ(u)ψ(v)] with its complements; `self` is made of Q. If `critical`, z and z̄ are exact to √z: |δ√z|
  /// ≤ a few 2⁻⁵³ (docs/numerics.md has the exceptions); otherwise they may be formed from K, |δz| ≤ a few
  /// 2⁻⁵³. The range is the caller's.
  [[nodiscard]] virtual CrossCovariance cross(const CrossCovariance& k, const SelfCovariance& self,
                                              bool critical) const = 0;
  /// K̇ = E[ψ'(u)ψ'(v)].
  [[nodiscard]] virtual Expression derivative(const CrossCovariance& k) const = 0;
};

#define NTKC_DUAL_RULE_METHODS                                                                             \
  [[nodiscard]] Expression self(const SelfCovariance& q) const override;                                   \
  [[nodiscard]] CrossCovariance cross(const CrossCovariance& k, const SelfCovariance& self, bool critical) \
      const override;                                                                                      \
  [[nodiscard]] Expression derivative(const CrossCovariance& k) const override;

/// α min(t, 0) + β max(t, 0); piecewise_linear.cpp
class PiecewiseLinearRule final : public DualRule {
 public:
  PiecewiseLinearRule(moments::Constant alpha, moments::Constant beta)
      : alpha_(std::move(alpha)), beta_(std::move(beta)) {}
  NTKC_DUAL_RULE_METHODS
 private:
  moments::Constant alpha_;
  moments::Constant beta_;
};

/// tⁿ, or tⁿ sign t; monomial.cpp
class MonomialRule final : public DualRule {
 public:
  MonomialRule(int n, bool has_sign) : n_(n), has_sign_(has_sign) {}
  NTKC_DUAL_RULE_METHODS
 private:
  int n_;
  bool has_sign_;
};

/// An even or odd polynomial by its coefficients, lowest first, the last not 0; polynomial.cpp
class PolynomialRule final : public DualRule {
 public:
  explicit PolynomialRule(std::vector<moments::Constant> powers);
  NTKC_DUAL_RULE_METHODS
 private:
  struct Coefficient {
    int k;
    Expression over_root;  // a_k/√q; a_k for k = 0
    Expression value;      // a_k
  };
  [[nodiscard]] std::vector<Coefficient> coefficients(const SelfCovariance& q) const;
  std::vector<moments::Constant> coefficients_;
  double centre_ = 0;
  bool odd_ = false;
};

/// erf(t); erf.cpp
class ErfRule final : public DualRule {
 public:
  NTKC_DUAL_RULE_METHODS
};

/// t erf(t/√2), the even part of gelu; gelu.cpp
class EvenGeluRule final : public DualRule {
 public:
  NTKC_DUAL_RULE_METHODS
};

/// sin t, cos t; sine.cpp
class SineRule final : public DualRule {
 public:
  NTKC_DUAL_RULE_METHODS
};
class CosineRule final : public DualRule {
 public:
  NTKC_DUAL_RULE_METHODS
};

/// e^t, e^(-t²); exponential.cpp
class ExpRule final : public DualRule {
 public:
  NTKC_DUAL_RULE_METHODS
};
class BellRule final : public DualRule {
 public:
  NTKC_DUAL_RULE_METHODS
};

/// Any normal form that has its moments, by the calculus: values to a few 2⁻⁵³ of √(QQ') times the number and
/// size of its terms, complements from them, of near pairs from near_pairs.hpp; generic.cpp
class GenericRule final : public DualRule {
 public:
  GenericRule(moments::NormalForm form, double unit_roundoff)
      : form_(std::move(form)), unit_roundoff_(unit_roundoff) {}
  NTKC_DUAL_RULE_METHODS
 private:
  [[nodiscard]] hermite::Parity parity() const;
  moments::NormalForm form_;
  double unit_roundoff_;
};
#undef NTKC_DUAL_RULE_METHODS

/// b ψ(kz) by the rule of ψ.
struct DualPart {
  std::unique_ptr<DualRule> rule;
  moments::Constant amplitude = moments::Quad(1);     ///< b = amplitude, over k if `over_scale`
  moments::Constant scale_square = moments::Quad(1);  ///< k²
  bool over_scale = false;
  bool odd = false;
  bool keeps_sign = true;  ///< K is not negative: of an odd part where u ≥ 0, of an even one everywhere
};

/// The dual of a function: of its even and its odd part, which are uncorrelated, or of one part that is
/// neither.
class Dual {
 public:
  /// Nothing if the function has no normal form, or one without moments. The dual refers to the program,
  /// whose nodes its constants are, and is for arithmetic of this precision.
  static std::optional<Dual> find(kernel_ir::Program& program, kernel_ir::NodeId phi,
                                  double unit_roundoff = double_roundoff);

  [[nodiscard]] Expression self(const SelfCovariance& q) const;
  [[nodiscard]] CrossCovariance cross(const CrossCovariance& k, const SelfCovariance& self,
                                      bool critical) const;
  [[nodiscard]] Expression derivative(const CrossCovariance& k) const;
  /// Whether K ≥ 0 where u ≥ 0 (`nonnegative`), or for all u.
  [[nodiscard]] bool is_nonnegative(bool nonnegative) const;
  /// The √q up to which rounding takes no more than about 5e-12: powers times a one-sided e^(az) are made of
  /// terms that cancel, an error of about 1e-14 q^2.8. An expansion says what it leaves out.
  [[nodiscard]] double largest_deviation() const { return largest_deviation_; }
  /// The parts that go by the calculus.
  [[nodiscard]] const std::vector<moments::NormalForm>& by_calculus() const { return by_calculus_; }

 private:
  double largest_deviation_ = HUGE_VAL;
  std::optional<DualPart> part(const moments::NormalForm& form, bool odd, double unit_roundoff);
  std::vector<DualPart> parts_;
  std::vector<moments::NormalForm> by_calculus_;
};

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

}  // namespace ntkc::passes
