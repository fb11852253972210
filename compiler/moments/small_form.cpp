// What a function is near 0, where the terms of its normal form may cancel.
#include <quadmath.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "compiler/moments/normal_form.hpp"

namespace ntkc::moments {
namespace {

constexpr std::size_t most_powers = 9;
/// Powers beyond the lowest, whose share of it is then (√q)⁴.
constexpr std::size_t further_powers = 3;

/// Coefficients of a power series in z, the highest left out.
using Series = std::array<Constant, most_powers>;

Series product(const Series& x, const Series& y) {
  Series result;
  for (std::size_t i = 0; i < most_powers; ++i) {
    for (std::size_t j = 0; i + j < most_powers; ++j) {
      if (!x.at(i).is(0) && !y.at(j).is(0)) result.at(i + j) += x.at(i) * y.at(j);
    }
  }
  return result;
}

/// Σ c_k (rate z^step)^k, c_k the coefficients of e^x, cos x or sin x.
template <typename Coefficient>
Series composed(const Constant& rate, std::size_t step, const Coefficient& coefficient) {
  Series result;
  Constant power = 1;
  for (std::size_t k = 0; k * step < most_powers; ++k) {
    result.at(k * step) = Constant(coefficient(k)) * power;
    power *= rate;
  }
  return result;
}

Quad over_factorial(std::size_t k) {
  Quad result = 1;
  for (std::size_t i = 2; i <= k; ++i) result /= static_cast<int>(i);
  return result;
}

Series series_of(const Term& term) {
  Series result;
  if (static_cast<std::size_t>(term.power) < most_powers)
    result.at(static_cast<std::size_t>(term.power)) = term.coefficient;
  if (!term.a.is(0)) result = product(result, composed(term.a, 1, over_factorial));
  if (!term.g.is(0)) result = product(result, composed(-term.g, 2, over_factorial));
  if (term.wave != Wave::none) {
    const std::size_t odd = term.wave == Wave::sine ? 1 : 0;
    result =
        product(result, composed(term.b, 1, [odd](std::size_t k) {
                  return k % 2 != odd ? Quad(0) : k / 2 % 2 == 0 ? over_factorial(k) : -over_factorial(k);
                }));
  }
  if (term.s == Switch::erf) {
    const Quad root = 2 / sqrtq(acosq(Quad(-1)));
    result = product(result, composed(term.k, 1, [root](std::size_t k) {
                       if (k % 2 == 0) return Quad(0);
                       const Quad size = root * over_factorial(k / 2) / static_cast<int>(k);
                       return k / 2 % 2 == 0 ? size : -size;
                     }));
  }
  return result;
}

/// What of the switch is left near 0, as 1 and sign z.
struct Sides {
  Quad both = 0;
  Quad sign = 0;
};
Sides sides_of(const Term& term) {
  if (term.s == Switch::none || term.s == Switch::erf) return {1, 0};
  if (term.s == Switch::sign) return {0, 1};
  const Quad t = term.t.value();
  const Quad direction = term.s == Switch::above ? 1 : -1;
  if (t == 0) return {Quad(0.5), direction / 2};
  return {direction * t < 0 ? Quad(1) : Quad(0), 0};
}

/// Whether terms like it may cancel near 0, though the function vanishes there.
bool may_cancel(const Term& term) {
  const bool is_odd_switch = term.s == Switch::sign || term.s == Switch::erf;
  const bool is_far = term.is_threshold() && term.t.value() != 0 && sides_of(term).both == 0;
  return term.power == 0 && !is_far && !(is_odd_switch && term.is_plain());
}

}  // namespace

std::optional<SmallForm> small_form(const NormalForm& f) {
  constexpr Quad largest_share = 1e-6;
  constexpr Quad thresholds_apart = 200;  // squared: 14 deviations
  if (!vanishes_at_zero(f) || std::ranges::none_of(f, may_cancel)) return std::nullopt;
  Series plain;
  Series with_sign;
  std::array<Quad, most_powers> sizes{};
  SmallForm result = {{}, HUGE_VAL};
  for (const Term& term : f) {
    const Sides sides = sides_of(term);
    const Series series = series_of(term);
    for (std::size_t n = 0; n < most_powers; ++n) {
      plain.at(n) += Constant(sides.both) * series.at(n);
      with_sign.at(n) += Constant(sides.sign) * series.at(n);
      sizes.at(n) += fabsq(series.at(n).value());
    }
    for (const Quad rate : {term.a.value() * term.a.value(), term.b.value() * term.b.value(),
                            term.k.value() * term.k.value(), 2 * term.g.value()}) {
      if (rate > 0)
        result.largest_variance =
            std::min(result.largest_variance, static_cast<double>(largest_share / rate));
    }
    if (const Quad t = term.t.value(); t != 0)
      result.largest_variance =
          std::min(result.largest_variance, static_cast<double>(t * t / thresholds_apart));
  }
  std::size_t last = most_powers;
  for (std::size_t n = 0; n < std::min(most_powers, last); ++n) {
    for (const bool has_sign : {false, true}) {
      const Constant& c = (has_sign ? with_sign : plain).at(n);
      if (fabsq(c.value()) <= Quad(0x1p-90) * sizes.at(n)) continue;
      last = std::min(last, n + further_powers + 1);
      result.form.push_back(
          {.coefficient = c, .power = static_cast<int>(n), .s = has_sign ? Switch::sign : Switch::none});
    }
  }
  if (result.form.empty() || last > most_powers) return std::nullopt;
  return result;
}

}  // namespace ntkc::moments
