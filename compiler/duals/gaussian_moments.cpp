#include "compiler/duals/gaussian_moments.hpp"

#include <functional>
#include <utility>
#include <vector>

namespace ntkc::duals {

using moments::Constant;
using moments::Quad;
using moments::Switch;

Expression plus(Expression x, Expression y) { return x.is(0) ? y : y.is(0) ? x : x + y; }
Expression minus(Expression x, Expression y) { return y.is(0) ? x : x.is(0) ? -y : x - y; }
Expression times(Expression x, Expression y) {
  if (x.is(0) || y.is(0)) return x.literal(0);
  return x.is(1) ? y : y.is(1) ? x : x * y;
}
GaussianPair mirror(const GaussianPair& p) { return {p.b, p.a, p.c, p.determinant, p.complements}; }

Complex operator+(Complex x, Complex y) { return {plus(x.re, y.re), plus(x.im, y.im)}; }
Complex operator*(Complex x, Complex y) {
  return {minus(times(x.re, y.re), times(x.im, y.im)), plus(times(x.re, y.im), times(x.im, y.re))};
}
Complex operator*(Expression x, Complex y) { return {times(x, y.re), times(x, y.im)}; }

namespace {

Expression times(const Constant& x, Expression y) { return duals::times(y.constant(x), y); }
Expression root_of(Expression x) { return x.is(0) ? x : sqrt(x); }
Expression negative(Expression x) { return x.is(0) ? x : -x; }
Expression power_of_e(Expression s) { return s.is(0) ? s.literal(1) : exp(s); }
Expression root_two_pi(Expression any) { return sqrt(2.0 * any.pi()); }

/// tⁿ
Constant power(const Constant& t, int n) {
  Constant result = Quad(1);
  for (int i = 0; i < n; ++i) result *= t;
  return result;
}

/// t/√variance. A variance of 0 is one of 1e-300, which is as good and divides.
Expression over_deviation(const Constant& t, Expression variance) {
  if (t.is(0)) return variance.literal(0);
  return variance.constant(t) / maximum(sqrt(variance), variance.literal(1e-150));
}

/// c/√b. Zero where b is.
Expression over_second(const GaussianPair& p) {
  const bool is_equal = p.complements && p.complements->is_one();
  return is_equal ? sqrt(p.b) : p.c * reciprocal_or_zero(sqrt(p.b));
}

/// (αa + βc)/√variance, the variance a or more.
Expression over_deviation(const Constant& alpha, const Constant& beta, const GaussianPair& p,
                          Expression variance) {
  const bool is_own = variance.id() == p.a.id();
  const Expression inverse = reciprocal_or_zero(sqrt(variance));
  return plus(times(alpha, is_own ? sqrt(p.a) : p.a * inverse),
              times(beta, is_own ? over_second(mirror(p)) : p.c * inverse));
}

/// [z > 0] = (1 + sign)/2, and so on: s = constant + weight sign.
std::pair<double, double> by_sign(const Switched& s) {
  if (s.is_centred()) return {0, 1};
  return {0.5, s.s == Switch::above ? 0.5 : -0.5};
}

/// erf(ku) is the mean of the sign of u + noise, a Gaussian of variance 1/(2k²).
Constant noise(const Switched& s) { return s.s == Switch::erf ? Constant(0.5) / (s.k * s.k) : Constant(); }

/// det/a, the variance of v given u.
Expression given_first(const GaussianPair& p, const Complements& z) {
  if (p.complements) return times(p.b, z.sine_square());
  return times(p.determinant, square(reciprocal_or_zero(sqrt(p.a))));
}

/// 1e30 is as good as infinite, with the derivative 0 that it then has.
constexpr double infinite = 1e30;
/// e^s P(U > x), or of U < x
Expression tail(Expression x, bool above, Expression s) {
  if (x.is(0)) return times(Constant(0.5), power_of_e(s));
  if (x.is(above ? infinite : -infinite)) return x.literal(0);
  if (x.is(above ? -infinite : infinite)) return power_of_e(s);
  return normal_tail(above ? x : -x, s);
}

/// Expectations of e^s (v - v₀)ᵐ t(v) for one Gaussian v.
struct LineMoments {
  Expression mean;
  Expression variance;
  Expression root;      ///< √variance
  Expression exponent;  ///< s
  bool is_tilted;       ///< whether e^s comes from a weight of v, which may be large on one side
  std::function<Expression(const Constant&)> standard;  ///< (t - mean)/√variance
  std::function<Expression(const Constant&)> density;   ///< s - (t - mean)²/(2 variance)
  Constant centre = {};                                 ///< v₀

