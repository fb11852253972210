#include "compiler/elementary/region.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace ntkc::elementary {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double pi = std::numbers::pi;
constexpr Interval all = {-infinity, infinity};
/// What an operation may be off by, relative to its result.
constexpr double slack = 0x1p-50;

double larger_size(Interval a) { return std::max(std::fabs(a.low), std::fabs(a.high)); }
double smaller_size(Interval a) {
  return a.low <= 0 && a.high >= 0 ? 0 : std::min(std::fabs(a.low), std::fabs(a.high));
}
bool has_nan(Interval a) { return std::isnan(a.low) || std::isnan(a.high); }
Interval widened(Interval a) {
  return {a.low - slack * std::fabs(a.low), a.high + slack * std::fabs(a.high)};
}
Interval met(Interval a, Interval b) { return {std::max(a.low, b.low), std::min(a.high, b.high)}; }
Interval sum(Interval a, Interval b) { return {a.low + b.low, a.high + b.high}; }
Interval opposite(Interval a) { return {-a.high, -a.low}; }

/// 0 times infinity is 0: an end of what is bounded.
double times(double a, double b) { return a == 0 || b == 0 ? 0 : a * b; }
Interval product(Interval a, Interval b) {
  const auto [low, high] =
      std::minmax({times(a.low, b.low), times(a.low, b.high), times(a.high, b.low), times(a.high, b.high)});
  return {low, high};
}
Interval squared(Interval a) {
  const double low = smaller_size(a);
  const double high = larger_size(a);
  return {low * low, high * high};
}

/// Of the cosine.
Interval cosines(Interval a) {
  if (!(a.high - a.low < 2 * pi) || larger_size(a) > 1e15) return {-1, 1};
  const double first = std::ceil(a.low / pi - 1e-9);  // the first multiple of π, where it is ±1
  const auto [least, most] = std::minmax({std::cos(a.low), std::cos(a.high)});
  Interval result = {least, most};
  for (const double k : {first, first + 1}) {
    if (k * pi > a.high + 1e-9) break;
    (std::fmod(k, 2) == 0 ? result.high : result.low) = std::fmod(k, 2) == 0 ? 1 : -1;
  }
  return result;
}
Interval sines(Interval a) { return cosines({a.low - pi / 2, a.high - pi / 2}); }

/// Rounded outwards, and each bound as good as the others make it.
Region tidy(Region a) {
  if (has_nan(a.re) || has_nan(a.im) || has_nan(a.modulus)) return everything();
  if (has_nan(a.argument)) a.argument = all;
  a.re = widened(a.re);
  a.im = widened(a.im);
  a.modulus = widened(a.modulus);
  a.modulus.high = std::min(a.modulus.high, std::hypot(larger_size(a.re), larger_size(a.im)) * (1 + slack));
  a.modulus.low =
      std::max({a.modulus.low, 0.0, std::hypot(smaller_size(a.re), smaller_size(a.im)) * (1 - slack)});
  a.re = met(a.re, {-a.modulus.high, a.modulus.high});
  a.im = met(a.im, {-a.modulus.high, a.modulus.high});
  if (a.re.low > 0) {
    const double angle = std::atan2(larger_size(a.im), a.re.low);
    a.argument = met(a.argument, {-angle, angle});
  }
  return a;
}

Region polar(Interval modulus, Interval argument) {
  const bool is_known = std::isfinite(argument.low) && std::isfinite(argument.high);
  return tidy({product(modulus, is_known ? cosines(argument) : Interval{-1, 1}),
               product(modulus, is_known ? sines(argument) : Interval{-1, 1}), modulus, argument});
}

template <typename F>
Region monotone(const Region& a, const F& f) {
  const Interval values = {f(a.re.low), f(a.re.high)};
  return has_nan(values) ? everything() : real_region(widened(values));
}

}  // namespace

Region real_region(Interval values) {
  return {
      values, {0, 0}, {smaller_size(values), larger_size(values)}, values.low >= 0 ? Interval{0, 0} : all};
}

Region everything() { return {all, all, {0, infinity}, all}; }

bool is_real(const Region& a) { return a.im.low == 0 && a.im.high == 0; }

Region united(const Region& a, const Region& b) {
  const auto both = [](Interval x, Interval y) {
    return Interval{std::min(x.low, y.low), std::max(x.high, y.high)};
  };
  return {both(a.re, b.re), both(a.im, b.im), both(a.modulus, b.modulus), both(a.argument, b.argument)};
}

Region add(const Region& a, const Region& b) {
  const double least = std::max(a.modulus.low - b.modulus.high, b.modulus.low - a.modulus.high);
  Interval argument = all;
  for (const auto& [large, small] : {std::pair(&a, &b), std::pair(&b, &a)}) {
    if (!(large->modulus.low > small->modulus.high)) continue;
    const double turn = std::asin(small->modulus.high / large->modulus.low);
    argument = {large->argument.low - turn, large->argument.high + turn};
  }
  return tidy(
      {sum(a.re, b.re), sum(a.im, b.im), {std::max(least, 0.0), a.modulus.high + b.modulus.high}, argument});
}

