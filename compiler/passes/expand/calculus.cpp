#include "compiler/passes/expand/calculus.hpp"

#include <functional>
#include <map>
#include <tuple>

namespace ntkc::passes {
namespace {

using moments::Constant;
using moments::NormalForm;
using moments::Quad;
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

/// s(z) with its numbers.
struct Switched {
  Switch s = Switch::none;
  Constant k;
  Constant t;
  friend auto operator<=>(const Switched&, const Switched&) = default;

  [[nodiscard]] bool is_centred() const { return s == Switch::sign || s == Switch::erf; }
};

/// e^s where s is not 0 by name.
Expression power_of_e(Expression s) { return s.is(0) ? s.literal(1) : exp(s); }
Expression negative(Expression x) { return x.is(0) ? x : -x; }
/// e^(s - x²/2)/√(2π)
Expression density(Expression x, Expression s) {
  const Expression exponent = x.is(0) ? s : minus(s, 0.5 * square(x));
  return power_of_e(exponent) / sqrt(2.0 * x.pi());
}
/// (t - mean)/√variance. A variance of 0 is one of 1e-60, which is as good and divides.
Expression standard(const Constant& t, Expression mean, Expression variance) {
  const Expression gap = minus(mean.constant(t), mean);
  return gap.is(0) ? gap : gap / maximum(sqrt(variance), gap.literal(1e-30));
}
/// tⁿ
Constant power(const Constant& t, int n) {
  Constant result = Quad(1);
  for (int i = 0; i < n; ++i) result *= t;
  return result;
}
/// Of s' = weight δ(z - t).
double jump(Switch s) { return s == Switch::sign ? 2 : s == Switch::above ? 1 : -1; }

/// Expectations of e^s vᵐ t(v) for one Gaussian v.
class LineMoments {
 public:
  using Standard = std::function<Expression(const Constant&)>;

  /// `standard` is (t - mean)/√variance, which the caller may know better.
  LineMoments(Expression mean, Expression variance, Expression exponent, Standard standard)
      : mean_(mean), variance_(variance), exponent_(exponent), standard_(std::move(standard)) {}

  Expression operator()(int m, const Switched& t) const {
    if (m < 0) return mean_.literal(0);
    if (m == 0) return base(t);
    Expression result = times(mean_, (*this)(m - 1, t));
    if (m > 1) result = plus(result, times(static_cast<double>(m - 1) * variance_, (*this)(m - 2, t)));
    if (t.s != Switch::none) result = plus(result, times(variance_, turn(m - 1, t)));
    return result;
  }

 private:
  /// E[e^s vᵐ t'(v)].
  [[nodiscard]] Expression turn(int m, const Switched& t) const {
    if (t.s == Switch::erf) {
      const Constant k2 = t.k * t.k;
      const Expression r = 1.0 / (1.0 + Constant(2) * k2 * variance_);
      const Expression exponent = minus(exponent_, times(k2 * r, square(mean_)));
      const LineMoments inner(times(r, mean_), r * variance_, exponent, nullptr);
      return Constant(2) * t.k * sqrt(r) / sqrt(mean_.pi()) * inner(m, {});
    }
    const Constant height = Constant(jump(t.s)) * power(t.t, m);
    if (height.is(0)) return mean_.literal(0);
    return height * (reciprocal_or_zero(sqrt(variance_)) * density(standard_(t.t), exponent_));
  }

  [[nodiscard]] Expression base(const Switched& t) const {
    if (t.s == Switch::none) return power_of_e(exponent_);
    if (t.s == Switch::above) return normal_tail(standard_(t.t), exponent_);
    if (t.s == Switch::below) return normal_tail(negative(standard_(t.t)), exponent_);
    if (t.s == Switch::sign) {
      const Expression x = standard_({});
      return x.is(0) ? x : times(erf(-(x / sqrt(x.literal(2)))), power_of_e(exponent_));
    }
    if (mean_.is(0)) return mean_;
    const Expression spread = mean_.constant(Constant(1) / (t.k * t.k)) + 2.0 * variance_;
    return times(erf(mean_ / sqrt(spread)), power_of_e(exponent_));
  }

