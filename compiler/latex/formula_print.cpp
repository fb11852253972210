// How formulas are laid out: fractions, roots, brackets as large as what they hold, lines.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

#include "compiler/latex/formula.hpp"
#include "compiler/latex/ink.hpp"

namespace ntkc::latex {

std::string number(double value) {
  // As people write it: the last two digits of a double are often those of a rounding.
  std::string text = fmt::format("{:.15g}", value);
  const std::size_t e = text.find('e');
  if (e == std::string::npos) return text;
  const std::string mantissa = text.substr(0, e);
  const int exponent = std::stoi(text.substr(e + 1));
  if (mantissa == "1") return fmt::format("10^{{{}}}", exponent);
  return fmt::format("{}\\cdot 10^{{{}}}", mantissa, exponent);
}

namespace {

class Printer {
 public:
  /// In an exponent fractions are written with a slash.
  explicit Printer(bool is_exponent = false) : is_exponent_(is_exponent) {}

  [[nodiscard]] Ink sum(const Formula& formula) const {
    if (formula.terms().empty()) return plain("0");
    Ink result;
    for (const Product& each : in_order(formula)) {
      const bool negative = each.number.value() < 0;
      const std::string_view sign = result.text.empty() ? (negative ? "-" : "") : (negative ? " - " : " + ");
      append(result, plain(std::string(sign)));
      append(result, term(each));
    }
    return result;
  }

  /// Without its sign.
  [[nodiscard]] Ink term(const Product& t) const {
    std::vector<Factor> above;
    std::vector<Factor> below;
    for (Factor factor : t.factors) {
      if (factor.halves > 0) above.push_back(factor);
      factor.halves = -factor.halves;
      if (factor.halves > 0) below.push_back(factor);
    }
    const std::string numerator = numeral(t.number.above, t.number.decimal);
    const std::string denominator = numeral(t.number.below, t.number.divisor);
    if (below.empty() && denominator == "1") return product(numerator, above);
    if (is_exponent_) return slashed(numerator, above, denominator, below);
    // What is narrow is the numerator; what is large stands behind the fraction, unless it is alone.
    const auto is_large = [&](const Factor& factor) {
      switch (factor.atom->kind) {
        case Atom::Kind::symbol:
          return factor.atom->rank == Formula::rank_of_functions;
        case Atom::Kind::sum:
          return factor.halves % 2 == 0 && raised(factor, true).width > 8;
        case Atom::Kind::exponential:
          return raised(factor, true).width > 22;
        default:
          return factor.atom->kind != Atom::Kind::number;
      }
    };
    std::vector<Factor> behind;
    std::ranges::copy_if(above, std::back_inserter(behind), is_large);
    const bool alone = above.size() == 1 && numerator == "1" && behind.size() == 1 &&
                       above[0].atom->kind != Atom::Kind::call && above[0].atom->kind != Atom::Kind::cases;
    const Ink whole = product(numerator, above);
    if (alone && whole.width < 30 && whole.height < 2) behind.clear();
    if (!behind.empty()) std::erase_if(above, is_large);
    const Ink result = fraction(product(numerator, above, true), product(denominator, below, true));
    return behind.empty() ? result : joined(result, product("1", behind));
  }

  /// For terms that are longer than a line: what is in front of the longest sum, the sum, and what is behind.
  struct Opened {
    Product front;
    const Formula* inner = nullptr;
    Product behind;
  };
  [[nodiscard]] static std::optional<Opened> open(const Product& t) {
    Opened result;
    std::size_t longest = t.factors.size();
    double most = 0;
    for (std::size_t i = 0; i < t.factors.size(); ++i) {
      if (t.factors[i].atom->kind != Atom::Kind::sum || t.factors[i].halves != 2) continue;
      const double here = Printer().sum(t.factors[i].atom->operands[0]).width;
      if (here > most) longest = i;
      most = std::max(most, here);
    }
    if (longest == t.factors.size()) return std::nullopt;
    result.front = t;
    result.front.factors.clear();
    result.behind.factors.clear();
    for (std::size_t i = 0; i < t.factors.size(); ++i) {
      const bool is_call = t.factors[i].atom->kind == Atom::Kind::call;
      if (i != longest) (is_call ? result.behind : result.front).factors.push_back(t.factors[i]);
    }
    result.inner = &t.factors[longest].atom->operands[0];
    return result;
  }

