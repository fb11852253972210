// E[(u - u₀)ⁿ s(u) (v - v₀)ᵐ t(v) e^(αu + βv)] of one Gaussian pair. Internal to the calculus (calculus.hpp).
#pragma once

#include <map>
#include <tuple>

#include "compiler/duals/calculus.hpp"

namespace ntkc::duals {

/// A complex number of nodes.
struct Complex {
  Expression re;
  Expression im;
};

/// Sums and products without what is 0 or 1 by name.
Expression plus(Expression x, Expression y);
Expression minus(Expression x, Expression y);
Expression times(Expression x, Expression y);
Complex operator+(Complex x, Complex y);
Complex operator*(Complex x, Complex y);
Complex operator*(Expression x, Complex y);

/// Of (v, u).
GaussianPair mirror(const GaussianPair& pair);

/// s(z) with its numbers.
struct Switched {
  moments::Switch s = moments::Switch::none;
  moments::Constant k = {};
  moments::Constant t = {};
  friend auto operator<=>(const Switched&, const Switched&) = default;

  [[nodiscard]] bool is_centred() const { return s == moments::Switch::sign || s == moments::Switch::erf; }
  /// Whether it is [z > t] or [z < t] on the side of 0, where it tends to 1 with the variance.
  [[nodiscard]] bool holds_zero() const {
    return (s == moments::Switch::above && t.value() < 0) || (s == moments::Switch::below && t.value() > 0);
  }
};

/// w of e^(wz). Where there is a switch weights are real; where there is one alone, at 0, they may also be
/// imaginary.
struct Weight {
  moments::Constant re;
  moments::Constant im;
};

/// The expectations are those under the density that e^(αu + βv) shifts, times e^s. That has the mean Cw,
/// w = (α, β), and s = Re wᵀCw/2; the factor e^(i Im wᵀCw/2) is left to the caller.
class Moments {
 public:
  Moments(const GaussianPair& pair, const Weight& alpha, const Weight& beta, const Centres& centres);

  Complex operator()(int n, const Switched& s, int m, const Switched& t);

 private:
  [[nodiscard]] Expression literal(double value) const { return pair_.a.literal(value); }
  [[nodiscard]] Complex real(Expression value) const { return {value, literal(0)}; }
  [[nodiscard]] Complex zero() const { return real(literal(0)); }
  [[nodiscard]] Moments mirrored() const { return {mirror(pair_), beta_, alpha_, {centres_.v, centres_.u}}; }

  Complex reduce_u(int n, const Switched& s, int m, const Switched& t);
  [[nodiscard]] Complex bell(int n, const Switched& s, int m, const Switched& t) const;
  [[nodiscard]] bool is_wave() const { return !alpha_.im.is(0) || !beta_.im.is(0); }
  [[nodiscard]] Complex jump(int n, const Switched& s, int m, const Switched& t) const;
  [[nodiscard]] Complex wave_jump(int n, const Switched& s, int m) const;
  [[nodiscard]] Complex wave_base(const Switched& s) const;
  [[nodiscard]] Complex base(const Switched& s, const Switched& t) const;
  [[nodiscard]] Expression quadrants(const GaussianPair& noisy, const Switched& s, const Switched& t) const;

  GaussianPair pair_;
  Weight alpha_;
  Weight beta_;
  Centres centres_;
  Complex mean_u_;
  Complex mean_v_;
  Expression exponent_;
  std::map<std::tuple<int, Switched, int, Switched>, Complex> known_;
};

/// wᵀCw/2
Complex half_square(const GaussianPair& pair, const Weight& alpha, const Weight& beta);

}  // namespace ntkc::duals
