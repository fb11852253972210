// Reads the equations of a LaTeX document as a person does, and evaluates them: the witness that what is
// printed is right. It knows mathematics, not how the document is made.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ntkc::test {

class Equations {
 public:
  /// Those of all align environments of a text.
  explicit Equations(const std::string& document);

  /// The value of a symbol at q, q' and c (and u and θ of them), everything else by the equations.
  /// Throws std::invalid_argument for what it cannot read.
  [[nodiscard]] double evaluate(const std::string& symbol, double q, double q2, double c) const;
  /// Gives a symbol a value.
  void set(const std::string& symbol, double value) { values_[symbol] = value; }
  [[nodiscard]] bool defines(const std::string& symbol) const { return equations_.contains(symbol); }

 private:
  struct Equation {
    std::vector<std::string> arguments;
    std::vector<std::string> right;  // tokens
  };
  class Evaluation;

  void add(const std::string& equation);

  std::map<std::string, Equation> equations_;
  std::map<std::string, double> values_;
};

}  // namespace ntkc::test
