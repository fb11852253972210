// Bounds on functions over whole panels: what a function does between the nodes of a quadrature rule.
//
// Complex interval arithmetic on the steps of the function. A value is enclosed by a rectangle and, since
// quotients and logarithms of exponentials would lose all in one, by bounds on its modulus and on its argument
// as well. Ends of intervals are moved outwards by a few roundings after each operation.
#pragma once

#include <vector>

#include "compiler/elementary/function.hpp"

namespace ntkc::elementary {

struct Interval {
  double low = 0;
  double high = 0;
};

/// A set of complex numbers: what is in all four.
struct Region {
  Interval re;
  Interval im;
  Interval modulus;
  /// Of the branch that is 0 where the value is positive on the real panel; infinite if it is not known.
  Interval argument;
};

/// Bounds for one function.
class Enclosure {
 public:
  explicit Enclosure(Function<double> f) : f_(std::move(f)) {}

  /// The largest |f| in the closed ellipse with foci low and high whose semi-axes add up to ρ (high - low)/2,
  /// ρ > 1, of f as continued from the panel between the foci. Infinity where f may not be analytic there: where
  /// what it compares may change sides within the panel, or what it divides by, or takes the root or logarithm of,
  /// may vanish in the ellipse. ρ = 1: the largest |f| on the panel itself, where f may break.
  [[nodiscard]] double largest(double low, double high, double rho) const;

 private:
  /// The values of all steps; branches are chosen by those on the panel, which are `on_panel` itself if `real`.
  void evaluate(const Region& variable, const std::vector<Region>* on_panel,
                std::vector<Region>& values) const;

  Function<double> f_;
};

}  // namespace ntkc::elementary
