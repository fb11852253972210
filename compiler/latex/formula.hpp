// Formulas as small trees: what the document prints is built of these, by arithmetic that writes as a person
// does. Numbers are collected, like terms added, equal factors become powers, what is under two roots comes
// under one. Nothing is multiplied out.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/kernel_ir/operations.hpp"

namespace ntkc::latex {

using kernel_ir::Quad;
class Formula;

/// (above/below) · (decimal/divisor): integers stay a fraction, numbers with digits behind the point a
/// decimal.
struct Coefficient {
  std::int64_t above = 1;
  std::int64_t below = 1;
  Quad decimal = 1;
  Quad divisor = 1;

  [[nodiscard]] Quad value() const { return Quad(above) / Quad(below) * decimal / divisor; }
  [[nodiscard]] bool is_one() const { return value() == 1; }
};

/// What products are made of.
struct Atom {
  enum class Kind : std::uint8_t {
    number,       ///< a positive number under a root
    symbol,       ///< `text`
    sum,          ///< operands[0], in parentheses
    exponential,  ///< e^operands[0]
    power,        ///< operands[0]^operands[1]
    absolute,     ///< |operands[0]|
    call,         ///< text(operands), the last behind a semicolon if there are three
    cases,        ///< operands[2] if operands[0] < operands[1], else operands[3]
    functional    ///< text[operands[0]]
  };
  Kind kind = Kind::symbol;
  std::string text = {};
  std::vector<Formula> operands = {};
  int rank = 1;          ///< its place in a product
  std::string key = {};  ///< equal for equal atoms only
};

/// atom^(halves/2)
struct Factor {
  std::shared_ptr<const Atom> atom;
  int halves = 2;
};

struct Product {
  Coefficient number;
  std::vector<Factor> factors;  ///< by rank
};

/// A sum of terms, none of them 0 and no two alike.
class Formula {
 public:
  Formula() = default;            // 0
  Formula(std::int64_t integer);  // NOLINT: numbers are formulas

  /// As it is; printed to 15 digits.
  static Formula number(Quad value);
  /// `text` is mathematics in LaTeX. In products symbols of lower rank are in front.
  static Formula symbol(std::string text, int rank = rank_of_variables);
  static constexpr int rank_of_constants = 0;
  static constexpr int rank_of_variables = 1;
  static constexpr int rank_of_functions = 4;
  static Formula pi() { return symbol("\\pi", rank_of_constants); }
  static Formula call(std::string head, std::vector<Formula> operands);
  static Formula of(Atom::Kind kind, std::vector<Formula> operands, std::string text = {});
  static Formula of(Product term);

  [[nodiscard]] const std::vector<Product>& terms() const { return terms_; }
  [[nodiscard]] bool is(std::int64_t integer) const;
  /// Whether a minus is in front of it, or of its first term.
  [[nodiscard]] bool is_negative() const;
  /// Equal formulas have equal keys.
  [[nodiscard]] std::string key() const;

  friend Formula operator+(const Formula& a, const Formula& b);
  friend Formula operator-(const Formula& a);
  friend Formula operator-(const Formula& a, const Formula& b) { return a + -b; }
  friend Formula operator*(const Formula& a, const Formula& b);
  friend Formula operator/(const Formula& a, const Formula& b) { return a * a.inverse(b); }
  Formula& operator+=(const Formula& b) { return *this = *this + b; }
  Formula& operator*=(const Formula& b) { return *this = *this * b; }

 private:
  static Formula inverse(const Formula& b);
  static Product as_term(const Formula& formula);
  static Product multiplied(const Product& a, const Product& b);
  static void multiply(Product& term, const Factor& factor);
  void add(const Product& term);

  std::vector<Product> terms_;
};

Formula power(const Formula& base, int exponent);
Formula power(const Formula& base, const Formula& exponent);
Formula sqrt(const Formula& a);
Formula exp(const Formula& a);
inline Formula square(const Formula& a) { return power(a, 2); }
/// a times each term of b.
Formula distribute(const Formula& a, const Formula& b);
/// A sum with what all of its terms have in common in front of it, and terms that have the same calls in one.
Formula factored(const Formula& sum);

/// On one line, in math; `is_small` with slashes in place of fractions.
std::string print(const Formula& formula, bool is_small = false);
/// How much room that takes, in digits; a line has about `line_width`.
double width(const Formula& formula);
inline constexpr double line_width = 74;
inline constexpr double relation_width = 2.5;  ///< of an equals sign
/// As the right side of a line in an align environment, broken between terms where that is too long.
/// `left`: the room that the left side takes.
std::string print_lines(const Formula& formula, double left);

/// left = right
struct Equation {
  Formula left;
  Formula right;
  bool has_line = false;  ///< to itself
};
/// As lines of an align environment, as many in one line as it holds.
std::vector<std::string> print_equations(const std::vector<Equation>& equations);
/// Those that define, by way of others, what the formulas use.
std::vector<Equation> needed(const std::vector<Equation>& equations, std::vector<Formula> formulas);

/// A number as a person writes it: 2, 0.1, 1.5\cdot 10^{-7}.
std::string number(double value);

}  // namespace ntkc::latex
