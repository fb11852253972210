// The functions of the normal distribution that closed forms with thresholds are written in.
#pragma once

#include <set>
#include <utility>
#include <vector>

#include "compiler/latex/formula.hpp"

namespace ntkc::latex {

/// Makes calls of them, and keeps which are called in a document. U and V are standard normal variables of
/// correlation ρ.
class NormalFunctions {
 public:
  /// Φ(x) = P(U ≤ x) and its derivative.
  Formula normal(const Formula& x);
  Formula density(const Formula& x);
  /// Λ_n(x) = E[(U - x)₊ⁿ], n = 0: Φ(-x)
  Formula tail(int n, const Formula& x);
  /// L_nm(h, k; ρ) = E[(U - h)₊ⁿ (V - k)₊ᵐ], n = m = 0: L = P(U > h, V > k)
  Formula orthant(int n, int m, const Formula& h, const Formula& k, const Formula& rho);

  /// erf(kz) is written as the mean of a sign; the calculus of Gaussian moments is referred to.
  void use_noise() { uses_noise_ = true; }
  void use_dawson() { uses_dawson_ = true; }
  void use_calculus() { uses_calculus_ = true; }

  void merge(const NormalFunctions& other);
  [[nodiscard]] bool has_calculus() const { return uses_calculus_; }
  [[nodiscard]] bool has_dawson() const { return uses_dawson_; }
  [[nodiscard]] bool has_noise() const { return uses_noise_; }
  [[nodiscard]] bool has_normal() const { return uses_normal_ || !orthants_.empty(); }
  /// What those called are: recursions in n and m that end in Φ, Φ' and L.
  [[nodiscard]] std::vector<Equation> definitions() const;
  [[nodiscard]] bool has_tail() const { return !tails_.empty() || has_orthant(); }
  [[nodiscard]] bool has_orthant() const { return !orthants_.empty(); }

 private:
  bool uses_normal_ = false;
  bool uses_noise_ = false;
  bool uses_dawson_ = false;
  bool uses_calculus_ = false;
  std::set<int> tails_;
  std::set<std::pair<int, int>> orthants_;  // n ≥ m
};

}  // namespace ntkc::latex
