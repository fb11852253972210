#include "compiler/passes/expand/calculus.hpp"

#include <cmath>
#include <map>
#include <tuple>

namespace ntkc::passes {
namespace {

using moments::Constant;
using moments::NormalForm;
using moments::Switch;
using moments::Term;
using moments::Wave;

/// A complex number of nodes.
struct Complex {
  Expression re;
  Expression im;
};

/// Sums and products without what is 0 or 1 by name.
Expression plus(Expression x, Expression y) { return x.is(0) ? y : y.is(0) ? x : x + y; }
Expression minus(Expression x, Expression y) { return y.is(0) ? x : x - y; }
Expression times(Expression x, Expression y) {
  if (x.is(0) || y.is(0)) return x.literal(0);
  return x.is(1) ? y : y.is(1) ? x : x * y;
}
Complex operator+(Complex x, Complex y) { return {plus(x.re, y.re), plus(x.im, y.im)}; }
Complex operator*(Complex x, Complex y) {
  return {minus(times(x.re, y.re), times(x.im, y.im)), plus(times(x.re, y.im), times(x.im, y.re))};
}
Complex operator*(Expression x, Complex y) { return {times(x, y.re), times(x, y.im)}; }

/// s(z) with its number.
struct Switched {
  Switch s = Switch::none;
  Constant k;
  friend auto operator<=>(const Switched&, const Switched&) = default;
};

/// Expectations of uⁿ s(u) vᵐ t(v) under one Gaussian.
class Moments {
 public:
  Moments(const GaussianPair& pair, Complex mean_u, Complex mean_v)
      : pair_(pair), mean_u_(mean_u), mean_v_(mean_v) {}

  Complex operator()(int n, const Switched& s, int m, const Switched& t) {
    if (n < 0 || m < 0) return zero();
    const auto key = std::tuple(n, s, m, t);
    if (const auto found = known_.find(key); found != known_.end()) return found->second;
    const Complex result = n > 0 ? reduce_u(n, s, m, t) : m > 0 ? mirrored()(m, t, n, s) : base(s, t);
    known_.emplace(key, result);
    return result;
  }

 private:
  [[nodiscard]] Expression literal(double value) const { return pair_.a.literal(value); }
  [[nodiscard]] Expression constant(const Constant& value) const { return pair_.a.constant(value); }
  [[nodiscard]] Complex zero() const { return {literal(0), literal(0)}; }
  [[nodiscard]] bool centred() const {
    return mean_u_.re.is(0) && mean_u_.im.is(0) && mean_v_.re.is(0) && mean_v_.im.is(0);
  }
  [[nodiscard]] Moments mirrored() const {
    return {{pair_.b, pair_.a, pair_.c, pair_.determinant}, mean_v_, mean_u_};
  }

  /// Stein's lemma for one u.
  Complex reduce_u(int n, const Switched& s, int m, const Switched& t) {
    Complex result = times_mean(mean_u_, n - 1, s, m, t);
    if (n > 1) result = result + (static_cast<double>(n - 1) * pair_.a) * (*this)(n - 2, s, m, t);
    if (m > 0) result = result + (static_cast<double>(m) * pair_.c) * (*this)(n - 1, s, m - 1, t);
    if (s.s != Switch::none) result = result + pair_.a * turn(n - 1, s, m, t);
    if (t.s != Switch::none) result = result + pair_.c * mirrored().turn(m, t, n - 1, s);
    return result;
  }

  Complex times_mean(Complex mean, int n, const Switched& s, int m, const Switched& t) {
    if (mean.re.is(0) && mean.im.is(0)) return zero();
    return mean * (*this)(n, s, m, t);
  }

