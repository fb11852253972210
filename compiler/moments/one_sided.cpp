// Normal forms of fewer terms: [z > t] or [z < t] alone where the function has a term on one side only.
#include <algorithm>
#include <array>
#include <vector>

#include "compiler/moments/switches.hpp"

namespace ntkc::moments {
namespace {

/// Terms that differ in their switch only: a multiple of zⁿ e^(-gz²) on each interval between thresholds.
struct Steps {
  Term rest;
  std::vector<Term> terms;

  [[nodiscard]] bool owns(const Term& term) const {
    Term like = term;
    like.coefficient = rest.coefficient;
    like.s = Switch::none;
    like.k = like.t = {};
    return term.s != Switch::erf && term.a.is(0) && like == rest;
  }
};

/// A sum of constants that is 0 but for the rounding of its numbers.
Constant without_rest(const Constant& sum, Quad largest) {
  const Quad value = sum.value();
  return sum.is_number() && (value < 0 ? -value : value) <= Quad(0x1p-100) * largest ? Constant() : sum;
}

/// The multiples, from left to right, and the thresholds between them.
struct Levels {
  std::vector<Constant> thresholds;
  std::vector<Constant> values;
};

Levels levels(const Steps& steps) {
  Levels result;
  for (const Term& term : steps.terms) {
    if (term.s != Switch::none) result.thresholds.push_back(term.t);
  }
  const auto less = [](const Constant& a, const Constant& b) { return a.value() < b.value(); };
  std::ranges::sort(result.thresholds, less);
  const auto same = [](const Constant& a, const Constant& b) { return a.value() == b.value(); };
  result.thresholds.erase(std::unique(result.thresholds.begin(), result.thresholds.end(), same),
                          result.thresholds.end());
  for (std::size_t i = 0; i <= result.thresholds.size(); ++i) {
    Constant value;
    Quad largest = 0;
    for (const Term& term : steps.terms) {
      // Interval i is on the right of a threshold that is before it.
      const bool right = term.s != Switch::none && i > 0 && !less(result.thresholds[i - 1], term.t);
      if (term.s == (right ? Switch::below : Switch::above)) continue;
      const bool negative = term.s == Switch::sign && !right;
      value += negative ? -term.coefficient : term.coefficient;
      const Quad size = term.coefficient.value();
      largest = std::max(largest, size < 0 ? -size : size);
    }
    result.values.push_back(without_rest(value, largest));
  }
  return result;
}

/// The interval nearest to 0 on which the function is 0; the number of intervals if there is none.
std::size_t empty_interval(const Levels& l) {
  std::size_t best = l.values.size();
  Quad least = 0;
  for (std::size_t i = 0; i < l.values.size(); ++i) {
    if (!l.values[i].is(0)) continue;
    const Quad low = i == 0 ? Quad(0) : std::max(Quad(0), l.thresholds[i - 1].value());
    const Quad high = i + 1 == l.values.size() ? Quad(0) : std::max(Quad(0), -l.thresholds[i].value());
    const Quad distance = std::max(low, high);
    if (best == l.values.size() || distance < least) {
      best = i;
      least = distance;
    }
  }
  return best;
}

void add(NormalForm& result, const Steps& steps, Switch s, const Constant& t, const Constant& coefficient) {
  if (coefficient.is(0)) return;
  Term term = steps.rest;
  term.s = s;
  term.t = t;
  term.coefficient = coefficient;
  result.push_back(term);
}

/// From an interval on which it is 0, a jump at each threshold.
void add_from(NormalForm& result, const Steps& steps, const Levels& l, std::size_t empty) {
  for (std::size_t i = 0; i < l.thresholds.size(); ++i) {
    const bool right = i >= empty;
    add(result, steps, right ? Switch::above : Switch::below, l.thresholds[i],
        right ? l.values[i + 1] - l.values[i] : l.values[i] - l.values[i + 1]);
  }
}

/// What is left of 0 and what is right of it, for 1 and sign; other thresholds as they are.
void add_halves(NormalForm& result, const Steps& steps) {
  std::array<Constant, 2> halves;
  for (const Term& term : steps.terms) {
    if (term.s != Switch::none && term.s != Switch::sign) {
      result.push_back(term);
      continue;
    }
    halves[0] += term.s == Switch::sign ? -term.coefficient : term.coefficient;
    halves[1] += term.coefficient;
  }
  add(result, steps, Switch::below, {}, halves[0]);
  add(result, steps, Switch::above, {}, halves[1]);
}

}  // namespace

NormalForm one_sided(const NormalForm& f) {
  // Of even and odd terms half the expectations vanish, and so do those of switches and waves.
  const auto keeps = [](const Term& term) { return term.wave != Wave::none; };
  if (std::ranges::any_of(f, keeps) || std::ranges::all_of(f, &Term::has_parity) || is_even(f) || is_odd(f))
    return f;
  const bool splits_at_zero = std::ranges::any_of(
      f, [](const Term& term) { return !term.a.is(0) && term.is_threshold() && term.t.is(0); });
  NormalForm result;
  std::vector<Steps> classes;
  for (const Term& term : f) {
    const auto own = std::ranges::find_if(classes, [&](const Steps& steps) { return steps.owns(term); });
    if (own != classes.end()) {
      own->terms.push_back(term);
    } else if (term.s == Switch::erf || !term.a.is(0)) {
      result.push_back(term);
    } else {
      Term rest = term;
      rest.s = Switch::none;
      rest.t = {};
      classes.push_back({rest, {term}});
    }
  }
  for (const Steps& steps : classes) {
    const Levels l = levels(steps);
    const std::size_t empty = empty_interval(l);
    const bool has_sign =
        std::ranges::any_of(steps.terms, [](const Term& term) { return term.s == Switch::sign; });
    if (empty < l.values.size()) {
      add_from(result, steps, l, empty);
    } else if (has_sign && splits_at_zero) {
      add_halves(result, steps);
    } else {
      result.insert(result.end(), steps.terms.begin(), steps.terms.end());
    }
  }
  return result;
}

}  // namespace ntkc::moments