  Expression operator()(int m, const Switched& t) const {
    if (m < 0) return mean.literal(0);
    if (m == 0) return base(t);
    Expression result = duals::times(minus(mean, mean.constant(centre)), (*this)(m - 1, t));
    if (m > 1) result = plus(result, duals::times(times(Constant(m - 1), variance), (*this)(m - 2, t)));
    if (t.s == Switch::erf) result = plus(result, duals::times(variance, bell(m - 1, t)));
    if (t.s != Switch::none && t.s != Switch::erf) result = plus(result, duals::times(root, jump(m - 1, t)));
    return result;
  }

 private:
  /// E[e^s (v - v₀)ᵐ t'(v)], t' = (2k/√π) e^(-k²v²).
  [[nodiscard]] Expression bell(int m, const Switched& t) const {
    const Constant k2 = t.k * t.k;
    const Expression r = 1.0 / (1.0 + Constant(2) * k2 * variance);
    const Expression inner_exponent = minus(exponent, times(k2, duals::times(r, square(mean))));
    const LineMoments inner = {
        duals::times(r, mean), r * variance, root, inner_exponent, false, {}, {}, centre};
    return Constant(2) * t.k * sqrt(r) / sqrt(mean.pi()) * inner(m, {});
  }

  /// √variance E[e^s (v - v₀)ᵐ t'(v)], t' = weight δ(v - t).
  [[nodiscard]] Expression jump(int m, const Switched& t) const {
    const Constant height = Constant(moments::jump_of(t.s)) * power(t.t - centre, m);
    if (height.is(0)) return mean.literal(0);
    return duals::times(mean.constant(height) / root_two_pi(mean), power_of_e(density(t.t)));
  }

  [[nodiscard]] Expression base(const Switched& t) const {
    if (t.s == Switch::none) return power_of_e(exponent);
    if (t.is_centred()) return centred(t);
    // The small side, so that both sides are made of one.
    if (!is_tilted && t.holds_zero())
      return minus(power_of_e(exponent), tail(standard(t.t), t.s == Switch::below, exponent));
    return tail(standard(t.t), t.s == Switch::above, exponent);
  }

