// Functions as sums of terms whose Gaussian expectations have a closed form.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "compiler/moments/constant.hpp"

namespace ntkc::moments {

enum class Switch : std::uint8_t { none, sign, erf };
enum class Wave : std::uint8_t { none, cosine, sine };

/// coefficient · zⁿ · s(z) · e^(az - gz²) · w(bz); s is 1, sign(z) or erf(kz), w is 1, cos or sin. Signs are
/// those of the values that the constants have; what is 0 by its value only, like p where p = 0, stays.
struct Term {
  Constant coefficient = {};
  int power = 0;
  Switch s = Switch::none;
  Constant k = {};  ///< > 0 for erf, else 0
  Constant a = {};
  Constant g = {};  ///< ≥ 0
  Wave wave = Wave::none;
  Constant b = {};  ///< > 0 for waves (0 by value only), else 0

  /// Whether the terms differ in their coefficients only.
  [[nodiscard]] bool is_like(const Term& other) const;
  /// (-1)^parity is what z → -z multiplies the term by; for a = 0 only.
  [[nodiscard]] int parity() const {
    return (power + (s != Switch::none ? 1 : 0) + (wave == Wave::sine ? 1 : 0)) % 2;
  }
  [[nodiscard]] bool is_plain() const { return a.is(0) && g.is(0) && wave == Wave::none; }
  friend bool operator==(const Term&, const Term&) = default;
};

/// No two terms alike, none with coefficient 0. Equal to the function almost everywhere.
using NormalForm = std::vector<Term>;

/// The normal form of a function, its constants made of literals and parameters; nothing if it has none, or
/// one of more than 64 terms. The program is that of the constants; nodes are added to it where they are
/// functions of parameters. By the algebra of its operations: products and sums are expanded, max(z, 0)
/// is z (1 + sign z)/2, likewise min, abs and select_less at 0.
std::optional<NormalForm> normal_form(kernel_ir::Program& program, kernel_ir::NodeId function);

/// The derivative almost everywhere, without those of jumps.
NormalForm derivative(const NormalForm& f);

}  // namespace ntkc::moments
