#include "compiler/latex/gaussian_moments.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace ntkc::latex {

using moments::Constant;
using moments::Switch;
using moments::Wave;

namespace {

/// Of the derivative of (±(z - t))₊.
int direction(const BasisFunction& f) { return f.s == Switch::above ? 1 : -1; }
BasisFunction lowered(BasisFunction f) {
  --f.power;
  return f;
}

/// α x + β y
Formula linear(const Formula& alpha, const Formula& x, const Formula& beta, const Formula& y) {
  if ((alpha - beta).is(0)) return alpha * (x + y);
  if ((alpha + beta).is(0)) return alpha * (x - y);
  return alpha * x + beta * y;
}

/// The variance of α u + β v.
Formula quadratic(const Formula& alpha, const Formula& beta, const Formula& a, const Formula& b,
                  const Formula& c) {
  if ((alpha - beta).is(0)) return square(alpha) * (a + b + 2 * c);
  if ((alpha + beta).is(0)) return square(alpha) * (a + b - 2 * c);
  return square(alpha) * a + square(beta) * b + 2 * alpha * beta * c;
}

}  // namespace

Formula GaussianMoments::operator()(const BasisFunction& f, const BasisFunction& g) {
  if (moments::is_orthogonal_by_parity(f, g)) return {};
  return moment(gaussian({f.a, g.a, f.g, g.g}), f, g);
}

// --- mean and covariance under e^(αs + βt - gs² - ht²)

GaussianMoments::Gaussian GaussianMoments::gaussian(const Tilt& tilt) {
  const Formula q = Formula::symbol("q");
  const Formula q2 = Formula::symbol("q'");
  const Formula c = Formula::symbol("c");
  Named named = {{}, {}, 1, q, q2, c, Formula::symbol("u")};
  if (!tilt.g.is(0) || !tilt.h.is(0)) {
    const auto known = std::ranges::find_if(
        named_, [&](const Named& other) { return other.g == tilt.g && other.h == tilt.h; });
    if (known == named_.end()) {
      const std::string index = has_indices_ ? fmt::format("_{{{}}}", named_.size() + 1) : "";
      const auto symbol = [&](const char* letter) { return Formula::symbol(letter + index); };
      named = {tilt.g, tilt.h, symbol("D"), symbol("Q"), symbol("Q'"), symbol("C"), symbol("\\rho")};
      const Formula g = 2 * constants_(tilt.g);
      const Formula h = 2 * constants_(tilt.h);
      const Formula determinant = q * q2 - square(c);
      equations_.push_back({named.d, (1 + g * q) * (1 + h * q2) - g * h * square(c)});
      equations_.push_back({named.a, (q + h * determinant) / named.d});
      equations_.push_back({named.b, (q2 + g * determinant) / named.d});
      equations_.push_back({named.c, c / named.d});
      equations_.push_back({named.rho, named.c / sqrt(named.a * named.b)});
      named_.push_back(named);
    } else {
      named = *known;
    }
  }
  const Formula alpha = constants_(tilt.alpha);
  const Formula beta = constants_(tilt.beta);
  return {tilt,
          named.a,
          named.b,
          named.c,
          named.rho,
          linear(alpha, named.a, beta, named.c),
          linear(alpha, named.c, beta, named.b),
          exp(quadratic(alpha, beta, named.a, named.b, named.c) / 2) / sqrt(named.d)};
}

GaussianMoments::Gaussian GaussianMoments::mirrored(const Gaussian& x) {
  return {{x.tilt.beta, x.tilt.alpha, x.tilt.h, x.tilt.g},
          x.b,
          x.a,
          x.c,
          x.rho,
          x.nu,
          x.mu,
          x.mass,
          !x.is_mirrored};
}

// --- which way

Formula GaussianMoments::moment(const Gaussian& x, const Side& s, const Side& t) {
  const std::tuple at(x.tilt, x.is_mirrored, key(s), key(t));
  if (const auto known = known_.find(at); known != known_.end()) return known->second;
  const Formula result = written(x, s, t);
  known_.emplace(at, result);
  return result;
}