Region negative(const Region& a) {
  const Interval re = opposite(a.re);
  const double angle = std::atan2(larger_size(a.im), re.low);
  return {re, opposite(a.im), a.modulus, re.low > 0 ? Interval{-angle, angle} : all};
}

Region multiply(const Region& a, const Region& b) {
  return tidy({sum(product(a.re, b.re), opposite(product(a.im, b.im))),
               sum(product(a.re, b.im), product(a.im, b.re)), product(a.modulus, b.modulus),
               sum(a.argument, b.argument)});
}

Region square(const Region& a) {
  const Interval both = product(a.re, a.im);
  return tidy({sum(squared(a.re), opposite(squared(a.im))),
               {2 * both.low, 2 * both.high},
               squared(a.modulus),
               is_real(a) ? Interval{0, 0} : sum(a.argument, a.argument)});
}

Region inverse(const Region& a) {
  if (!(a.modulus.low > 0)) return everything();
  if (is_real(a)) return real_region(widened({1 / a.re.high, 1 / a.re.low}));
  const Interval moduli = {1 / a.modulus.high, 1 / a.modulus.low};
  return tidy({product(a.re, squared(moduli)), product(opposite(a.im), squared(moduli)), moduli,
               opposite(a.argument)});
}

Region exp(const Region& a) {
  if (is_real(a)) return monotone(a, [](double x) { return std::exp(x); });
  return polar({std::exp(a.re.low), std::exp(a.re.high)}, a.im);
}

Region log(const Region& a) {
  if (is_real(a)) return a.re.low < 0 ? everything() : monotone(a, [](double x) { return std::log(x); });
  const bool is_known = std::isfinite(a.argument.low) && std::isfinite(a.argument.high);
  if (!is_known || !(a.modulus.low > 0)) return everything();
  return tidy({{std::log(a.modulus.low), std::log(a.modulus.high)}, a.argument, {0, infinity}, all});
}

Region sin(const Region& a) {
  if (is_real(a)) return real_region(widened(sines(a.re)));
  const double most = larger_size(a.im);
  const Interval cosh = {std::cosh(smaller_size(a.im)), std::cosh(most)};
  return tidy({product(sines(a.re), cosh),
               product(cosines(a.re), {std::sinh(a.im.low), std::sinh(a.im.high)}),
               {0, cosh.high},
               all});
}

Region cos(const Region& a) {
  constexpr double quarter = pi / 2;
  return sin({{a.re.low + quarter, a.re.high + quarter}, a.im, a.modulus, all});
}

Region tanh(const Region& a) {
  if (is_real(a)) return monotone(a, [](double x) { return std::tanh(x); });
  // 1 - 2w/(1 + w), w = e^(-2a), for the larger part to the right of 0, the odd function to the left
  const bool is_right = a.re.low + a.re.high >= 0;
  const Region twice = multiply(is_right ? a : negative(a), real_region({-2, -2}));
  const Region w = exp(twice);
  const Region one = real_region({1, 1});
  const Region rest = multiply(multiply(real_region({-2, -2}), w), inverse(add(one, w)));
  const Region result = add(one, rest);
  return is_right ? result : negative(result);
}

Region erf(const Region& a) {
  if (is_real(a)) return monotone(a, [](double x) { return std::erf(x); });
  // |erf(x + iy) - erf(x)| = (2/√π) e^(-x²) |∫₀ʸ e^(s² - 2ixs) ds|
  const double y = larger_size(a.im);
  const double x = smaller_size(a.re);
  const double radius = 1.13 * y * std::exp(y * y - x * x);
  return tidy(
      {{std::erf(a.re.low) - radius, std::erf(a.re.high) + radius}, {-radius, radius}, {0, infinity}, all});
}

Region power(const Region& a, double exponent) {
  if (exponent == 2) return square(a);
  const bool is_integer = exponent == std::floor(exponent) && std::fabs(exponent) <= 1024;
  if (is_integer && exponent < 0) return inverse(power(a, -exponent));
  if (is_integer) {
    Region result = real_region({1, 1});
    Region base = a;
    for (auto n = static_cast<int>(exponent); n > 0; n /= 2) {
      if (n % 2 != 0) result = multiply(result, base);
      if (n > 1) base = square(base);
    }
    return result;
  }
  if (is_real(a)) {
    if (a.re.low < 0) return everything();
    const Interval values = {std::pow(a.re.low, exponent), std::pow(a.re.high, exponent)};
    return real_region(widened({std::min(values.low, values.high), std::max(values.low, values.high)}));
  }
  const bool is_known = std::isfinite(a.argument.low) && std::isfinite(a.argument.high);
  if (!is_known || !(a.modulus.low > 0)) return everything();
  const auto [least, most] =
      std::minmax({std::pow(a.modulus.low, exponent), std::pow(a.modulus.high, exponent)});
  const Interval turn = product(a.argument, {exponent, exponent});
  return polar({least, most}, turn);
}

}  // namespace ntkc::elementary
