// What is asked of normal forms.
#include <quadmath.h>

#include <algorithm>
#include <array>
#include <map>

#include "compiler/moments/normal_form.hpp"
#include "compiler/moments/switches.hpp"

namespace ntkc::moments {
namespace {

/// Whether f(z) + factor f(-z) is 0.
bool vanishes_with_reflection(const NormalForm& f, int factor) {
  NormalForm sum = f;
  for (const Term& term : f) {
    auto [image, sign] = reflected(term);
    image.coefficient *= Quad(sign * factor);
    add_term(sum, image);
  }
  return sum.empty();
}

}  // namespace

std::pair<Term, int> reflected(const Term& term) {
  Term image = term;
  image.a = -term.a;
  image.t = -term.t;
  if (term.s == Switch::above) image.s = Switch::below;
  if (term.s == Switch::below) image.s = Switch::above;
  return {image, term.parity() == 1 ? -1 : 1};
}

bool is_orthogonal_by_parity(const Term& f, const Term& g) {
  return f.has_parity() && g.has_parity() && (f.parity() + g.parity()) % 2 == 1;
}

double jump_of(Switch s) { return s == Switch::sign ? 2 : s == Switch::above ? 1 : -1; }

bool is_even(const NormalForm& f) { return vanishes_with_reflection(f, -1); }
bool is_odd(const NormalForm& f) { return vanishes_with_reflection(f, 1); }

bool vanishes_at_zero(const NormalForm& f) {
  Quad sum = 0;
  Quad size = 0;
  for (const Term& term : f) {
    const bool is_odd_factor =
        term.power > 0 || term.s == Switch::sign || term.s == Switch::erf || term.wave == Wave::sine;
    if (is_odd_factor) continue;
    const Quad t = term.t.value();
    const bool is_on = term.s == Switch::above ? t < 0 : t > 0;
    const Quad share = !term.is_threshold() ? 1 : t == 0 ? Quad(0.5) : is_on ? 1 : 0;
    const Quad value = share * term.coefficient.value();
    sum += value;
    size += fabsq(value);
  }
  return fabsq(sum) <= Quad(0x1p-100) * size;
}

namespace {

/// The value of a term at its threshold, times the jump of its switch.
Constant height_of(const Term& term) {
  const auto apply = [](kernel_ir::Operation operation, const Constant& a) {
    return Constant::apply(operation, std::array{a});
  };
  Constant result = Constant(Quad(jump_of(term.s))) * term.coefficient;
  for (int i = 0; i < term.power; ++i) result *= term.t;
  if (!term.a.is(0) || !term.g.is(0))
    result *= apply(kernel_ir::Operation::exp, term.t * (term.a - term.g * term.t));
  if (term.wave == Wave::sine) result *= apply(kernel_ir::Operation::sin, term.b * term.t);
  if (term.wave == Wave::cosine) result *= apply(kernel_ir::Operation::cos, term.b * term.t);
  return result;
}

}  // namespace

std::vector<Jump> jumps(const NormalForm& f) {
  struct Sum {
    Constant at;
    Constant height = Quad(0);
    Quad size = 0;
  };
  std::map<Quad, Sum> sums;  // by place
  for (const Term& term : f) {
    if (term.s == Switch::none || term.s == Switch::erf) continue;
    const Constant height = height_of(term);
    Sum& sum = sums[term.t.value()];
    sum.at = term.t;
    sum.height += height;
    sum.size += fabsq(height.value());
  }
  std::vector<Jump> result;
  for (const auto& [place, sum] : sums) {
    if (fabsq(sum.height.value()) > Quad(1e-15) * sum.size) result.push_back({sum.at, sum.height});
  }
  return result;
}

std::optional<PiecewiseLinear> find_piecewise_linear(const NormalForm& form) {
  PiecewiseLinear result;
  for (const Term& term : form) {
    if (!term.is_plain() || term.power != 1 || (term.s != Switch::none && term.s != Switch::sign))
      return std::nullopt;
    (term.s == Switch::none ? result.odd : result.even) = term.coefficient;
  }
  return result;
}

std::optional<std::vector<Constant>> polynomial_coefficients(const NormalForm& form) {
  std::vector<Constant> powers;
  for (const Term& term : form) {
    if (!term.is_plain() || term.s != Switch::none) return std::nullopt;
    const auto n = static_cast<std::size_t>(term.power);
    if (powers.size() <= n) powers.resize(n + 1);
    powers[n] = term.coefficient;
  }
  return powers;
}

}  // namespace ntkc::moments