Formula GaussianMoments::written(const Gaussian& x, const Side& s, const Side& t) {
  const bool has_wave = s.wave != Wave::none || t.wave != Wave::none;
  if (has_wave && (s.s != Switch::none || t.s != Switch::none)) {
    if (s.s == Switch::none) return moment(mirrored(x), t, s);
    if (s.power > 0) return stein(x, s, t);
    return t.power > 0 ? stein(mirrored(x), t, s) : switched_wave(x, s, t);
  }
  if (s.s == Switch::sign) {  // zⁿ sgn z = z₊ⁿ - (-1)ⁿ (-z)₊ⁿ
    Side half = s;
    half.s = Switch::above;
    const Formula above = moment(x, half, t);
    half.s = Switch::below;
    const Formula below = moment(x, half, t);
    return s.power % 2 == 0 ? above - below : above + below;
  }
  if (t.s == Switch::sign) return moment(mirrored(x), t, s);
  if (s.is_threshold()) return t.is_threshold() ? thresholds(x, s, t) : one_threshold(x, s, t);
  if (t.is_threshold()) return one_threshold(mirrored(x), t, s);
  if (s.power > 0) return stein(x, s, t);
  if (t.power > 0) return stein(mirrored(x), t, s);
  if (s.wave != Wave::none || t.wave != Wave::none) return waves(x, s, t);
  return error_functions(x, s, t);
}

/// E[u F] = μ E[F] + a E[∂_u F] + c E[∂_v F]; s is no threshold.
Formula GaussianMoments::stein(const Gaussian& x, const Side& s, const Side& t) {
  const Side rest = lowered(s);
  Formula result = distribute(x.mu, moment(x, rest, t));
  if (rest.power > 0) result += distribute(rest.power * x.a, moment(x, lowered(rest), t));
  result += distribute(x.a, turned(x, rest, t));
  if (t.is_threshold()) {
    const Formula turn = t.power > 0 ? distribute(t.power * direction(t), moment(x, rest, lowered(t)))
                                     : at_threshold(mirrored(x), t, rest);
    return result + distribute(x.c, turn);
  }
  if (t.power > 0) result += distribute(t.power * x.c, moment(x, rest, lowered(t)));
  return result + distribute(x.c, turned(mirrored(x), t, rest));
}

/// With the derivatives of the switch and of the wave in place of them.
Formula GaussianMoments::turned(const Gaussian& x, const Side& s, const Side& t) {
  Formula result;
  Side turn = s;
  if (s.s == Switch::erf) {  // (2k/√π) e^(-k²u²)
    turn.s = Switch::none;
    turn.k = {};
    Tilt tilt = x.tilt;
    tilt.g += s.k * s.k;
    if (x.is_mirrored) tilt = {tilt.beta, tilt.alpha, tilt.h, tilt.g};
    const Gaussian narrowed = gaussian(tilt);
    const Formula factor = 2 * constants_(s.k) / sqrt(Formula::pi());
    result = distribute(factor, moment(x.is_mirrored ? mirrored(narrowed) : narrowed, turn, t));
  } else if (s.s == Switch::sign && s.power == 0 && s.wave != Wave::sine) {  // 2δ, beside a wave
    const Formula density = 2 * x.mass / sqrt(2 * Formula::pi() * x.a);
    result = distribute(density, line(t, 0, x.b - square(x.c) / x.a));
  }
  if (s.wave == Wave::none) return result;
  turn = s;
  turn.wave = s.wave == Wave::sine ? Wave::cosine : Wave::sine;
  const Formula b = constants_(s.b);
  return result + distribute(s.wave == Wave::sine ? b : -b, moment(x, turn, t));
}

/// E[±δ(u - t) T(v)], of the derivative of a threshold.
Formula GaussianMoments::at_threshold(const Gaussian& x, const Side& s, const Side& t) {
  const Formula shift = constants_(s.t) - x.mu;
  const Formula conditional = line(t, x.nu + x.c * shift / x.a, x.b - square(x.c) / x.a);
  const Formula h = standard(s, x.mu, x.a);
  return distribute(direction(s) * x.mass / sqrt(x.a) * functions_.density(h), conditional);
}