  [[nodiscard]] Expression centred(const Switched& t) const {
    if (t.s == Switch::sign) {
      const Expression x = standard({});
      return x.is(0) ? x : duals::times(erf(-(x / sqrt(x.literal(2)))), power_of_e(exponent));
    }
    if (mean.is(0)) return mean;
    const Expression spread = plus(mean.constant(Constant(1) / (t.k * t.k)), times(Constant(2), variance));
    return duals::times(erf(mean / sqrt(spread)), power_of_e(exponent));
  }
};

/// (t' - ρ√(b/a) t)/√(b(1 - ρ²)), for v at t' given u = t.
Expression leg(const Constant& t, const Constant& other, const GaussianPair& p, const Complements& z) {
  if (t.is(0) && other.is(0)) return p.a.literal(0);
  if (z.is_one())
    return p.a.literal(t.value() < other.value() ? infinite : t.value() > other.value() ? -infinite : 0);
  const Expression h = over_deviation(t, p.a);
  const Expression k = over_deviation(other, p.b);
  const Expression near = plus(minus(k, h), duals::times(2.0 * z.complement, h));
  const Expression far = minus(plus(k, h), duals::times(2.0 * z.cocomplement, h));
  const Expression numerator = select_less(z.complement, z.cocomplement, near, far);
  const Expression root = z.sine();
  return select_less(root.literal(0), root, numerator * reciprocal_or_zero(root), infinite * sign(numerator));
}

}  // namespace

Expression Complements::sine_square() const { return is_one() ? m : 4.0 * (m * (1.0 - m)); }
Expression Complements::sine() const { return root_of(sine_square()); }

bool Complements::is_one() const { return complement.is(0); }
Expression Complements::angle() const {
  if (is_one()) return complement;
  const Expression small = 2.0 * (sqrt(m) * arcsine_ratio(m, 0.5));
  return is_nonnegative ? small : select_less(cocomplement, complement, m.pi() - small, small);
}

Complements complements(const GaussianPair& p) {
  if (p.complements) return *p.complements;
  const Expression scale = reciprocal_or_zero(sqrt(p.a)) * reciprocal_or_zero(sqrt(p.b));
  const Expression rho = minimum(absolute(p.c) * scale, p.a.literal(1));
  const Expression m = minimum(times(p.determinant, square(scale)) / (2.0 * (1.0 + rho)), p.a.literal(0.5));
  const Expression zero = p.a.literal(0);
  return {select_less(p.c, zero, 1.0 - m, m), select_less(p.c, zero, m, 1.0 - m), m, false};
}

Complex half_square(const GaussianPair& p, const Weight& alpha, const Weight& beta) {
  const auto form = [&](const Constant& aa, const Constant& bb, const Constant& ab) {
    return plus(plus(times(aa, p.a), times(bb, p.b)), times(ab, p.c));
  };
  const Constant half = 0.5;
  return {form(half * (alpha.re * alpha.re - alpha.im * alpha.im),
               half * (beta.re * beta.re - beta.im * beta.im), alpha.re * beta.re - alpha.im * beta.im),
          form(alpha.re * alpha.im, beta.re * beta.im, alpha.re * beta.im + alpha.im * beta.re)};
}

Moments::Moments(const GaussianPair& pair, const Weight& alpha, const Weight& beta, const Centres& centres)
    : pair_(pair),
      alpha_(alpha),
      beta_(beta),
      centres_(centres),
      mean_u_{plus(times(alpha.re, pair.a), times(beta.re, pair.c)),
              plus(times(alpha.im, pair.a), times(beta.im, pair.c))},
      mean_v_{plus(times(alpha.re, pair.c), times(beta.re, pair.b)),
              plus(times(alpha.im, pair.c), times(beta.im, pair.b))},
      exponent_(half_square(pair, alpha, beta).re) {}

Complex Moments::operator()(int n, const Switched& s, int m, const Switched& t) {
  if (n < 0 || m < 0) return zero();
  const auto key = std::tuple(n, s, m, t);
  if (const auto found = known_.find(key); found != known_.end()) return found->second;
  const Complex result = n > 0 ? reduce_u(n, s, m, t) : m > 0 ? mirrored()(m, t, n, s) : base(s, t);
  known_.emplace(key, result);
  return result;
}

/// Stein's lemma for one u.
Complex Moments::reduce_u(int n, const Switched& s, int m, const Switched& t) {
  const Complex mean = {minus(mean_u_.re, literal(0).constant(centres_.u)), mean_u_.im};
  const bool is_centred = mean.re.is(0) && mean.im.is(0);
  Complex result = is_centred ? zero() : mean * (*this)(n - 1, s, m, t);
  if (n > 1) result = result + times(Constant(n - 1), pair_.a) * (*this)(n - 2, s, m, t);
  if (m > 0) result = result + times(Constant(m), pair_.c) * (*this)(n - 1, s, m - 1, t);
  if (s.s == Switch::erf) {
    result = result + pair_.a * bell(n - 1, s, m, t);
  } else if (s.s != Switch::none) {
    result = result + sqrt(pair_.a) * jump(n - 1, s, m, t);
  }
  if (t.s == Switch::erf) {
    result = result + pair_.c * mirrored().bell(m, t, n - 1, s);
  } else if (t.s != Switch::none) {
    const Complex jumped = mirrored().jump(m, t, n - 1, s);
    if (!jumped.re.is(0) || !jumped.im.is(0)) result = result + over_second(pair_) * jumped;
  }
  return result;
}

/// E[e^s uⁿ s'(u) vᵐ t(v)], s' = (2k/√π) e^(-k²u²), which narrows the Gaussian.
Complex Moments::bell(int n, const Switched& s, int m, const Switched& t) const {
  const Constant k2 = s.k * s.k;
  const Expression r = 1.0 / (1.0 + Constant(2) * k2 * pair_.a);
  const GaussianPair narrowed = {times(pair_.a, r),
                                 times(plus(pair_.b, times(Constant(2) * k2, pair_.determinant)), r),
                                 times(pair_.c, r), times(pair_.determinant, r)};
  Moments inner(narrowed, alpha_, beta_, centres_);
  return (Constant(2) * s.k * sqrt(r) / sqrt(r.pi())) * inner(n, {}, m, t);
}

/// √a E[e^s (u - u₀)ⁿ s'(u) (v - v₀)ᵐ t(v)], s' = weight δ(u - t): v given u = t has the mean ct/a + β det/a
/// and the variance det/a.
Complex Moments::jump(int n, const Switched& s, int m, const Switched& t) const {
  if (is_wave()) return wave_jump(n, s, m);
  const Constant height = Constant(moments::jump_of(s.s)) * power(s.t - centres_.u, n);
  if (height.is(0)) return zero();
  const Complements z = complements(pair_);
  const Expression inverse = square(reciprocal_or_zero(sqrt(pair_.a)));
  const Expression variance = given_first(pair_, z);
  const Expression root = pair_.complements ? times(sqrt(pair_.b), z.sine()) : root_of(variance);
  const Expression start = s.t.is(0) ? literal(0) : times(s.t, pair_.c * inverse);
  const Constant& beta = beta_.re;
  // That of e^(αt) times the density at t.
  const Expression exponent =
      s.t.is(0) ? literal(0)
                : minus(inverse.constant(s.t * alpha_.re), times(Constant(0.5) * s.t * s.t, inverse));
  const auto leg_to = [&](const Constant& at) { return leg(s.t, at, pair_, z); };
  const LineMoments conditional = {
      plus(start, times(beta, variance)),
      variance,
      root,
      plus(plus(exponent, times(beta, start)), times(Constant(0.5) * beta * beta, variance)),
      !beta.is(0),
      [&](const Constant& at) { return minus(leg_to(at), times(beta, root)); },
      [&](const Constant& at) {
        const Expression distance = leg_to(at);
        const Expression shifted = plus(exponent, exponent.constant(beta * at));
        return distance.is(0) ? shifted : minus(shifted, 0.5 * square(distance));
      },
      centres_.v};
  return real(times(inverse.constant(height) / root_two_pi(inverse), conditional(m, t)));
}

/// √a E[e^s uⁿ s'(u) vᵐ e^(iβv)] for a switch at 0 and no other: v given u = 0 has the variance det/a, whose
/// characteristic function is e^(-β²det/(2a)), and under the shifted density the mean iβ det/a.
Complex Moments::wave_jump(int n, const Switched& s, int m) const {
  if (n > 0) return zero();
  const Expression variance = given_first(pair_, complements(pair_));
  const Expression mean = times(beta_.im, variance);
  Complex before = zero();
  Complex current = real(power_of_e(times(Constant(-0.5) * beta_.im * beta_.im, variance)));
  for (int k = 0; k < m; ++k) {  // Stein's lemma
    const Complex next = Complex{literal(0), mean} * current + times(Constant(k), variance) * before;
    before = current;
    current = next;
  }
  return times(Constant(moments::jump_of(s.s)), 1.0 / root_two_pi(variance)) * current;
}

/// E[s(u) e^(iαu + iβv)] for a switch at 0: of U ~ N(iμ, A), A with noise, E[sign U] = erf(iμ/√(2A)), so that
/// with Dawson's integral D and erfi x = (2/√π) e^(x²) D(x) it is (2i/√π) e^(s + μ²/(2A)) D(μ/√(2A)), and
/// s + μ²/(2A) = -β² det/(2a) - μ²(A - a)/(2aA).
Complex Moments::wave_base(const Switched& s) const {
  const auto [constant, weight] = by_sign(s);
  const Expression mean = mean_u_.im;
  const Expression noisy = plus(pair_.a, literal(0).constant(noise(s)));
  Expression exponent = times(Constant(-0.5) * beta_.im * beta_.im, given_first(pair_, complements(pair_)));
  if (!noise(s).is(0)) {
    const Expression share = mean * reciprocal_or_zero(sqrt(pair_.a));
    exponent = minus(exponent, times(Constant(0.5) * noise(s), square(share) / noisy));
  }
  const Expression x = mean * reciprocal_or_zero(sqrt(2.0 * noisy));
  const Expression factor = 2.0 / sqrt(x.pi()) * power_of_e(exponent);
  return {times(Constant(constant), power_of_e(exponent_)), times(Constant(weight), factor * dawson(x))};
}

namespace {

/// A switch as a constant and sums of [z > t] and [z < t].
struct Sides {
  struct Side {
    double weight;
    bool above;
  };
  double constant = 0;
  std::vector<Side> sides = {};
};

/// On one side where the weight is 0 and both sides have a probability that is not small: that on which
/// `above` is, for what switches at 0, and otherwise that away from 0.
Sides sides(const Switched& s, bool is_tilted, bool above) {
  const bool own = s.s == Switch::above;
  if (s.is_centred()) {
    if (is_tilted) return {0, {{1, true}, {-1, false}}};
    return {above ? -1.0 : 1.0, {{above ? 2.0 : -2.0, above}}};
  }
  const bool turns = !is_tilted && (s.t.is(0) ? own != above : s.holds_zero());
  if (turns) return {1, {{-1, !own}}};
  return {0, {{1, own}}};
}

/// The side that `sides` leaves of what does not switch at 0.
bool outer_side(const Switched& s, bool is_tilted) {
  const bool own = s.is_centred() || s.s == Switch::above;
  return !is_tilted && s.holds_zero() ? !own : own;
}

/// E[sign u sign v] = (2/π) asin ρ of noisy variables.
Expression arcsine_law(const GaussianPair& p) {
  const Expression scale = reciprocal_or_zero(sqrt(p.a)) * reciprocal_or_zero(sqrt(p.b));
  const Expression kappa = minimum(absolute(p.c) * scale, p.a.literal(1));
  const Expression angle = arcsine(kappa, p.determinant * square(scale));
  return 2.0 / angle.pi() * (sign(p.c) * angle);
}

/// Of what switches at 0, without a mean. Without noise asin ρ = π/2 - θ.
Expression symmetric_law(const GaussianPair& p, const Switched& s, const Switched& t) {
  const auto [s0, s1] = by_sign(s);
  const auto [t0, t1] = by_sign(t);
  if (!p.complements) return plus(p.a.literal(s0 * t0), times(Constant(s1 * t1), arcsine_law(p)));
  const Expression angle = p.complements->angle();
  return minus(p.a.literal(s0 * t0 + s1 * t1), duals::times(2 * s1 * t1 / angle.pi(), angle));
}

}  // namespace

Complex Moments::base(const Switched& s, const Switched& t) const {
  if (s.s == Switch::none && t.s == Switch::none) return real(power_of_e(exponent_));
  if (s.s == Switch::none) return mirrored().base(t, s);
  if (t.s == Switch::none && is_wave()) return wave_base(s);
  if (t.s == Switch::none) {
    const auto standard = [&](const Constant& at) {
      return minus(over_deviation(at, pair_.a), over_deviation(alpha_.re, beta_.re, pair_, pair_.a));
    };
    const bool is_tilted = !alpha_.re.is(0) || !beta_.re.is(0);
    const LineMoments line = {mean_u_.re, pair_.a, sqrt(pair_.a), exponent_, is_tilted, standard, {}};
    return real(line(0, s));
  }
  const Constant noise_u = noise(s);
  const Constant noise_v = noise(t);
  GaussianPair noisy = pair_;
  if (!noise_u.is(0) || !noise_v.is(0)) {
    noisy = {plus(pair_.a, pair_.a.constant(noise_u)), plus(pair_.b, pair_.a.constant(noise_v)), pair_.c,
             plus(plus(pair_.determinant, pair_.a.constant(noise_u * noise_v)),
                  plus(times(noise_v, pair_.a), times(noise_u, pair_.b)))};
  }
  const auto is_symmetric = [](const Switched& x, const Weight& weight) {
    return weight.re.is(0) && (x.is_centred() || x.t.is(0));
  };
  if (is_symmetric(s, alpha_) && is_symmetric(t, beta_)) return real(symmetric_law(noisy, s, t));
  return real(quadrants(noisy, s, t));
}

/// Each switch as a sum of [z > t] and [z < t].
Expression Moments::quadrants(const GaussianPair& p, const Switched& s, const Switched& t) const {
  const Complements z = complements(p);
  const Expression h = minus(over_deviation(s.t, p.a), over_deviation(alpha_.re, beta_.re, pair_, p.a));
  const Expression k =
      minus(over_deviation(t.t, p.b), over_deviation(beta_.re, alpha_.re, mirror(pair_), p.b));
  const bool u_tilted = !alpha_.re.is(0);
  const bool v_tilted = !beta_.re.is(0);
  const Sides us = sides(s, u_tilted, outer_side(t, v_tilted));
  const Sides vs = sides(t, v_tilted, outer_side(s, u_tilted));
  const auto orthant = [&](bool u_above, bool v_above) {
    const bool same = u_above == v_above;
    if (z.is_one()) {  // v = u
      const bool u_is_inner = (s.t.value() < t.t.value()) == u_above;
      if (same) return tail(u_is_inner ? k : h, u_above, exponent_);
      if ((u_above ? s.t : t.t).value() >= (u_above ? t.t : s.t).value()) return literal(0);
    }
    Expression first = u_above ? h : negative(h);
    Expression second = v_above ? k : negative(k);
    if (second.id() < first.id()) std::swap(first, second);
    return normal_orthant(first, second, same ? z.complement : z.cocomplement,
                          same ? z.cocomplement : z.complement, exponent_);
  };
  Expression result = times(Constant(us.constant * vs.constant), power_of_e(exponent_));
  const auto add = [&](double weight, const auto& value) {
    if (weight > 0) result = plus(result, times(Constant(weight), value()));
    if (weight < 0) result = minus(result, times(Constant(-weight), value()));
  };
  for (const auto& [weight, above] : us.sides)
    add(weight * vs.constant, [&] { return tail(h, above, exponent_); });
  for (const auto& [weight, above] : vs.sides)
    add(weight * us.constant, [&] { return tail(k, above, exponent_); });
  for (const auto& [u_weight, u_above] : us.sides) {
    for (const auto& [v_weight, v_above] : vs.sides)
      add(u_weight * v_weight, [&] { return orthant(u_above, v_above); });
  }
  return result;
}

}  // namespace ntkc::duals
