#include "compiler/duals/calculus.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "compiler/duals/gaussian_moments.hpp"

namespace ntkc::duals {
namespace {

using moments::Constant;
using moments::NormalForm;
using moments::Switch;
using moments::Term;
using moments::Wave;

/// e^(αu + βv - gu² - hv²)
struct Exponents {
  Constant alpha_re, alpha_im, beta_re, beta_im, g, h;
  friend auto operator<=>(const Exponents&, const Exponents&) = default;
};

/// As a factor, a covariance and weights.
class Tilted {
 public:
  Tilted(const GaussianPair& pair, const Exponents& x, const Centres& centres)
      : factor_(factor(pair, x)),
        moments_(covariance(pair, x), {x.alpha_re, x.alpha_im}, {x.beta_re, x.beta_im}, centres) {}

  Complex operator()(const Term& f, const Term& g) {
    return factor_ * moments_(f.power, {f.s, f.k, f.t}, g.power, {g.s, g.k, g.t});
  }

 private:
  static Expression reciprocal_determinant(const GaussianPair& p, const Exponents& x) {
    const Expression d = plus(1.0 + (Constant(2) * x.g * p.a + Constant(2) * x.h * p.b),
                              times(p.determinant.constant(Constant(4) * x.g * x.h), p.determinant));
    return 1.0 / d;
  }

  static GaussianPair covariance(const GaussianPair& p, const Exponents& x) {
    if (x.g.is(0) && x.h.is(0)) return p;
    const Expression r = reciprocal_determinant(p, x);
    const auto narrowed = [&](Expression own, const Constant& other) {
      return plus(own, times(own.constant(Constant(2) * other), p.determinant)) * r;
    };
    const bool is_equal = p.complements && p.complements->is_one();
    return {narrowed(p.a, x.h), narrowed(p.b, x.g), p.c * r, times(p.determinant, r),
            is_equal ? p.complements : std::nullopt};
  }

  /// What is left of the tilt beside e^(its exponent's real part).
  static Complex factor(const GaussianPair& pair, const Exponents& x) {
    const Expression size =
        x.g.is(0) && x.h.is(0) ? pair.a.literal(1) : sqrt(reciprocal_determinant(pair, x));
    const Expression angle =
        half_square(covariance(pair, x), {x.alpha_re, x.alpha_im}, {x.beta_re, x.beta_im}).im;
    if (angle.is(0)) return {size, angle};
    return {times(size, cos(angle)), times(size, sin(angle))};
  }

  Complex factor_;
  Moments moments_;
};

}  // namespace

GaussianPair gaussian_pair(const CrossCovariance& k) {
  const Expression m = smaller_complement(k);
  const Expression determinant = k.self.q.both() * (4.0 * (m * (1.0 - m)));
  return {k.self.q.first(), k.self.q.second(), k.c, determinant,
          Complements{k.complement, k.cocomplement, m, k.range.nonnegative}};
}

GaussianPair equal_pair(Expression q) {
  const Expression zero = q.literal(0);
  return {q, q, q, zero, Complements{zero, q.literal(1), zero, true}};
}

bool has_moment(const NormalForm& f, const NormalForm& g) {
  for (const Term& x : f) {
    for (const Term& y : g) {
      if (moments::is_orthogonal_by_parity(x, y)) continue;
      if (x.wave == Wave::none && y.wave == Wave::none) continue;
      if (x.s == Switch::none && y.s == Switch::none) continue;
      // Of a switch and a wave: one switch, at 0, and no exponential.
      const bool is_alone = x.s == Switch::none || y.s == Switch::none;
      if (!is_alone || !x.t.is(0) || !y.t.is(0) || !x.a.is(0) || !y.a.is(0)) return false;
    }
  }
  return true;
}

bool has_moments(const NormalForm& f) {
  const NormalForm slope = moments::derivative(f);
  return has_moment(f, f) && has_moment(slope, slope);
}

namespace {

/// E[f(u)g(v)] of two terms but for their coefficients.
class TermMoments {
 public:
  TermMoments(const GaussianPair& pair, const Centres& centres) : pair_(pair), centres_(centres) {}

  Expression operator()(const Term& x, const Term& y) {
    const Expression value = (wave_factor(x, 1) * wave_factor(y, 1) * expect(x, y, 1)).re;
    if (x.wave == Wave::none || y.wave == Wave::none) return value;
    // Re F Re G = Re(F G + F conj G)/2
    return 0.5 * plus(value, (wave_factor(x, 1) * wave_factor(y, -1) * expect(x, y, -1)).re);
  }

 private:
  Complex expect(const Term& x, const Term& y, double sign) {
    const Exponents exponents = {x.a, x.b, y.a, Constant(sign) * y.b, x.g, y.g};
    return tilted_.try_emplace(exponents, pair_, exponents, centres_).first->second(x, y);
  }

  /// The factor of e^(ibz) whose real part is the wave.
  [[nodiscard]] Complex wave_factor(const Term& term, double conjugate) const {
    const Expression zero = pair_.a.literal(0);
    if (term.wave == Wave::sine) return {zero, pair_.a.literal(-conjugate)};
    return {pair_.a.literal(1), zero};
  }

  GaussianPair pair_;
  Centres centres_;
  std::map<Exponents, Tilted> tilted_;  // shared by terms of the same exponents
};

/// For each term that which z → -z makes of it, up to a sign.
struct Mirror {
  std::size_t term;
  int sign;
};
std::vector<std::optional<Mirror>> mirrors(const NormalForm& f) {
  std::vector<std::optional<Mirror>> result;
  for (const Term& term : f) {
    const auto [image, sign] = moments::reflected(term);
    const auto found = std::ranges::find_if(f, [&](const Term& other) { return other.is_like(image); });
    result.emplace_back();
    if (found != f.end()) result.back() = {static_cast<std::size_t>(found - f.begin()), sign};
  }
  return result;
}

}  // namespace

Expression moment(const NormalForm& f, const NormalForm& g, const GaussianPair& pair,
                  const Centres& centres) {
  TermMoments expectation(pair, centres);
  const bool is_centred = centres.u.is(0) && centres.v.is(0);
  Expression result = pair.a.literal(0);
  const auto mirrors_f = mirrors(f);
  const auto mirrors_g = mirrors(g);
  for (std::size_t i = 0; i < f.size(); ++i) {
    for (std::size_t j = 0; j < g.size(); ++j) {
      if (is_centred && moments::is_orthogonal_by_parity(f[i], g[j])) continue;
      Constant coefficient = f[i].coefficient * g[j].coefficient;
      if (is_centred && mirrors_f[i] && mirrors_g[j]) {  // E[x(u)y(v)] = E[x(-u)y(-v)]
        const auto [k, sign_f] = *mirrors_f[i];
        const auto [l, sign_g] = *mirrors_g[j];
        if (std::pair(k, l) < std::pair(i, j)) continue;
        if (std::pair(k, l) > std::pair(i, j))
          coefficient += Constant(sign_f * sign_g) * f[k].coefficient * g[l].coefficient;
      }
      if (!coefficient.is(0))
        result = plus(result, times(pair.a.constant(coefficient), expectation(f[i], g[j])));
    }
  }
  return result;
}

}  // namespace ntkc::duals
