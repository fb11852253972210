#include "compiler/latex/basis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ntkc::latex {

using moments::Constant;
using moments::NormalForm;
using moments::Switch;
using moments::Term;
using moments::Wave;

bool is_zero(const Constant& constant) {
  return constant.is_number() && std::fabs(static_cast<double>(constant.value())) < 1e-25;
}

namespace {

void add(std::vector<Part>& parts, Term function, const Constant& coefficient) {
  function.coefficient = 1;
  const auto same = std::ranges::find_if(parts, [&](const Part& part) { return part.function == function; });
  if (same == parts.end()) {
    parts.push_back({coefficient, function});
  } else {
    same->coefficient += coefficient;
  }
}

/// c zⁿ ± c zⁿ sign z = 2c zⁿ [z > 0] or [z < 0].
NormalForm with_halves_joined(const NormalForm& form) {
  NormalForm result;
  std::vector<bool> used(form.size(), false);
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (used[i]) continue;
    Term term = form[i];
    for (std::size_t j = i + 1; j < form.size() && !used[i]; ++j) {
      if (used[j]) continue;
      const bool is_first_sign = term.s == Switch::sign;
      Term other = form[j];
      if (!(is_first_sign ? other.s == Switch::none : (term.s == Switch::none && other.s == Switch::sign)))
        continue;
      other.s = term.s;
      if (!other.is_like(term)) continue;
      const Constant plain = is_first_sign ? form[j].coefficient : term.coefficient;
      const Constant sign = is_first_sign ? term.coefficient : form[j].coefficient;
      const bool is_above = is_zero(plain - sign);
      if (!is_above && !is_zero(plain + sign)) continue;
      term.s = is_above ? Switch::above : Switch::below;
      term.coefficient = Constant(2) * plain;
      used[i] = used[j] = true;
    }
    result.push_back(term);
  }
  return result;
}

/// Halves as sums of what is even and what is odd, where there are waves: of a half times a wave there is no
/// expectation, while that of an even times an odd function is 0.
NormalForm with_halves_split(const NormalForm& form) {
  NormalForm result;
  for (Term term : form) {
    if (!term.is_threshold() || !term.t.is(0) || !term.a.is(0)) {
      result.push_back(term);
      continue;
    }
    const bool is_above = term.s == Switch::above;
    term.coefficient *= Constant(0.5);
    term.s = Switch::none;
    result.push_back(term);
    term.s = Switch::sign;
    if (!is_above) term.coefficient = -term.coefficient;
    result.push_back(term);
  }
  return result;
}

}  // namespace

std::vector<Part> parts_of(const NormalForm& form) {
  std::vector<Part> parts;
  const bool has_waves = std::ranges::any_of(form, [](const Term& term) { return term.wave != Wave::none; });
  for (const Term& term : has_waves ? with_halves_split(form) : with_halves_joined(form)) {
    if (!term.is_threshold()) {
      add(parts, term, term.coefficient);
      continue;
    }
    // zⁿ = Σ (n choose j) tⁿ⁻ʲ (z - t)ʲ
    Constant factor = term.coefficient;
    for (int j = term.power; j >= 0; --j) {
      Term shifted = term;
      shifted.power = j;
      add(parts, shifted, term.s == Switch::below && j % 2 == 1 ? -factor : factor);
      factor *= Constant(j) / Constant(term.power - j + 1) * term.t;
    }
  }
  std::erase_if(parts, [](const Part& part) { return is_zero(part.coefficient); });
  std::ranges::stable_sort(parts, std::ranges::greater(),
                           [](const Part& part) { return part.function.power; });
  return parts;
}

std::pair<BasisFunction, int> mirror_image(const BasisFunction& function) {
  auto [image, sign] = moments::reflected(function);
  // (z - t)₊ⁿ becomes (-t - z)₊ⁿ, where zⁿ [z > t] becomes (-1)ⁿ zⁿ [z < -t].
  if (function.is_threshold() && function.power % 2 == 1) sign = -sign;
  return {image, sign};
}

Formula written(const BasisFunction& f, Constants& constants) {
  const Formula z = Formula::symbol("z");
  Formula result = exp(constants(f.a) * z - constants(f.g) * square(z));
  if (f.wave != Wave::none)
    result *= Formula::call(f.wave == Wave::sine ? "\\sin" : "\\cos", {constants(f.b) * z});
  if (f.is_threshold()) {
    const bool is_above = f.s == Switch::above;
    const Formula t = constants(f.t);
    if (f.power == 0)
      return Formula::symbol(fmt::format("\\mathbf{{1}}_{{z {} {}}}", is_above ? '>' : '<', print(t, true)),
                             Formula::rank_of_functions) *
             result;
    const Formula distance = is_above ? z - t : t - z;
    const bool is_plain = distance.terms().size() == 1 && !distance.is_negative();
    const std::string within = is_plain ? print(distance) : "(" + print(distance, true) + ")";
    return power(Formula::symbol(within + "_+"), f.power) * result;
  }
  if (f.s == Switch::sign && f.power % 2 == 1)
    return power(z, f.power - 1) * Formula::of(Atom::Kind::absolute, {z}) * result;
  if (f.s == Switch::sign) result = Formula::call("\\operatorname{sgn}", {z}) * result;
  if (f.s == Switch::erf) result = Formula::call("\\operatorname{erf}", {constants(f.k) * z}) * result;
  return power(z, f.power) * result;
}

}  // namespace ntkc::latex
