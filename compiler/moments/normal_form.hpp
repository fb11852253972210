// Functions as sums of terms whose Gaussian expectations have a closed form.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "compiler/moments/constant.hpp"

namespace ntkc::moments {

enum class Switch : std::uint8_t { none, sign, erf, above, below };
enum class Wave : std::uint8_t { none, cosine, sine };

/// coefficient · zⁿ · s(z) · e^(az - gz²) · w(bz); s is 1, sign(z), erf(kz), [z > t] or [z < t], w is 1, cos
/// or sin. Signs are those of the values that the constants have; what is 0 by its value only, like p where
/// p = 0, stays.
struct Term {
  Constant coefficient = {};
  int power = 0;
  Switch s = Switch::none;
  Constant k = {};  ///< > 0 for erf, else 0
  Constant t = {};  ///< of above and below, else 0
  Constant a = {};
  Constant g = {};  ///< ≥ 0
  Wave wave = Wave::none;
  Constant b = {};  ///< > 0 for waves (0 by value only), else 0

  /// Whether the terms differ in their coefficients only.
  [[nodiscard]] bool is_like(const Term& other) const;
  /// Whether s is [z > t] or [z < t].
  [[nodiscard]] bool is_threshold() const { return s == Switch::above || s == Switch::below; }
  [[nodiscard]] bool has_parity() const { return a.is(0) && !is_threshold(); }
  /// (-1)^parity is what z → -z multiplies a term by; thresholds and exponentials also change sides.
  [[nodiscard]] int parity() const {
    const bool is_odd_switch = s == Switch::sign || s == Switch::erf;
    return (power + (is_odd_switch ? 1 : 0) + (wave == Wave::sine ? 1 : 0)) % 2;
  }
  [[nodiscard]] bool is_plain() const { return a.is(0) && g.is(0) && wave == Wave::none; }
  friend bool operator==(const Term&, const Term&) = default;
};

/// No two terms alike, none with coefficient 0. Equal to the function almost everywhere.
///
/// What has a sign or a threshold is written so that terms are small where the function is: where a = 0,
/// thresholds are [z > t] for t > 0 and [z < t] for t < 0, which vanish with the variance, and [z > 0] is
/// (1 + sign z)/2; where a ≠ 0, signs are [z > 0] - [z < 0], and intervals are differences of thresholds on
/// the side on which e^(az) falls.
/// In functions that are neither made of even and odd terms nor even or odd, and have no waves, what is 0 on
/// an interval is written from there, by [z > t] on its right and [z < t] on its left, which takes one term
/// less: λ z [z > 0] + λα (e^z - 1) [z < 0] of three terms. Beside a one-sided exponential that switches at
/// 0, 1 and sign there are [z < 0] and [z > 0].
using NormalForm = std::vector<Term>;

/// What z → -z makes of a term, up to a sign.
std::pair<Term, int> reflected(const Term& term);
/// Whether E[f(u)g(v)] is 0 because one is even and the other odd.
bool is_orthogonal_by_parity(const Term& f, const Term& g);
/// The jump of s at its threshold, 0 for sign: upwards by 2 or 1, or down by 1.
double jump_of(Switch s);

/// The normal form of a function, its constants made of literals and parameters; nothing if it has none, or
/// one of more than 64 terms. The program is that of the constants; nodes are added to it where they are
/// functions of parameters. By the algebra of its operations: products and sums are expanded; min, max,
/// abs, sign and select_less become pieces where the zeros of what they compare are known (those of z^n, of
/// polynomials of degree 2 and of a + b e^(cz), between thresholds likewise).
std::optional<NormalForm> normal_form(kernel_ir::Program& program, kernel_ir::NodeId function);

/// a z + b |z|, the piecewise linear functions with their kink at 0.
struct PiecewiseLinear {
  Constant odd;   ///< a
  Constant even;  ///< b
};
/// Nothing if the form is not of this kind.
std::optional<PiecewiseLinear> find_piecewise_linear(const NormalForm& form);

/// The coefficients of a polynomial, that of z^n at n; nothing if the form has other terms.
std::optional<std::vector<Constant>> polynomial_coefficients(const NormalForm& form);

/// The derivative almost everywhere, without those of jumps.
NormalForm derivative(const NormalForm& f);
/// z f(z)
NormalForm times_variable(NormalForm f);
/// Whether f(-z) = f(z), and f(-z) = -f(z), as far as the terms show.
bool is_even(const NormalForm& f);
bool is_odd(const NormalForm& f);
/// Whether f(0) = 0, the value at a jump there being the mean of both sides.
bool vanishes_at_zero(const NormalForm& f);
/// What a function that vanishes at 0 is near there: its lowest four powers on either side.
struct SmallForm {
  NormalForm form;  ///< of terms zⁿ and zⁿ sign z
  /// The variance up to which it serves: what is left out is about (√q)⁴ of what is kept, in units in which
  /// exponents and waves have rates of 1, 1e-12 at most.
  double largest_variance = 0;
};
/// Nothing if the terms do not cancel near 0.
std::optional<SmallForm> small_form(const NormalForm& f);
/// Where a function jumps, and by how much.
struct Jump {
  Constant at;
  Constant height;
};
/// For the values that its constants have, in ascending order.
std::vector<Jump> jumps(const NormalForm& f);

}  // namespace ntkc::moments
