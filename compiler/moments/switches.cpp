#include "compiler/moments/switches.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace ntkc::moments {
namespace {

using kernel_ir::Operation;

Constant apply(Operation operation, const Constant& a) { return Constant::apply(operation, {&a, 1}); }

Term with_switch(Term term, Switch s, const Constant& t, const Constant& factor = Quad(1)) {
  term.s = s;
  term.k = {};
  term.t = t;
  term.coefficient *= factor;
  return term;
}

/// A term that is in the form that `NormalForm` promises.
void add_normal(NormalForm& form, const Term& term) {
  const auto like = std::ranges::find_if(form, [&](const Term& other) { return other.is_like(term); });
  if (like != form.end()) {
    like->coefficient += term.coefficient;
    if (like->coefficient.is(0)) form.erase(like);
    return;
  }
  if (term.coefficient.is(0)) return;
  if (term.is_threshold() && !term.a.is(0)) {
    // [z > t] + [z < t] = 1, 1 - [z < t] = [z > t], and of two on the side where e^(az) rises the others.
    const auto replace = [&](const Term& known, std::initializer_list<Term> by) {
      const auto found = std::ranges::find(form, known);
      if (found == form.end()) return false;
      form.erase(found);
      for (const Term& each : by) add_normal(form, each);
      return true;
    };
    const Switch other = term.s == Switch::above ? Switch::below : Switch::above;
    const Term everywhere = with_switch(term, Switch::none, {});
    if (replace(with_switch(term, other, term.t), {everywhere})) return;
    if (replace(with_switch(everywhere, Switch::none, {}, Quad(-1)),
                {with_switch(term, other, term.t, Quad(-1))}))
      return;
    if (term.s == (term.a.value() > 0 ? Switch::above : Switch::below)) {
      const auto opposite = std::ranges::find_if(form, [&](const Term& known) {
        return known.s == term.s && known == with_switch(term, term.s, known.t, Quad(-1));
      });
      if (opposite != form.end()) {
        const Constant t = opposite->t;
        form.erase(opposite);
        add_normal(form, with_switch(term, other, term.t, Quad(-1)));
        add_normal(form, with_switch(term, other, t));
        return;
      }
    }
  }
  form.push_back(term);
}

}  // namespace

void add_term(NormalForm& form, Term term) {
  const Switch s = term.s;
  if (!term.a.is(0)) {
    if (s == Switch::sign) {
      add_normal(form, with_switch(term, Switch::above, {}));
      add_normal(form, with_switch(term, Switch::below, {}, Quad(-1)));
      return;
    }
  } else if (term.is_threshold() && term.t.is(0)) {
    add_normal(form, with_switch(term, Switch::none, {}, Quad(0.5)));
    add_normal(form, with_switch(term, Switch::sign, {}, Quad(s == Switch::above ? 0.5 : -0.5)));
    return;
  } else if (term.is_threshold() && (s == Switch::above ? term.t.value() < 0 : term.t.value() > 0)) {
    add_normal(form, with_switch(term, Switch::none, {}));
    add_normal(form, with_switch(term, s == Switch::above ? Switch::below : Switch::above, term.t, Quad(-1)));
    return;
  }
  add_normal(form, term);
}

std::optional<std::vector<Term>> times_switch(const Term& term, const Term& other) {
  if (other.s == Switch::none) return std::vector{term};
  if (term.s == Switch::none) {
    Term result = with_switch(term, other.s, other.t);
    result.k = other.k;
    return std::vector{result};
  }
  if (term.s == Switch::erf || other.s == Switch::erf) return std::nullopt;
  if (term.s == Switch::sign && other.s == Switch::sign)
    return std::vector{with_switch(term, Switch::none, {})};
  if (term.s == Switch::sign || other.s == Switch::sign) {
    const Term& threshold = term.s == Switch::sign ? other : term;
    const Constant& t = threshold.t;
    const bool above = threshold.s == Switch::above;
    const Quad outward = above ? 1 : -1;  // the sign of z far out on the side of the threshold
    std::vector<Term> result = {with_switch(term, threshold.s, t, outward)};
    if (above ? t.value() < 0 : t.value() > 0) {  // and the other sign up to 0
      result[0] = with_switch(term, threshold.s, t, -outward);
      result.push_back(with_switch(term, threshold.s, {}, 2 * outward));
    }
    return result;
  }
  if (term.s == other.s) {
    const bool first = (term.s == Switch::above) == (term.t.value() > other.t.value());
    return std::vector{with_switch(term, term.s, first ? term.t : other.t)};
  }
  const Constant& low = term.s == Switch::above ? term.t : other.t;
  const Constant& high = term.s == Switch::above ? other.t : term.t;
  if (low.value() >= high.value()) return std::vector<Term>{};
  // Of the side on which an exponential falls, where neither half is large.
  if (term.a.value() >= 0)
    return std::vector{with_switch(term, Switch::below, high),
                       with_switch(term, Switch::below, low, Quad(-1))};
  return std::vector{with_switch(term, Switch::above, low), with_switch(term, Switch::above, high, Quad(-1))};
}

bool Interval::contains(Quad z) const { return (!low || low->value() < z) && (!high || z < high->value()); }

Quad Interval::inside() const {
  if (low && high) return (low->value() + high->value()) / 2;
  return low ? low->value() + 1 : high ? high->value() - 1 : Quad(0);
}

