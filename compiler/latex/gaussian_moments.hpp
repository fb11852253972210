// E[f(s)g(t)] of two basis functions as a formula, (s, t) ~ N(0, (q c; c q')).
//
// As the calculus of compiler/duals/calculus.hpp, which computes, but written for people:
// exponentials and Gaussian factors change mean and covariance; thresholds, in units of standard deviations,
// leave L_nm(h, k; ρ) = E[(U - h)₊ⁿ (V - k)₊ᵐ] of standard normal variables; other powers go by Stein's
// lemma.
#pragma once

#include <map>
#include <tuple>
#include <vector>

#include "compiler/latex/basis.hpp"
#include "compiler/latex/normal_functions.hpp"

namespace ntkc::latex {

class GaussianMoments {
 public:
  GaussianMoments(Constants& constants, NormalFunctions& functions, bool has_indices)
      : constants_(constants), functions_(functions), has_indices_(has_indices) {}

  /// A sum that is not `factored`. Precondition: duals::has_moment of the two.
  Formula operator()(const BasisFunction& f, const BasisFunction& g);

  /// Of covariances changed by Gaussian factors, in the order in which they came up.
  [[nodiscard]] const std::vector<Equation>& equations() const { return equations_; }
  /// How many such covariances there are. Their symbols have indices if told so.
  [[nodiscard]] std::size_t covariances() const { return named_.size(); }

 private:
  /// e^(αs + βt - gs² - ht²)
  struct Tilt {
    moments::Constant alpha, beta, g, h;
    friend auto operator<=>(const Tilt&, const Tilt&) = default;
  };
  /// The Gaussian (u, v) under a tilt, and the tilt's own expectation.
  struct Gaussian {
    Tilt tilt;
    Formula a, b, c, rho, mu, nu, mass;
    bool is_mirrored = false;  ///< u is the t
  };
  /// uⁿ s(u) w(bu), or (±(u - t))₊ⁿ
  using Side = BasisFunction;

  Gaussian gaussian(const Tilt& tilt);
  static Gaussian mirrored(const Gaussian& x);
  // E[S(u) T(v)] times the mass of the tilt, each for some sides.
  Formula moment(const Gaussian& x, const Side& s, const Side& t);
  Formula written(const Gaussian& x, const Side& s, const Side& t);
  Formula stein(const Gaussian& x, const Side& s, const Side& t);
  Formula turned(const Gaussian& x, const Side& s, const Side& t);
  Formula at_threshold(const Gaussian& x, const Side& s, const Side& t);
  Formula thresholds(const Gaussian& x, const Side& s, const Side& t);
  Formula one_threshold(const Gaussian& x, const Side& s, const Side& t);
  Formula error_functions(const Gaussian& x, const Side& s, const Side& t);
  Formula switched_wave(const Gaussian& x, const Side& s, const Side& t);
  Formula waves(const Gaussian& x, const Side& s, const Side& t);
  Formula line(const Side& s, const Formula& mean, const Formula& variance);
  Formula standard(const Side& s, const Formula& mean, const Formula& variance);
  Formula scale(const Side& s, const Formula& variance);

  /// What tells the sides of one tilt apart.
  using SideKey = std::tuple<int, moments::Switch, moments::Constant, moments::Constant, moments::Wave,
                             moments::Constant>;
  static SideKey key(const Side& s) { return {s.power, s.s, s.k, s.t, s.wave, s.b}; }

  Constants& constants_;
  NormalFunctions& functions_;
  bool has_indices_;
  struct Named {
    moments::Constant g, h;
    Formula d, a, b, c, rho;
  };
  std::vector<Named> named_;
  std::map<std::tuple<Tilt, bool, SideKey, SideKey>, Formula> known_;
  std::vector<Equation> equations_;
};

}  // namespace ntkc::latex