  /// A term with a plus first, if it has one: no formula begins with a minus that need not.
  static std::vector<Product> in_order(const Formula& formula) {
    std::vector<Product> result;
    for (const Product& term : formula.terms()) result.push_back(turned(term));
    const auto positive =
        std::ranges::find_if(result, [](const Product& term) { return term.number.value() > 0; });
    if (positive != result.end()) std::rotate(result.begin(), positive, positive + 1);
    return result;
  }

 private:
  /// -(a - b) as (b - a), and the sign of most terms of a sum in front of it.
  static Product turned(Product term) {
    const bool is_minus = term.number.value() < 0;
    for (Factor& factor : term.factors) {
      if (factor.atom->kind != Atom::Kind::sum || factor.halves != 2) continue;
      const Formula& inner = factor.atom->operands[0];
      const auto is_negative = [](const Product& t) { return t.number.value() < 0; };
      const auto minuses = static_cast<std::size_t>(std::ranges::count_if(inner.terms(), is_negative));
      const std::size_t terms = inner.terms().size();
      if (is_minus ? 2 * minuses < terms : 2 * minuses <= terms) continue;
      factor.atom = Formula::of(Atom::Kind::sum, {-inner}).terms()[0].factors[0].atom;
      term.number.above = -term.number.above;
      return term;
    }
    return term;
  }

  static void append(Ink& to, const Ink& more) {
    to.text += more.text;
    to.width += more.width;
    to.height = std::max(to.height, more.height);
  }
  static Ink joined(const Ink& a, const Ink& b) {
    if (a.text.empty() || b.text.empty()) return a.text.empty() ? b : a;
    const bool digits = std::isdigit(static_cast<unsigned char>(b.text.front())) != 0;
    return {a.text + (digits ? "\\cdot " : "\\,") + b.text, a.width + b.width + 0.4,
            std::max(a.height, b.height)};
  }
  static std::string numeral(std::int64_t integer, Quad decimal) {
    const Quad value = Quad(integer) * decimal;
    return number(static_cast<double>(value < 0 ? -value : value));
  }

  /// "2 x y"; a sum alone without parentheses if `is_apart`.
  [[nodiscard]] Ink product(const std::string& number, const std::vector<Factor>& factors,
                            bool is_apart = false) const {
    if (factors.empty()) return plain(number);
    Ink result;
    if (number != "1") result = plain(number);
    // Roots under one root, where the first of them stands.
    std::vector<Factor> under;
    for (const Factor& factor : factors) {
      if (factor.halves == 1) under.push_back({factor.atom, 2});
    }
    bool is_root_written = false;
    const bool is_only = is_apart && number == "1" && factors.size() == 1;
    for (const Factor& factor : factors) {
      if (factor.halves != 1) {
        result = joined(result, raised(factor, is_only));
      } else if (!is_root_written) {
        const Ink inner = product("1", under, true);
        result = joined(result, {fmt::format("\\sqrt{{{}}}", inner.text), inner.width + 1.6, inner.height});
        is_root_written = true;
      }
    }
    return result;
  }

  [[nodiscard]] Ink slashed(const std::string& numerator, const std::vector<Factor>& above,
                            const std::string& denominator, const std::vector<Factor>& below) const {
    const Ink top = product(numerator, above);
    Ink bottom = product(denominator, below);
    if (below.size() + (denominator == "1" ? 0 : 1) > 1) bottom = bracketed(bottom);
    return {top.text + "/" + bottom.text, top.width + bottom.width + 1, std::max(top.height, bottom.height)};
  }
  static Ink fraction(const Ink& top, const Ink& bottom) {
    return {fmt::format("\\frac{{{}}}{{{}}}", top.text, bottom.text), std::max(top.width, bottom.width) + 0.6,
            std::max(top.height, bottom.height) >= 2 ? 3 : 2};
  }