// --- what is left

/// (t - mean)/√variance, the other way round for what is below.
Formula GaussianMoments::standard(const Side& s, const Formula& mean, const Formula& variance) {
  const Formula t = constants_(s.t);
  return (direction(s) > 0 ? t - mean : mean - t) / sqrt(variance);
}

Formula GaussianMoments::thresholds(const Gaussian& x, const Side& s, const Side& t) {
  const Formula h = standard(s, x.mu, x.a);
  const Formula k = standard(t, x.nu, x.b);
  const Formula rho = direction(s) == direction(t) ? x.rho : -x.rho;
  return x.mass * power(sqrt(x.a), s.power) * power(sqrt(x.b), t.power) *
         functions_.orthant(s.power, t.power, h, k, rho);
}

/// 1/√variance. erf(kz) is the mean of the sign of z + noise of variance 1/(2k²).
Formula GaussianMoments::scale(const Side& s, const Formula& variance) {
  if (s.s != Switch::erf) return 1 / sqrt(variance);
  const Formula k = constants_(s.k);
  return sqrt(Formula(2)) * k / sqrt(1 + 2 * square(k) * variance);
}

Formula GaussianMoments::one_threshold(const Gaussian& x, const Side& s, const Side& t) {
  if (t.power > 0) return stein(mirrored(x), t, s);
  const Formula h = standard(s, x.mu, x.a);
  const Formula front = x.mass * power(sqrt(x.a), s.power);
  const Formula alone = front * functions_.tail(s.power, h);
  if (t.s != Switch::erf) return alone;
  const Formula noisy = scale(t, x.b);
  functions_.use_noise();
  const Formula rho = direction(s) * x.c * noisy / sqrt(x.a);
  return 2 * front * functions_.orthant(s.power, 0, h, -(x.nu * noisy), rho) - alone;
}

Formula GaussianMoments::error_functions(const Gaussian& x, const Side& s, const Side& t) {
  const auto one = [&](const Side& side, const Formula& mean, const Formula& variance) {
    if (mean.is(0)) return Formula();
    const Formula k = constants_(side.k);
    return x.mass * Formula::call("\\operatorname{erf}", {k * mean / sqrt(1 + 2 * square(k) * variance)});
  };
  if (s.s == Switch::none && t.s == Switch::none) return x.mass;
  if (t.s == Switch::none) return one(s, x.mu, x.a);
  if (s.s == Switch::none) return one(t, x.nu, x.b);
  const Formula scale_u = scale(s, x.a);
  const Formula scale_v = scale(t, x.b);
  const Formula rho = x.c * scale_u * scale_v;
  if (x.mu.is(0) && x.nu.is(0)) return x.mass * 2 / Formula::pi() * Formula::call("\\arcsin", {rho});
  functions_.use_noise();
  const Formula h = x.mu * scale_u;
  const Formula k = x.nu * scale_v;
  return 4 * x.mass * functions_.orthant(0, 0, -h, -k, rho) - 2 * x.mass * functions_.normal(h) -
         2 * x.mass * functions_.normal(k) + x.mass;
}

