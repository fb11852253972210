// The rules of closed forms: each writes the dual of one family of functions on reals, without cancellation where
// that is known how.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compiler/duals/covariance.hpp"
#include "compiler/hermite/terms.hpp"
#include "compiler/moments/normal_form.hpp"

namespace ntkc::duals {

/// The dual of a function ψ.
class DualRule {
 public:
  DualRule() = default;
  DualRule(const DualRule&) = delete;
  DualRule& operator=(const DualRule&) = delete;
  virtual ~DualRule() = default;

  /// In plain words, after the formula in the literature.
  [[nodiscard]] virtual std::string name() const = 0;
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
  [[nodiscard]] std::string name() const override;                                                         \
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
      : form_(std::move(form)), small_(moments::small_form(form_)), unit_roundoff_(unit_roundoff) {}
  NTKC_DUAL_RULE_METHODS
 private:
  [[nodiscard]] hermite::Parity parity() const;
  /// E[f(u)f(v)], by what f is near 0 where both variances are small.
  static Expression pair_moment(const moments::NormalForm& form,
                                const std::optional<moments::SmallForm>& small, const CrossCovariance& k);
  moments::NormalForm form_;
  std::optional<moments::SmallForm> small_;
  double unit_roundoff_;
};
#undef NTKC_DUAL_RULE_METHODS

}  // namespace ntkc::duals