  /// E[uⁿ s'(u) vᵐ t(v)].
  Complex turn(int n, const Switched& s, int m, const Switched& t) {
    if (s.s == Switch::erf) {  // s' = (2k/√π) e^(-k²u²)
      const Constant k2 = s.k * s.k;
      const Expression d = 1.0 + Constant(2) * k2 * pair_.a;
      const Expression r = 1.0 / d;
      const GaussianPair narrowed = {pair_.a * r, (pair_.b + Constant(2) * k2 * pair_.determinant) * r,
                                     pair_.c * r, pair_.determinant * r};
      const Complex mean_v = mean_v_ + (Constant(-2) * k2 * narrowed.c) * mean_u_;
      Moments inner(narrowed, r * mean_u_, mean_v);
      const Expression height = Constant(2) * s.k * sqrt(r) / sqrt(literal(1).pi());
      return times(height, bell(k2 * r)) * inner(n, {}, m, t);
    }
    if (n > 0) return zero();  // s' = 2δ
    const Expression root = reciprocal_or_zero(sqrt(pair_.a));
    const Expression inverse = square(root);
    const Expression height = 2.0 * root / sqrt(2.0 * root.pi());
    const Complex mean_v = mean_v_ + (-1.0 * times(pair_.c, inverse)) * mean_u_;
    const Expression rest = times(pair_.determinant, inverse);
    Moments conditional({rest, literal(0), literal(0), literal(0)}, mean_v, zero());
    return times(height, bell(0.5 * inverse)) * conditional(m, t, 0, {});
  }

  /// e^(-rate μ_u²); μ is real where it is asked for.
  Expression bell(Expression rate) const {
    return mean_u_.re.is(0) ? literal(1) : exp(-(rate * square(mean_u_.re)));
  }

  static Constant noise(const Switched& s) {
    return s.s == Switch::erf ? Constant(0.5) / (s.k * s.k) : Constant();
  }

  Complex base(const Switched& s, const Switched& t) {
    if (s.s == Switch::none && t.s == Switch::none) return {literal(1), literal(0)};
    if (s.s == Switch::none) return mirrored().base(t, s);
    if (t.s == Switch::none) {
      if (mean_u_.re.is(0)) return zero();
      const Expression spread =
          s.s == Switch::sign ? 2.0 * pair_.a : constant(Constant(1) / (s.k * s.k)) + 2.0 * pair_.a;
      return {erf(mean_u_.re * reciprocal_or_zero(sqrt(spread))), literal(0)};
    }
    // (2/π) asin κ, κ = c/√((A + α)(B + β)), α = 1/(2k²) for erf and 0 for sign
    const Constant noise_u = noise(s);
    const Constant noise_v = noise(t);
    const Expression scale = reciprocal_or_zero(sqrt(plus(pair_.a, constant(noise_u)))) *
                             reciprocal_or_zero(sqrt(plus(pair_.b, constant(noise_v))));
    const Expression rest = plus(plus(pair_.determinant, constant(noise_u * noise_v)),
                                 plus(times(constant(noise_v), pair_.a), times(constant(noise_u), pair_.b)));
    const Expression kappa = minimum(absolute(pair_.c) * scale, literal(1));
    const Expression angle = arcsine(kappa, rest * square(scale));
    return {2.0 / angle.pi() * (sign(pair_.c) * angle), literal(0)};
  }

  GaussianPair pair_;
  Complex mean_u_;
  Complex mean_v_;
  std::map<std::tuple<int, Switched, int, Switched>, Complex> known_;
};

/// e^(αu + βv - gu² - hv²) as a factor, a covariance and a mean.
struct Exponents {
  Constant alpha_re, alpha_im, beta_re, beta_im, g, h;
  friend auto operator<=>(const Exponents&, const Exponents&) = default;
};

class Tilted {
 public:
  Tilted(const GaussianPair& pair, const Exponents& x)
      : factor_(tilt(pair, x)), moments_(covariance(pair, x), mean(pair, x, false), mean(pair, x, true)) {}

  Complex operator()(const Term& f, const Term& g) {
    return factor_ * moments_(f.power, {f.s, f.k}, g.power, {g.s, g.k});
  }

 private:
  static Expression reciprocal_determinant(const GaussianPair& p, const Exponents& x) {
    const Expression d =
        1.0 + (Constant(2) * x.g * p.a + (Constant(2) * x.h * p.b + Constant(4) * x.g * x.h * p.determinant));
    return 1.0 / d;
  }

  static GaussianPair covariance(const GaussianPair& p, const Exponents& x) {
    if (x.g.is(0) && x.h.is(0)) return p;
    const Expression r = reciprocal_determinant(p, x);
    return {(p.a + Constant(2) * x.h * p.determinant) * r, (p.b + Constant(2) * x.g * p.determinant) * r,
            p.c * r, p.determinant * r};
  }

