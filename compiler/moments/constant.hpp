// Constants of a program in a normal form: numbers, and polynomials in what is made of parameters.
#pragma once

#include <compare>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::moments {

using kernel_ir::Quad;

/// A number, or Σ c Π aᵏ with numbers c, integers k and constant nodes a of a program that are no sums or
/// products: parameters, functions of such, reciprocals of sums. It has a value, that for the parameters as
/// they are. What a function is decided by, such as which sign a slope has, goes by the value; only numbers
/// are known to be 0 or 1 whatever the parameters.
class Constant {
 public:
  Constant() = default;
  Constant(Quad number) : value_(number), number_(number) {}  // NOLINT: numbers are constants

  static Constant parameter(kernel_ir::Program& program, std::uint32_t index);
  /// The operation of constants: arithmetic, elementary functions. Choices (min, abs, sign, select_less) are
  /// made by the values.
  static Constant apply(kernel_ir::Operation operation, std::span<const Constant> operands);

  [[nodiscard]] Quad value() const { return value_; }
  [[nodiscard]] bool is_number() const { return terms_.empty(); }
  /// Whether it is this number, whatever the parameters.
  [[nodiscard]] bool is(Quad number) const { return is_number() && number_ == number; }
  /// With its numbers rounded to 15 decimal digits, for people to read.
  [[nodiscard]] Constant rounded() const;
  /// As a node; of the program that its parameters are of.
  [[nodiscard]] kernel_ir::NodeId node(kernel_ir::Program& program) const;

  friend Constant operator+(const Constant& a, const Constant& b);
  friend Constant operator-(const Constant& a, const Constant& b);
  friend Constant operator*(const Constant& a, const Constant& b);
  friend Constant operator/(const Constant& a, const Constant& b);
  friend Constant operator-(const Constant& a) { return Constant(-1) * a; }
  Constant& operator+=(const Constant& b) { return *this = *this + b; }
  Constant& operator*=(const Constant& b) { return *this = *this * b; }

  /// As expressions, not by value.
  friend bool operator==(const Constant& a, const Constant& b) {
    return a.number_ == b.number_ && a.terms_ == b.terms_;
  }
  friend std::weak_ordering operator<=>(const Constant& a, const Constant& b);

 private:
  using Monomial = std::vector<std::pair<kernel_ir::NodeId, int>>;  // by node; no exponent is 0

  static Constant atom(kernel_ir::Program& program, kernel_ir::NodeId node, Quad value);
  static Constant function(kernel_ir::Operation operation, std::span<const Constant> operands, Quad value);
  static Constant power(const Constant& base, const Constant& exponent, Quad value);
  static Constant reciprocal(const Constant& a);
  static Monomial product(const Monomial& a, const Monomial& b);
  void add(const Monomial& monomial, Quad coefficient);
  [[nodiscard]] Constant bounded() const;
  [[nodiscard]] static Constant of(kernel_ir::Program& program, kernel_ir::NodeId node);
  [[nodiscard]] Constant without_squared_roots() const;
  [[nodiscard]] Quad evaluated() const;

  kernel_ir::Program* program_ = nullptr;  // of the nodes
  Quad value_ = 0;
  Quad number_ = 0;  // what has no node in it
  std::map<Monomial, Quad> terms_;
};

}  // namespace ntkc::moments
