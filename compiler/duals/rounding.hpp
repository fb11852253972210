// What rounding takes of a closed form by the calculus, whose terms may be larger than their sum.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/duals/expression.hpp"
#include "compiler/duals/options.hpp"
#include "compiler/kernel_ir/program.hpp"

namespace ntkc::duals {

/// Which expectations of a pair are asked for; E[φ(u)²] always is.
struct Asked {
  bool value = false;  ///< E[φ(u)φ(v)]
  bool slope = false;  ///< E[φ'(u)φ'(v)]

  friend Asked operator|(Asked a, Asked b) { return {a.value || b.value, a.slope || b.slope}; }
};

/// A first-order bound on the errors of E[φ(u)²] and of E[φ'(u)²], u ~ N(0, q), relative to them, in
/// arithmetic of the unit roundoff: each operation rounds once and passes on what its operands are off by
/// (Higham 2002, 3.3, running error analysis). An expectation at x and x' is off by about the geometric mean
/// of the two bounds, in units of √(K(x,x) K(x',x')), since its terms are bounded by theirs (Cauchy-Schwarz).
class RoundingLoss {
 public:
  /// Nothing if no part of the function's dual goes by the calculus, or one has erf times an exponential, or
  /// nothing is asked for.
  static std::optional<RoundingLoss> find(const kernel_ir::Program& program, kernel_ir::NodeId phi,
                                          Asked asked = {.value = true, .slope = true},
                                          double unit_roundoff = double_roundoff);

  /// Not a number where the expectations are beyond double precision.
  [[nodiscard]] double at(double q) const;
  /// Below it what functions are near 0 is compiled, which loses less; `at` says what is lost here.
  [[nodiscard]] double least_variance() const { return least_variance_; }

 private:
  /// What is off, and what that is compared with: nodes.
  struct Share {
    std::vector<kernel_ir::NodeId> parts;
    kernel_ir::NodeId whole;
  };

  kernel_ir::Program program_;
  std::uint32_t variance_ = 0;  ///< the parameter that stands for q
  std::vector<Share> shares_;
  double unit_roundoff_ = double_roundoff;
  double least_variance_ = 0;
};

/// Where the loss is at most a tolerance: the variances around the one where it is least, and the loss a
/// hundredfold beyond each end. No end where the tolerance holds as far as was looked, from 1e-12 to 1e24.
struct LossRange {
  struct End {
    double q = 0;
    double beyond = 0;       ///< a variance outside
    double loss_beyond = 0;  ///< and the loss there
  };
  bool is_met = false;  ///< anywhere
  double least = 0;     ///< the smallest loss
  std::optional<End> low;
  std::optional<End> high;
};

/// Bounds on the loss where it is above the tolerance, factor · q^(halves/2): a power of q for small and
/// one for large q, those of the losses at the ends of what was looked at; and a steep one where beyond some q
/// exponents are off by so much that nothing is known. Of a small variance together with a larger one, of which
/// terms near 0 are not used, the root of the loss of either.
struct LossPower {
  double factor = 0;
  int halves = 0;
  double least_variance = 0;  ///< below which it does not grow

  [[nodiscard]] Expression of(Expression q) const;
};

/// What is stated of a loss.
struct LossBounds {
  LossRange range;
  std::vector<LossPower> powers;
};
LossBounds find_loss_bounds(const RoundingLoss& loss, double tolerance);

/// ", to 1e-12 for q of 0.001 and more (1e-10 at q = 1e-05)"; empty where it holds everywhere.
std::string describe(const LossRange& range, double tolerance);

}  // namespace ntkc::duals