  static Complex mean(const GaussianPair& pair, const Exponents& x, bool of_v) {
    const GaussianPair p = covariance(pair, x);
    const Expression own = of_v ? p.b : p.a;
    const auto linear = [&](const Constant& alpha, const Constant& beta) {
      const Expression first = times(own.constant(of_v ? beta : alpha), own);
      return plus(first, times(own.constant(of_v ? alpha : beta), p.c));
    };
    return {linear(x.alpha_re, x.beta_re), linear(x.alpha_im, x.beta_im)};
  }

  static Complex tilt(const GaussianPair& pair, const Exponents& x) {
    const GaussianPair p = covariance(pair, x);
    const auto form = [&](const Constant& aa, const Constant& bb, const Constant& ab) {
      return plus(plus(times(p.a.constant(aa), p.a), times(p.a.constant(bb), p.b)),
                  times(p.a.constant(ab), p.c));
    };
    const Constant half = 0.5;
    const Expression re = form(half * (x.alpha_re * x.alpha_re - x.alpha_im * x.alpha_im),
                               half * (x.beta_re * x.beta_re - x.beta_im * x.beta_im),
                               x.alpha_re * x.beta_re - x.alpha_im * x.beta_im);
    const Expression im =
        form(x.alpha_re * x.alpha_im, x.beta_re * x.beta_im, x.alpha_re * x.beta_im + x.alpha_im * x.beta_re);
    Expression size = re.is(0) ? re.literal(1) : exp(re);
    if (!x.g.is(0) || !x.h.is(0)) size = times(size, sqrt(reciprocal_determinant(pair, x)));
    if (im.is(0)) return {size, im};
    return {size * cos(im), size * sin(im)};
  }

  Complex factor_;
  Moments moments_;
};

bool vanishes(const Term& f, const Term& g) {
  return f.a.is(0) && g.a.is(0) && (f.parity() + g.parity()) % 2 == 1;
}

}  // namespace

bool has_moment(const NormalForm& f, const NormalForm& g) {
  for (const Term& x : f) {
    for (const Term& y : g) {
      if (vanishes(x, y)) continue;
      const int switches = (x.s != Switch::none ? 1 : 0) + (y.s != Switch::none ? 1 : 0);
      const bool waves = x.wave != Wave::none || y.wave != Wave::none;
      if (switches > 0 && waves) return false;
      if (switches == 2 && (!x.a.is(0) || !y.a.is(0))) return false;
    }
  }
  return true;
}

Expression moment(const NormalForm& f, const NormalForm& g, const GaussianPair& pair) {
  std::map<Exponents, Tilted> tilted;  // shared by terms of the same exponents
  Expression result = pair.a.literal(0);
  const auto expect = [&](const Term& x, const Term& y, double sign) {
    const Exponents exponents = {x.a, x.b, y.a, Constant(sign) * y.b, x.g, y.g};
    return tilted.try_emplace(exponents, pair, exponents).first->second(x, y);
  };
  // The factor of e^(ibz) whose real part is the wave.
  const auto wave_factor = [&](const Term& term, double conjugate) {
    const Expression zero = pair.a.literal(0);
    const Expression one = pair.a.literal(1);
    return term.wave == Wave::sine ? Complex{zero, pair.a.literal(-conjugate)} : Complex{one, zero};
  };
  for (const Term& x : f) {
    for (const Term& y : g) {
      if (vanishes(x, y)) continue;
      const bool two_waves = x.wave != Wave::none && y.wave != Wave::none;
      Expression value = (wave_factor(x, 1) * wave_factor(y, 1) * expect(x, y, 1)).re;
      // Re F Re G = Re(F G + F conj G)/2
      if (two_waves)
        value = 0.5 * plus(value, (wave_factor(x, 1) * wave_factor(y, -1) * expect(x, y, -1)).re);
      result = plus(result, times(pair.a.constant(x.coefficient * y.coefficient), value));
    }
  }
  return result;
}

}  // namespace ntkc::passes
