// Functions as sums of terms whose Gaussian expectations have a closed form.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "compiler/kernel_ir/program.hpp"
#include "compiler/kernel_ir/quad.hpp"

namespace ntkc::moments {

using kernel_ir::Quad;

enum class Switch : std::uint8_t { none, sign, erf };
enum class Wave : std::uint8_t { none, cosine, sine };

/// coefficient · zⁿ · s(z) · e^(az - gz²) · w(bz); s is 1, sign(z) or erf(kz), w is 1, cos or sin.
struct Term {
  Quad coefficient = 0;
  int power = 0;
  Switch s = Switch::none;
  Quad k = 0;  ///< > 0 for erf, else 0
  Quad a = 0;
  Quad g = 0;  ///< ≥ 0
  Wave wave = Wave::none;
  Quad b = 0;  ///< > 0 for waves, else 0

  /// Whether the terms differ in their coefficients only.
  [[nodiscard]] bool is_like(const Term& other) const;
  /// (-1)^parity is what z → -z multiplies the term by; for a = 0 only.
  [[nodiscard]] int parity() const {
    return (power + (s != Switch::none ? 1 : 0) + (wave == Wave::sine ? 1 : 0)) % 2;
  }
  [[nodiscard]] bool is_plain() const { return a == 0 && g == 0 && wave == Wave::none; }
  friend bool operator==(const Term&, const Term&) = default;
};

/// No two terms alike, none with coefficient 0. Equal to the function almost everywhere.
using NormalForm = std::vector<Term>;

/// The normal form of a function whose constants are literals or arithmetic on such; nothing if it has none,
/// or one of more than 64 terms. By the algebra of its operations: products and sums are expanded, max(z, 0)
/// is z (1 + sign z)/2, likewise min, abs and select_less at 0.
std::optional<NormalForm> normal_form(const kernel_ir::Program& program, kernel_ir::NodeId function);

/// The derivative almost everywhere, without those of jumps.
NormalForm derivative(const NormalForm& f);

}  // namespace ntkc::moments
