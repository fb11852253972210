// What is said of the duals of a network: in comments of the printed kernel, in the LaTeX document, in
// warnings. It stands by itself, without a program.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compiler/hermite/terms.hpp"

namespace ntkc::duals {

enum class Mechanism : std::uint8_t {
  rules,     ///< a closed form, its parts by rules of their own
  calculus,  ///< a closed form, a part of it at least by the calculus of Gaussian moments
  split,     ///< what breaks by the calculus, the rest expanded
  expansion  ///< a Hermite expansion
};

/// What is said of a decision (compiler/duals/decision.hpp).
struct Statement {
  Mechanism mechanism = Mechanism::rules;
  std::string name = {};      ///< "arc-cosine kernels of order 1 and 0 (kappa_1, kappa_0)"
  std::string rounding = {};  ///< ", to 1e-12 for q up to 1e+02 (5e-11 at q = 1e+04)" of a closed form
  double largest_q = 0;       ///< that it was decided for
  /// What the expansion of φ leaves out, what that of φ' does, as far as they are needed, and the larger of the
  /// two. NaN: the expectation is not finite.
  double remainder_of_value = 0;
  double remainder_of_slope = 0;
  double remainder = 0;
  int terms = 0;           ///< of the expansion of φ
  bool is_sparse = false;  ///< those and the ones of few degrees beyond
  hermite::Parity parity = hermite::Parity::none;
  bool expands_jump = false;  ///< the series of a function that jumps, which has no derivative term by term

  [[nodiscard]] bool is_closed() const {
    return mechanism == Mechanism::rules || mechanism == Mechanism::calculus;
  }
  [[nodiscard]] std::string text() const;
};
/// What is said of an activation where it is used; uses of one function over one range of q are one.
struct Use {
  std::vector<std::string> names = {};  ///< of the function, in the program
  Statement statement = {};
};

/// The different texts of the uses of a function of this name, in order, with the q that they hold for if
/// there are several.
std::vector<std::string> texts_of(const std::vector<Use>& uses, const std::string& name);

}  // namespace ntkc::duals