namespace {

/// The intervals between points, which are put in order; points of the same value are one.
std::vector<Interval> between(std::vector<Constant> points) {
  std::ranges::stable_sort(points,
                           [](const Constant& a, const Constant& b) { return a.value() < b.value(); });
  const auto same = [](const Constant& a, const Constant& b) { return a.value() == b.value(); };
  points.erase(std::unique(points.begin(), points.end(), same), points.end());
  std::vector<Interval> result(points.size() + 1);
  for (std::size_t i = 0; i < points.size(); ++i) result[i].high = result[i + 1].low = points[i];
  return result;
}

/// Zeros inside of what is positive but for its polynomial, if they are known.
std::optional<std::vector<Constant>> zeros(const NormalForm& f) {
  std::map<int, Constant> powers;
  const bool alike = std::ranges::all_of(f, [&](const Term& term) {
    powers[term.power] = term.coefficient;
    return term.wave == Wave::none && term.a == f[0].a && term.g == f[0].g;
  });
  if (!alike) {  // a + b e^(cz)
    if (f.size() != 2 || f[0].wave != Wave::none || f[1].wave != Wave::none || f[0].power != f[1].power ||
        !(f[0].g == f[1].g))
      return std::nullopt;
    std::vector<Constant> result;
    if (f[0].power > 0) result.emplace_back(Quad(0));
    const Constant ratio = -f[1].coefficient / f[0].coefficient;
    if (ratio.value() > 0) result.push_back(apply(Operation::log, ratio) / (f[0].a - f[1].a));
    return result;
  }
  if (powers.size() <= 1) return std::vector<Constant>{Constant()};
  if (powers.rbegin()->first > 2) return std::nullopt;
  const Constant p0 = powers[0];
  const Constant p1 = powers[1];
  const Constant p2 = powers[2];
  if (p2.value() == 0) return std::vector<Constant>{-p0 / p1};
  const Constant discriminant = p1 * p1 - Constant(4) * p0 * p2;
  if (discriminant.value() <= 0) return std::vector<Constant>{};
  const Constant root = apply(Operation::square_root, discriminant);
  const Constant scale = Constant(0.5) / p2;
  return std::vector<Constant>{(root - p1) * scale, (-root - p1) * scale};
}

/// Up to positive factors that all terms share, unless it is a + b e^(cz).
int sign_at(const NormalForm& f, Quad z) {
  Quad value = 0;
  for (const Term& term : f) {
    Quad power = 1;
    for (int i = 0; i < term.power; ++i) power *= z;
    const Constant exponent = (term.a - f[0].a) * Constant(z);
    value += term.coefficient.value() * power * apply(Operation::exp, exponent).value();
  }
  return value > 0 ? 1 : value < 0 ? -1 : 0;
}

}  // namespace

std::optional<std::vector<Piece>> pieces(const NormalForm& f) {
  std::vector<Constant> points;
  for (const Term& term : f) {
    if (term.s == Switch::erf) return std::nullopt;
    if (term.s != Switch::none) points.push_back(term.t);
  }
  std::vector<Piece> result;
  for (const Interval& where : between(points)) {
    Piece piece{where, {}};
    const Quad z = where.inside();
    for (const Term& term : f) {
      const int value = term.s == Switch::none    ? 1
                        : term.s == Switch::sign  ? (z > 0 ? 1 : -1)
                        : term.s == Switch::above ? (z > term.t.value() ? 1 : 0)
                                                  : (z < term.t.value() ? 1 : 0);
      if (value != 0) add_term(piece.form, with_switch(term, Switch::none, {}, Quad(value)));
    }
    result.push_back(std::move(piece));
  }
  return result;
}

std::optional<std::vector<SignedInterval>> signs(const NormalForm& f) {
  if (f.size() == 1 && f[0].s == Switch::erf && f[0].wave == Wave::none) {  // the sign of erf is that of z
    Term like = f[0];
    like.s = Switch::sign;
    like.k = {};
    NormalForm form;
    add_term(form, like);
    return signs(form);
  }
  const auto parts = pieces(f);
  if (!parts) return std::nullopt;
  std::vector<SignedInterval> result;
  for (const auto& [where, form] : *parts) {
    std::vector<Constant> points;
    if (!form.empty()) {
      const auto found = zeros(form);
      if (!found) return std::nullopt;
      for (const Constant& zero : *found) {
        if (where.contains(zero.value())) points.push_back(zero);
      }
    }
    for (Interval part : between(points)) {
      if (!part.low) part.low = where.low;
      if (!part.high) part.high = where.high;
      const int sign = form.empty() ? 0 : sign_at(form, part.inside());
      if (!result.empty() && result.back().sign == sign) {
        result.back().where.high = part.high;
      } else {
        result.push_back({part, sign});
      }
    }
  }
  return result;
}

bool add_cut(NormalForm& result, const NormalForm& f, const Interval& where, const Constant& times) {
  for (const Term& term : f) {
    std::vector<Term> terms = {term};
    const auto multiply = [&](Switch s, const Constant& t) {
      std::vector<Term> next;
      for (const Term& each : terms) {
        const auto product = times_switch(each, {.s = s, .t = t});
        if (!product) return false;
        next.insert(next.end(), product->begin(), product->end());
      }
      terms = std::move(next);
      return true;
    };
    if (where.low && !multiply(Switch::above, *where.low)) return false;
    if (where.high && !multiply(Switch::below, *where.high)) return false;
    for (Term& each : terms) {
      each.coefficient *= times;
      add_term(result, each);
    }
  }
  return true;
}

}  // namespace ntkc::moments
