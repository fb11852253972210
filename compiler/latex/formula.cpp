#include "compiler/latex/formula.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

namespace ntkc::latex {
namespace {

constexpr std::int64_t largest_integer = 1'000'000'000'000;

bool is_integer(Quad value) {
  return value < Quad(largest_integer) && value > Quad(-largest_integer) &&
         value == Quad(static_cast<std::int64_t>(value));
}

/// Whether a division by n leaves finitely many digits behind the point.
bool divides_a_power_of_ten(std::int64_t n) {
  while (n % 2 == 0) n /= 2;
  while (n % 5 == 0) n /= 5;
  return n == 1;
}

Coefficient normalised(Coefficient c) {
  if (c.below < 0) {
    c.above = -c.above;
    c.below = -c.below;
  }
  const std::int64_t common = std::gcd(c.above, c.below);
  if (common > 1) {
    c.above /= common;
    c.below /= common;
  }
  if (c.decimal == 1 && c.divisor == 1) return c;
  c.decimal *= Quad(c.above);
  c.above = 1;
  if (divides_a_power_of_ten(c.below)) {
    c.decimal /= Quad(c.below);
    c.below = 1;
  }
  if (c.divisor == 1 && is_integer(c.decimal)) return {static_cast<std::int64_t>(c.decimal), c.below, 1, 1};
  if (c.divisor != 1 && is_integer(c.decimal / c.divisor))
    return {static_cast<std::int64_t>(c.decimal / c.divisor), c.below, 1, 1};
  return c;
}

bool fits(std::int64_t a, std::int64_t b) {
  return std::fabs(static_cast<double>(a) * static_cast<double>(b)) < static_cast<double>(largest_integer);
}

Coefficient operator*(const Coefficient& a, const Coefficient& b) {
  if (!fits(a.above, b.above) || !fits(a.below, b.below)) return normalised({1, 1, a.value() * b.value(), 1});
  return normalised({a.above * b.above, a.below * b.below, a.decimal * b.decimal, a.divisor * b.divisor});
}

Coefficient operator+(const Coefficient& a, const Coefficient& b) {
  const bool are_fractions = a.decimal == 1 && b.decimal == 1 && a.divisor == 1 && b.divisor == 1;
  if (!are_fractions || !fits(a.above, b.below) || !fits(b.above, a.below) || !fits(a.below, b.below))
    return normalised({1, 1, a.value() + b.value(), 1});
  const std::int64_t above = a.above * b.below + b.above * a.below;
  return normalised({above, above == 0 ? 1 : a.below * b.below, 1, 1});
}

std::string key_of(const Coefficient& c) {
  return fmt::format("{}/{}*{}/{}", c.above, c.below, static_cast<double>(c.decimal),
                     static_cast<double>(c.divisor));
}

/// Of the factors in whatever order.
std::string key_of(const std::vector<Factor>& factors) {
  std::vector<std::string> keys;
  for (const Factor& factor : factors) keys.push_back(fmt::format("{}^{}", factor.atom->key, factor.halves));
  std::ranges::sort(keys);
  return fmt::format("{}", fmt::join(keys, "*"));
}

int rank_of(Atom::Kind kind) {
  switch (kind) {
    case Atom::Kind::number:
      return -1;
    case Atom::Kind::symbol:
      return Formula::rank_of_variables;
    case Atom::Kind::exponential:
      return 2;
    case Atom::Kind::sum:
    case Atom::Kind::cases:
      return 3;
    default:
      return Formula::rank_of_functions;
  }
}

}  // namespace

// --- making

Formula::Formula(std::int64_t integer) {
  if (integer != 0) terms_ = {{{integer, 1, 1, 1}, {}}};
}

Formula Formula::number(Quad value) {
  Formula result;
  if (value != 0) result.terms_ = {{normalised({1, 1, value, 1}), {}}};
  return result;
}

Formula Formula::symbol(std::string text, int rank) {
  Atom atom = {.kind = Atom::Kind::symbol, .text = std::move(text), .rank = rank};
  atom.key = atom.text;
  Formula result;
  result.terms_ = {{{}, {{std::make_shared<const Atom>(std::move(atom)), 2}}}};
  return result;
}

Formula Formula::of(Atom::Kind kind, std::vector<Formula> operands, std::string text) {
  Atom atom = {kind, std::move(text), std::move(operands), rank_of(kind)};
  atom.key = fmt::format("{}<{}", static_cast<int>(kind), atom.text);
  for (const Formula& operand : atom.operands) atom.key += "," + operand.key();
  atom.key += ">";
  Formula result;
  result.terms_ = {{{}, {{std::make_shared<const Atom>(std::move(atom)), 2}}}};
  return result;
}

Formula Formula::call(std::string head, std::vector<Formula> operands) {
  return of(Atom::Kind::call, std::move(operands), std::move(head));
}

Formula Formula::of(Product term) {
  Formula result;
  result.add(term);
  return result;
}

// --- asking

bool Formula::is(std::int64_t integer) const {
  if (terms_.empty()) return integer == 0;
  return terms_.size() == 1 && terms_[0].factors.empty() && terms_[0].number.value() == Quad(integer);
}

bool Formula::is_negative() const { return !terms_.empty() && terms_[0].number.value() < 0; }

std::string Formula::key() const {
  std::vector<std::string> keys;
  for (const Product& term : terms_) keys.push_back(key_of(term.number) + key_of(term.factors));
  std::ranges::sort(keys);
  return fmt::format("{}", fmt::join(keys, "+"));
}

// --- arithmetic

void Formula::add(const Product& term) {
  if (term.number.value() == 0) return;
  const std::string key = key_of(term.factors);
  const auto like = std::ranges::find_if(terms_, [&](const Product& t) { return key_of(t.factors) == key; });
  if (like == terms_.end()) {
    terms_.push_back(term);
    return;
  }
  like->number = like->number + term.number;
  const Quad left = like->number.value();
  const Quad rounding = term.number.value() * Quad(0x1p-90);
  if (left <= (rounding < 0 ? -rounding : rounding) && left >= (rounding < 0 ? rounding : -rounding))
    terms_.erase(like);
}

Formula operator+(const Formula& a, const Formula& b) {
  Formula result = a;
  for (const Product& term : b.terms_) result.add(term);
  return result;
}

Formula operator-(const Formula& a) {
  Formula result = a;
  for (Product& term : result.terms_) term.number.above = -term.number.above;
  return result;
}

/// Of a - b and b - a one becomes minus the other, so that they are found to be alike.
Product Formula::as_term(const Formula& formula) {
  if (formula.terms_.size() == 1) return formula.terms_[0];
  const auto first =
      std::ranges::min_element(formula.terms_, {}, [](const Product& t) { return key_of(t.factors); });
  const bool is_turned = first->number.value() < 0;
  Product result = of(Atom::Kind::sum, {is_turned ? -formula : formula}).terms_[0];
  if (is_turned) result.number.above = -1;
  return result;
}

void Formula::multiply(Product& term, const Factor& factor) {
  // e^x e^y = e^(x + y)
  if (factor.atom->kind == Atom::Kind::exponential && factor.halves == 2) {
    for (auto other = term.factors.begin(); other != term.factors.end(); ++other) {
      if (other->atom->kind != Atom::Kind::exponential || other->halves != 2) continue;
      const Formula exponent = other->atom->operands[0] + factor.atom->operands[0];
      term.factors.erase(other);
      if (!exponent.is(0)) multiply(term, of(Atom::Kind::exponential, {exponent}).terms_[0].factors[0]);
      return;
    }
  }
  auto same =
      std::ranges::find_if(term.factors, [&](const Factor& f) { return f.atom->key == factor.atom->key; });
  if (same == term.factors.end()) {
    // By rank; letters in the order of the alphabet, all else in the order in which it came.
    const auto place = [](const Factor& f) {
      std::string text = f.atom->kind == Atom::Kind::symbol ? f.atom->text : "~";
      std::ranges::replace(text, '\'', '~');  // behind all else, as Q'_1 is behind Q_1
      return std::pair(f.atom->rank, std::move(text));
    };
    same = term.factors.insert(std::ranges::upper_bound(term.factors, place(factor), {}, place), factor);
  } else {
    same->halves += factor.halves;
  }
  // √x √x is a number or a sum of its own again.
  if (same->atom->kind == Atom::Kind::number && same->halves % 2 == 0) {
    const Coefficient inner = same->atom->operands[0].terms_[0].number;
    const Coefficient inverse = normalised({inner.below, inner.above, inner.divisor, inner.decimal});
    for (int i = 0; i < std::abs(same->halves) / 2; ++i)
      term.number = term.number * (same->halves > 0 ? inner : inverse);
    same->halves = 0;
  }
  if (same->halves == 0) term.factors.erase(same);
}

Product Formula::multiplied(const Product& a, const Product& b) {
  Product result = a;
  result.number = a.number * b.number;
  for (const Factor& factor : b.factors) multiply(result, factor);
  return result;
}

Formula operator*(const Formula& a, const Formula& b) {
  if (a.is(0) || b.is(0)) return {};
  if (a.is(1)) return b;
  if (b.is(1)) return a;
  return Formula::of(Formula::multiplied(Formula::as_term(a), Formula::as_term(b)));
}

Formula Formula::inverse(const Formula& b) {
  Product term = as_term(b);
  const Coefficient& n = term.number;
  term.number = n.above == 0 ? n : normalised({n.below, n.above, n.divisor, n.decimal});
  const std::vector<Factor> factors = std::move(term.factors);
  term.factors.clear();
  for (Factor factor : factors) {
    if (factor.atom->kind == Atom::Kind::exponential && factor.halves == 2) {
      factor = of(Atom::Kind::exponential, {-factor.atom->operands[0]}).terms_[0].factors[0];
    } else {
      factor.halves = -factor.halves;
    }
    multiply(term, factor);
  }
  return of(term);
}

Formula power(const Formula& base, int exponent) {
  Formula result = 1;
  for (int i = 0; i < std::abs(exponent); ++i) result = result * base;
  return exponent < 0 ? Formula(1) / result : result;
}

Formula power(const Formula& base, const Formula& exponent) {
  return Formula::of(Atom::Kind::power, {base, exponent});
}

Formula sqrt(const Formula& a) {
  if (a.is(0) || a.is(1)) return a;
  // √(x y) is √x √y if neither is a power of its own, whose root could have another sign.
  const bool splits = a.terms().size() == 1 && a.terms()[0].number.value() > 0 &&
                      std::ranges::all_of(a.terms()[0].factors, [](const Factor& factor) {
                        return std::abs(factor.halves) == 2 && factor.atom->kind != Atom::Kind::exponential;
                      });
  if (!splits) {
    Product term = Formula::of(Atom::Kind::sum, {a}).terms()[0];
    term.factors[0].halves = 1;
    return Formula::of(term);
  }
  Product term = a.terms()[0];
  const Coefficient number = term.number;
  term.number = {};
  for (Factor& factor : term.factors) factor.halves /= 2;
  Formula result = Formula::of(term);
  const auto root_of = [](Quad n) {
    const Quad root = std::round(std::sqrt(static_cast<double>(n)));
    if (root * root == n) return Formula::number(root);
    Product under = Formula::of(Atom::Kind::number, {Formula::number(n)}).terms()[0];
    under.factors[0].halves = 1;
    return Formula::of(under);
  };
  const Quad above = Quad(number.above) * number.decimal;
  const Quad below = Quad(number.below) * number.divisor;
  if (above != 1) result = root_of(above) * result;
  if (below != 1) result = result / root_of(below);
  return result;
}

Formula exp(const Formula& a) { return a.is(0) ? Formula(1) : Formula::of(Atom::Kind::exponential, {a}); }

Formula distribute(const Formula& a, const Formula& b) {
  Formula result;
  for (const Product& term : b.terms()) result += a * Formula::of(term);
  return result;
}

namespace {

/// Terms with the same function calls, as one: (a + b) cosh c + d sinh c.
Formula collected(const Formula& sum) {
  const auto is_call = [](const Factor& factor) { return factor.atom->kind == Atom::Kind::call; };
  std::vector<std::pair<Formula, Formula>> groups;  // the calls, what they are multiplied by
  for (Product term : sum.terms()) {
    Product calls;
    std::ranges::copy_if(term.factors, std::back_inserter(calls.factors), is_call);
    std::erase_if(term.factors, is_call);
    const Formula of = Formula::of(calls);
    const auto group = std::ranges::find_if(groups, [&](const auto& g) { return g.first.key() == of.key(); });
    if (group == groups.end()) {
      groups.emplace_back(of, Formula::of(term));
    } else {
      group->second += Formula::of(term);
    }
  }
  Formula result;
  for (const auto& [calls, by] : groups) result += calls.is(1) ? by : factored(by) * calls;
  return result;
}

}  // namespace

Formula factored(const Formula& sum) {
  if (sum.terms().size() < 2) return sum;
  Product common;
  for (const Factor& factor : sum.terms()[0].factors) {
    // The power that all terms have; none if one of them has the other sign.
    int halves = factor.halves;
    for (const Product& term : sum.terms()) {
      const auto same = std::ranges::find_if(
          term.factors, [&](const Factor& f) { return f.atom->key == factor.atom->key; });
      const int here = same == term.factors.end() ? 0 : same->halves;
      if ((here > 0) != (halves > 0)) halves = 0;
      if (std::abs(here) < std::abs(halves)) halves = here;
    }
    if (halves != 0) common.factors.push_back({factor.atom, halves});
  }
  // A number that all have, up to the sign.
  const Coefficient& first = sum.terms()[0].number;
  const auto has_number = [&](const Product& term) {
    return term.number.value() == first.value() || term.number.value() == -first.value();
  };
  const auto is_integer = [](const Product& term) {
    return term.number.below == 1 && term.number.decimal == 1 && term.number.divisor == 1;
  };
  if (std::ranges::all_of(sum.terms(), has_number)) {
    common.number = first;
  } else if (std::ranges::all_of(sum.terms(), is_integer)) {
    common.number.above = 0;
    for (const Product& term : sum.terms())
      common.number.above = std::gcd(common.number.above, term.number.above);
  }
  const Formula front = Formula::of(common);
  return front.is(1) ? collected(sum) : front * collected(distribute(Formula(1) / front, sum));
}

namespace {

bool uses(const Formula& formula, const std::string& key) {
  return std::ranges::any_of(formula.terms(), [&](const Product& term) {
    return std::ranges::any_of(term.factors, [&](const Factor& factor) {
      return factor.atom->key == key ||
             std::ranges::any_of(factor.atom->operands,
                                 [&](const Formula& operand) { return uses(operand, key); });
    });
  });
}

}  // namespace

std::vector<Equation> needed(const std::vector<Equation>& equations, std::vector<Formula> formulas) {
  std::vector<Equation> result;
  for (std::size_t i = equations.size(); i-- > 0;) {
    const std::string& key = equations[i].left.terms()[0].factors[0].atom->key;
    if (std::ranges::none_of(formulas, [&](const Formula& formula) { return uses(formula, key); })) continue;
    formulas.push_back(equations[i].right);
    result.insert(result.begin(), equations[i]);
  }
  return result;
}

}  // namespace ntkc::latex