  [[nodiscard]] Ink raised(const Factor& factor, bool is_only) const {
    const Atom& atom = *factor.atom;
    if (factor.halves == 2)
      return is_only && atom.kind == Atom::Kind::sum ? sum(atom.operands[0]) : base(atom);
    const std::string exponent =
        factor.halves % 2 == 0 ? std::to_string(factor.halves / 2) : fmt::format("{}/2", factor.halves);
    const bool needs_brackets = atom.kind == Atom::Kind::exponential || atom.kind == Atom::Kind::power ||
                                atom.kind == Atom::Kind::cases;
    if (atom.kind == Atom::Kind::call && is_word(atom) && is_symbol(atom.operands[0])) {
      const Ink argument = sum(atom.operands[0]);
      return {fmt::format("{}{}{}{}", atom.text, superscript(exponent),
                          argument.text.starts_with('\\') ? "" : " ", argument.text),
              width_of(atom.text) + 0.8 + argument.width, 0};
    }
    Ink inner = base(atom);
    if (needs_brackets) inner = bracketed(inner);
    inner.text += superscript(exponent);
    inner.width += 0.8 * static_cast<double>(exponent.size());
    return inner;
  }

  static std::string superscript(const std::string& exponent) {
    return exponent.size() == 1 ? "^" + exponent : fmt::format("^{{{}}}", exponent);
  }

  [[nodiscard]] Ink base(const Atom& atom) const {
    const auto operand = [&](std::size_t i) { return sum(atom.operands[i]); };
    switch (atom.kind) {
      case Atom::Kind::number:
        return operand(0);
      case Atom::Kind::symbol:
        return plain(atom.text);
      case Atom::Kind::sum:
        return bracketed(operand(0));
      case Atom::Kind::absolute:
        return bracketed(operand(0), "\\lvert ", "\\rvert");
      case Atom::Kind::exponential: {
        const Ink exponent = Printer(true).sum(atom.operands[0]);
        return {fmt::format("e^{{{}}}", exponent.text), 1 + 0.75 * exponent.width, 0};
      }
      case Atom::Kind::power: {
        const Formula& below = atom.operands[0];
        const bool is_plain = below.terms().size() == 1 && !below.is_negative() &&
                              (below.terms()[0].factors.empty() ||
                               (below.terms()[0].number.is_one() && below.terms()[0].factors.size() == 1 &&
                                below.terms()[0].factors[0].halves == 2));
        const Ink under = is_plain ? operand(0) : bracketed(operand(0));
        const Ink exponent = Printer(true).sum(atom.operands[1]);
        return {fmt::format("{}^{{{}}}", under.text, exponent.text), under.width + 0.75 * exponent.width,
                under.height};
      }
      case Atom::Kind::call:
        return call(atom);
      case Atom::Kind::cases: {
        const Ink yes = operand(2);
        const Ink no = operand(3);
        return {fmt::format("\\begin{{cases}} {} & \\text{{if }} {} < {} \\\\ {} & \\text{{otherwise}} "
                            "\\end{{cases}}",
                            yes.text, operand(0).text, operand(1).text, no.text),
                std::max(yes.width, no.width) + 14, 3};
      }
      case Atom::Kind::functional: {
        const Ink inner = bracketed(operand(0), "[", "]");
        return {fmt::format("{}{}", atom.text, inner.text), width_of(atom.text) + inner.width, inner.height};
      }
    }
    return {};
  }

  /// Of which a symbol is the argument without parentheses.
  static bool is_word(const Atom& atom) {
    return atom.text == "\\sin" || atom.text == "\\cos" || atom.text == "\\arcsin";
  }
  static bool is_symbol(const Formula& formula) {
    if (formula.terms().size() != 1) return false;
    const Product& term = formula.terms()[0];
    return term.number.is_one() && term.factors.size() == 1 && term.factors[0].halves == 2 &&
           term.factors[0].atom->kind == Atom::Kind::symbol;
  }