/// Products of waves are waves of sums, and E[e^(i w)] = e^(i mean - variance/2).
Formula GaussianMoments::waves(const Gaussian& x, const Side& s, const Side& t) {
  const Formula b = s.wave == Wave::none ? 0 : constants_(s.b);
  const Formula b2 = t.wave == Wave::none ? 0 : constants_(t.b);
  const bool is_sine = s.wave == Wave::sine;
  const bool is_sine2 = t.wave == Wave::sine;
  if (x.is_mirrored) return waves(mirrored(x), t, s);
  if (x.mu.is(0) && x.nu.is(0)) {
    if (is_sine != is_sine2) return {};
    const Formula decay = x.mass * exp(-(quadratic(b, b2, x.a, x.b, 0) / 2));
    const Formula product = b * b2 * x.c;
    return product.is(0) ? decay : decay * Formula::call(is_sine ? "\\sinh" : "\\cosh", {product});
  }
  // cos of b u ± b' v, sin likewise.
  const auto wave = [&](int sign) {
    const Formula alpha = constants_(x.tilt.alpha);
    const Formula beta = constants_(x.tilt.beta);
    const Formula mean =
        factored(b * alpha * x.a + sign * b2 * beta * x.b + (b * beta + sign * b2 * alpha) * x.c);
    return x.mass * exp(-(quadratic(b, sign * b2, x.a, x.b, x.c) / 2)) *
           Formula::call(is_sine != is_sine2 ? "\\sin" : "\\cos", {mean});
  };
  if (b2.is(0) || b.is(0)) return wave(1);
  const Formula of_sum = wave(1) / 2;
  const Formula of_difference = wave(-1) / 2;
  if (is_sine && is_sine2) return of_difference - of_sum;
  return is_sine2 ? of_sum - of_difference : of_difference + of_sum;
}

/// E[s(u) w(X)], X a sum of both variables, by Dawson's integral F: E[sign(U) sin(κU)] = (2/√π) F(κ/√2), and
/// what of X is independent of u, or of u and the noise of erf, is a factor. Means are 0.
Formula GaussianMoments::switched_wave(const Gaussian& x, const Side& s, const Side& t) {
  const bool is_sine = s.wave == Wave::sine;
  const bool is_sine2 = t.wave == Wave::sine;
  if (is_sine == is_sine2) return {};
  functions_.use_dawson();
  const Formula b = s.wave == Wave::none ? 0 : constants_(s.b);
  const Formula b2 = t.wave == Wave::none ? 0 : constants_(t.b);
  const auto wave = [&](int sign) {
    const Formula kappa = (b * x.a + sign * b2 * x.c) * scale(s, x.a);
    const Formula rest = s.s == Switch::sign ? square(b2) * (x.b - square(x.c) / x.a)
                                             : quadratic(b, sign * b2, x.a, x.b, x.c) - square(kappa);
    return 2 * x.mass / sqrt(Formula::pi()) * exp(-(rest / 2)) *
           Formula::call("F", {kappa / sqrt(Formula(2))});
  };
  if (b.is(0) || b2.is(0)) return wave(1);
  return is_sine ? wave(1) / 2 + wave(-1) / 2 : wave(1) / 2 - wave(-1) / 2;
}

/// E[T(v)] of one Gaussian.
Formula GaussianMoments::line(const Side& s, const Formula& mean, const Formula& variance) {
  if (s.wave != Wave::none) {  // of mean 0
    const bool is_sine = s.wave == Wave::sine;
    const Formula b = constants_(s.b);
    if (s.power == 0) return is_sine ? 0 : exp(-(square(b) * variance / 2));
    Side turn = lowered(s);
    turn.wave = is_sine ? Wave::cosine : Wave::sine;
    Formula result = distribute((is_sine ? b : -b) * variance, line(turn, mean, variance));
    if (s.power > 1)
      result += distribute((s.power - 1) * variance, line(lowered(lowered(s)), mean, variance));
    return result;
  }
  if (s.power == 0 && s.s == Switch::none) return 1;
  const Formula k = constants_(s.k);
  const Formula spread = 1 + 2 * square(k) * variance;
  if (s.power == 0) return mean.is(0) ? 0 : Formula::call("\\operatorname{erf}", {k * mean / sqrt(spread)});
  const Side rest = lowered(s);
  Formula result = distribute(mean, line(rest, mean, variance));
  if (rest.power > 0) result += distribute(rest.power * variance, line(lowered(rest), mean, variance));
  if (s.s == Switch::none) return result;
  Side bell = rest;
  bell.s = Switch::none;
  const Formula density = 2 * k * exp(-(square(k) * square(mean) / spread)) / sqrt(Formula::pi() * spread);
  return result + distribute(variance * density, line(bell, mean / spread, variance / spread));
}

}  // namespace ntkc::latex