  Expression mean_;
  Expression variance_;
  Expression exponent_;
  Standard standard_;
};

/// (1 - ρ)/2 and (1 + ρ)/2 of a covariance and its determinant: 4 z z̄ = (AB - C²)/(AB).
Complements complements(const GaussianPair& p) {
  if (p.complements) return *p.complements;
  const Expression scale = reciprocal_or_zero(sqrt(p.a)) * reciprocal_or_zero(sqrt(p.b));
  const Expression rho = minimum(absolute(p.c) * scale, p.a.literal(1));
  const Expression m = minimum(times(p.determinant, square(scale)) / (2.0 * (1.0 + rho)), p.a.literal(0.5));
  const Expression zero = p.a.literal(0);
  return {select_less(p.c, zero, 1.0 - m, m), select_less(p.c, zero, m, 1.0 - m)};
}

/// (k - ρh)/√(1 - ρ²); as good as infinite for ρ = ±1, with the derivative 0 that it then has.
Expression leg(Expression h, Expression k, const Complements& z) {
  if (h.is(0) && k.is(0)) return h;
  const Expression near = plus(minus(k, h), times(2.0 * z.z, h));
  const Expression far = minus(plus(k, h), times(2.0 * z.zbar, h));
  const Expression numerator = select_less(z.z, z.zbar, near, far);
  const Expression root = 2.0 * sqrt(z.z * z.zbar);
  return select_less(root.literal(0), root, numerator * reciprocal_or_zero(root), 1e30 * sign(numerator));
}

/// Expectations of e^s uⁿ s(u) vᵐ t(v) under one Gaussian.
class Moments {
 public:
  Moments(const GaussianPair& pair, Complex mean_u, Complex mean_v, Expression exponent)
      : pair_(pair), mean_u_(mean_u), mean_v_(mean_v), exponent_(exponent) {}

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
  [[nodiscard]] Complex real(Expression value) const { return {value, literal(0)}; }
  [[nodiscard]] Complex zero() const { return real(literal(0)); }
  [[nodiscard]] Moments mirrored() const {
    return {{pair_.b, pair_.a, pair_.c, pair_.determinant, pair_.complements}, mean_v_, mean_u_, exponent_};
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

  /// E[e^s uⁿ s'(u) vᵐ t(v)]; means are real where there is a switch.
  Complex turn(int n, const Switched& s, int m, const Switched& t) {
    if (s.s == Switch::erf) {  // s' = (2k/√π) e^(-k²u²)
      const Constant k2 = s.k * s.k;
      const Expression d = 1.0 + Constant(2) * k2 * pair_.a;
      const Expression r = 1.0 / d;
      const GaussianPair narrowed = {pair_.a * r, (pair_.b + Constant(2) * k2 * pair_.determinant) * r,
                                     pair_.c * r, pair_.determinant * r};
      const Complex mean_v = mean_v_ + (Constant(-2) * k2 * narrowed.c) * mean_u_;
      const Expression exponent = minus(exponent_, times(k2 * r, times(mean_u_.re, mean_u_.re)));
      Moments inner(narrowed, r * mean_u_, mean_v, exponent);
      return (Constant(2) * s.k * sqrt(r) / sqrt(literal(1).pi())) * inner(n, {}, m, t);
    }
    // s' = weight δ(u - t): v given u = t.
    const Constant height = Constant(jump(s.s)) * power(s.t, n);
    if (height.is(0)) return zero();
    const Expression h = standard(s.t, mean_u_.re, pair_.a);
    const Expression root = reciprocal_or_zero(sqrt(pair_.a));
    const Expression inverse = square(root);
    const Expression shift = minus(constant(s.t), mean_u_.re);
    const LineMoments conditional(
        plus(mean_v_.re, times(pair_.c * inverse, shift)), times(pair_.determinant, inverse),
        h.is(0) ? exponent_ : minus(exponent_, 0.5 * square(h)),
        [&](const Constant& at) { return leg(h, standard(at, mean_v_.re, pair_.b), complements(pair_)); });
    return real(times(height * root / sqrt(2.0 * root.pi()), conditional(m, t)));
  }

  static Constant noise(const Switched& s) {
    return s.s == Switch::erf ? Constant(0.5) / (s.k * s.k) : Constant();
  }

  /// erf(ku) is the mean of the sign of u + noise, a Gaussian of variance 1/(2k²).
  Complex base(const Switched& s, const Switched& t) {
    if (s.s == Switch::none && t.s == Switch::none) return real(power_of_e(exponent_));
    if (s.s == Switch::none) return mirrored().base(t, s);
    if (t.s == Switch::none) {
      const LineMoments line(mean_u_.re, pair_.a, exponent_,
                             [&](const Constant& at) { return standard(at, mean_u_.re, pair_.a); });
      return real(line(0, s));
    }
    const Constant noise_u = noise(s);
    const Constant noise_v = noise(t);
    GaussianPair noisy = pair_;
    if (!noise_u.is(0) || !noise_v.is(0)) {
      noisy = {plus(pair_.a, constant(noise_u)), plus(pair_.b, constant(noise_v)), pair_.c,
               plus(plus(pair_.determinant, constant(noise_u * noise_v)),
                    plus(times(constant(noise_v), pair_.a), times(constant(noise_u), pair_.b)))};
    }
    const bool is_centred = s.is_centred() && t.is_centred() && mean_u_.re.is(0) && mean_v_.re.is(0);
    return real(is_centred ? times(arcsine_law(noisy), power_of_e(exponent_)) : quadrants(noisy, s, t));
  }

  /// E[sign u sign v] = (2/π) asin ρ
  static Expression arcsine_law(const GaussianPair& p) {
    const Expression scale = reciprocal_or_zero(sqrt(p.a)) * reciprocal_or_zero(sqrt(p.b));
    const Expression kappa = minimum(absolute(p.c) * scale, p.a.literal(1));
    const Expression angle = arcsine(kappa, p.determinant * square(scale));
    return 2.0 / angle.pi() * (sign(p.c) * angle);
  }

  /// Each switch as a sum of [z > t] and [z < t]: sign and erf are [z > 0] - [z < 0].
  [[nodiscard]] Expression quadrants(const GaussianPair& p, const Switched& s, const Switched& t) const {
    const Complements z = complements(p);
    const Expression h = standard(s.t, mean_u_.re, p.a);
    const Expression k = standard(t.t, mean_v_.re, p.b);
    Expression result = literal(0);
    for (const bool u_above : {true, false}) {
      if (s.s == (u_above ? Switch::below : Switch::above)) continue;
      for (const bool v_above : {true, false}) {
        if (t.s == (v_above ? Switch::below : Switch::above)) continue;
        const bool same = u_above == v_above;
        const Expression value = normal_orthant(u_above ? h : negative(h), v_above ? k : negative(k),
                                                same ? z.z : z.zbar, same ? z.zbar : z.z, exponent_);
        const bool minus_u = s.is_centred() && !u_above;
        const bool minus_v = t.is_centred() && !v_above;
        result = minus_u == minus_v ? plus(result, value) : result - value;
      }
    }
    return result;
  }

  GaussianPair pair_;
  Complex mean_u_;
  Complex mean_v_;
  Expression exponent_;
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
      : factor_(factor(pair, x)),
        moments_(covariance(pair, x), mean(pair, x, false), mean(pair, x, true), exponent(pair, x).re) {}

  Complex operator()(const Term& f, const Term& g) {
    return factor_ * moments_(f.power, {f.s, f.k, f.t}, g.power, {g.s, g.k, g.t});
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

  /// wᵀC'w/2
  static Complex exponent(const GaussianPair& pair, const Exponents& x) {
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
    return {re, im};
  }

  /// What is left of the tilt beside e^(its exponent's real part).
  static Complex factor(const GaussianPair& pair, const Exponents& x) {
    const Expression size =
        x.g.is(0) && x.h.is(0) ? pair.a.literal(1) : sqrt(reciprocal_determinant(pair, x));
    const Expression angle = exponent(pair, x).im;
    if (angle.is(0)) return {size, angle};
    return {times(size, cos(angle)), times(size, sin(angle))};
  }

  Complex factor_;
  Moments moments_;
};

bool vanishes(const Term& f, const Term& g) {
  return f.has_parity() && g.has_parity() && (f.parity() + g.parity()) % 2 == 1;
}

}  // namespace

bool has_moment(const NormalForm& f, const NormalForm& g) {
  for (const Term& x : f) {
    for (const Term& y : g) {
      if (vanishes(x, y)) continue;
      const bool has_switch = x.s != Switch::none || y.s != Switch::none;
      const bool has_wave = x.wave != Wave::none || y.wave != Wave::none;
      if (has_switch && has_wave) return false;
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