  [[nodiscard]] Ink call(const Atom& atom) const {
    if (is_word(atom)) {  // cos θ, arcsin u
      const Formula& of = atom.operands[0];
      const Ink argument = sum(of);
      if (is_symbol(of) ||
          (argument.text.starts_with("\\frac") && of.terms().size() == 1 && argument.text.ends_with("}")))
        return {atom.text + (argument.text.starts_with('\\') ? "" : " ") + argument.text,
                plain(atom.text).width + argument.width, argument.height};
    }
    Ink arguments;
    for (std::size_t i = 0; i < atom.operands.size(); ++i) {
      if (i > 0) append(arguments, plain(i == 2 ? "; " : ", "));
      append(arguments, sum(atom.operands[i]));
    }
    Ink result = bracketed(arguments);
    result.text = atom.text + result.text;
    result.width += plain(atom.text).width;
    return result;
  }

  bool is_exponent_;
};

/// A piece of a line, with whether the line may be broken in front of it.
struct Piece {
  Ink ink;
  bool may_break = false;
};

void add_pieces(std::vector<Piece>& pieces, const Formula& formula, double room, int depth) {
  const Printer printer;
  bool is_first = true;
  for (const Product& term : Printer::in_order(formula)) {
    const bool negative = term.number.value() < 0;
    const std::string sign = is_first ? (negative ? "-" : "") : (negative ? " - " : " + ");
    Ink whole = printer.term(term);
    const auto opened = whole.width > room && depth < 3 ? Printer::open(term) : std::nullopt;
    if (!opened) {
      pieces.push_back({{sign + whole.text, width_of(sign) + whole.width, whole.height}, !is_first});
    } else {
      Ink front = printer.term(opened->front);
      if (front.text == "1") front = {};
      const Ink inner = printer.sum(*opened->inner);
      const std::string_view size = bracket_size(inner.height);
      std::string closing(size);
      if (!closing.empty()) closing.back() = 'r';
      const std::string begin = fmt::format("{}{}{}(", sign, front.text, size);
      pieces.push_back({{begin, width_of(sign) + front.width + 1, front.height}, !is_first});
      const std::size_t at = pieces.size();
      add_pieces(pieces, *opened->inner, room - 4, depth + 1);
      pieces[at].may_break = pieces[at - 1].ink.width > room / 2;
      Ink behind = printer.term(opened->behind);
      if (behind.text == "1") behind = {};
      pieces.back().ink.text += closing + ")" + (behind.text.empty() ? "" : "\\," + behind.text);
      pieces.back().ink.width += 1 + behind.width;
    }
    is_first = false;
  }
}

}  // namespace

std::string print(const Formula& formula, bool is_small) { return Printer(is_small).sum(formula).text; }
double width(const Formula& formula) { return Printer().sum(formula).width; }

std::string print_lines(const Formula& formula, double left) {
  constexpr double indent = 4;
  const Ink whole = Printer().sum(formula);
  if (left + whole.width <= line_width) return whole.text;
  std::vector<Piece> pieces;
  add_pieces(pieces, formula, line_width - left - indent, 0);
  std::string result;
  double used = left;
  for (const Piece& piece : pieces) {
    if (piece.may_break && used + piece.ink.width > line_width) {
      result += " \\\\\n  &\\qquad {}";
      used = left + indent;
    }
    result += piece.ink.text;
    used += piece.ink.width;
  }
  return result;
}

std::vector<std::string> print_equations(const std::vector<Equation>& equations) {
  constexpr double gap = 7;
  std::vector<std::string> result;
  double column = 0;  // of the left sides
  for (const Equation& equation : equations) column = std::max(column, width(equation.left) + relation_width);
  double used = line_width;
  for (const auto& [left, right, has_line] : equations) {
    const double room = width(left) + relation_width + width(right);
    if (!result.empty() && !has_line && used + gap + room < line_width) {
      result.back() += fmt::format(", \\qquad {} = {}", print(left), print(right));
      used += gap + room;
    } else {
      result.push_back(fmt::format("{} &= {}", print(left), print_lines(right, column)));
      used = has_line ? line_width : column + width(right);
    }
  }
  return result;
}

}  // namespace ntkc::latex
