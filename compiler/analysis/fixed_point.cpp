// Fixed points of q ↦ Q(q) and u ↦ C(u)/Q(q), and what the slopes there say.
#include <fmt/format.h>

#include <boost/math/tools/roots.hpp>
#include <cmath>

#include "compiler/analysis/covariance_map.hpp"
#include "compiler/analysis/slope_law.hpp"
#include "ntkc/analysis.hpp"
#include "ntkc/errors.hpp"

namespace ntkc {

namespace {

using analysis::Correlation;
using analysis::CovarianceMap;

/// Relative error of the maps, with room.
constexpr double rounding = 1e-13;
/// q beyond these multiples of entry_q counts as 0 and as infinite.
constexpr double smallest_q = 1e-10;
constexpr double largest_q = 1e8;
/// How near the maps are to their limit for q → 0 or ∞ by then: 1/√q for GELU, which becomes ReLU.
constexpr double limit_error = 1e-3;

/// A root of `f` between `a` and `b`, where it has different signs.
template <typename Function>
double root_between(const Function& f, double a, double b) {
  const double f_a = f(a);
  const double f_b = f(b);
  if (f_a == 0) return a;
  if (f_b == 0) return b;
  std::uintmax_t steps = 200;
  const auto [low, high] = boost::math::tools::toms748_solve(
      f, std::min(a, b), std::max(a, b), a < b ? f_a : f_b, a < b ? f_b : f_a,
      boost::math::tools::eps_tolerance<double>(52), steps);
  return low + (high - low) / 2;
}

/// -1/log of a slope; nothing if that is infinite within the tolerance.
std::optional<double> depth_of(double slope, double tolerance = critical_tolerance) {
  const double size = std::abs(slope);
  if (std::abs(size - 1) <= tolerance) return std::nullopt;
  return size == 0 ? 0 : 1 / std::abs(std::log(size));
}

class Search {
 public:
  explicit Search(const Recursion& recursion) : recursion_(recursion), map_(recursion.step()) {}

  FixedPoint run() {
    result_.iterations = recursion_.iterations();
    result_.entry_q = require_finite(recursion_.entry_q());
    find_q();
    find_slopes();
    find_u();
    find_depths();
    return result_;
  }

 private:
  [[nodiscard]] double require_finite(double value) const {
    if (!std::isfinite(value))
      throw NumericalError(fmt::format(
          "the kernel of `{}` is not finite at depth; are its parameters too large?", recursion_.network()));
    return value;
  }

  double excess(double q) { return map_.sigma(q) - q; }
  bool is_fixed(double q) { return std::abs(excess(q)) <= rounding * q; }

  /// The fixed point on the side of entry_q to which Q(q) - q points, the next one: for increasing Q the
  /// limit of the iteration. `q_` is where slopes are to be taken; for q* = 0 and for none they are limits.
  void find_q() {
    const double scale = result_.entry_q > 0 ? result_.entry_q : 1;
    q_ = scale;
    const bool upwards = require_finite(excess(q_)) > 0;
    if (is_fixed(q_)) {
      result_.q = q_;
      result_.every_q = is_fixed(2 * q_) && is_fixed(0.5 * q_) && is_fixed(10 * q_);
      return;
    }
    while (q_ < largest_q * scale && q_ > smallest_q * scale) {
      const double next = q_ * (upwards ? 1.25 : 0.8);
      const double there = excess(next);
      if (!std::isfinite(there)) break;  // no value that the kernel can take
      if (is_fixed(next) || (there > 0) != upwards) {
        result_.q = q_ =
            is_fixed(next) ? next : root_between([this](double at) { return excess(at); }, q_, next);
        return;
      }
      q_ = next;
    }
    if (!upwards) result_.q = 0;
  }

  void find_slopes() {
    result_.growth = result_.q.value_or(0) > 0 ? 1 : map_.sigma(q_) / q_;
    result_.chi_1 = require_finite(map_.theta(q_));
    // Central differences with two steps of Richardson's extrapolation: error O(h⁶) and 1e-14/h.
    const auto difference = [this](double h) {
      return (map_.sigma(q_ * (1 + h)) - map_.sigma(q_ * (1 - h))) / (2 * h * q_);
    };
    const double d1 = difference(0.04);
    const double d2 = difference(0.02);
    const double d3 = difference(0.01);
    const double e1 = (4 * d2 - d1) / 3;
    const double e2 = (4 * d3 - d2) / 3;
    result_.q_slope = (16 * e2 - e1) / 15;
  }

  /// C(u)/Q(q) - u.
  double drift(Correlation u) { return map_.sigma(q_, u) / map_.sigma(q_) - u.u; }

  /// C(u)/Q(q) is a power series in u with coefficients that are not negative (Schoenberg 1942), hence convex
  /// on [0, 1]: with a slope of at most 1 at u = 1 there is no other fixed point, with a larger one exactly
  /// one more.
  void find_u() {
    const double slope = result_.chi_1 / result_.growth;
    const double tolerance = result_.q ? critical_tolerance : limit_error;
    const auto stays = [&](double u) { return std::abs(drift(Correlation::of(u))) < tolerance; };
    const bool identity = stays(0) && stays(0.5) && stays(-0.5);
    if (!identity) result_.u = slope <= 1 + tolerance ? 1 : root_below_one();
    result_.chi_u = map_.theta(q_, Correlation::of(result_.u.value_or(1)));
    if (result_.u == 1.0 && std::abs(slope - 1) <= tolerance) find_power_law();
  }

  double root_below_one() {
    if (std::abs(drift(Correlation::of(0))) <= rounding) return 0;
    for (double distance = 0.5; distance > 1e-9; distance /= 2)
      if (drift(Correlation::below_one(distance)) < 0)
        return 1 -
               root_between([this](double at) { return drift(Correlation::below_one(at)); }, distance, 1.0);
    return 1;
  }

  /// From E' = E - s E^p, E = 1 - u: E ≈ (s (p-1) L)^(-1/(p-1)). Hayou et al. 2019, propositions 2 and 3: p =
  /// 3/2 and 9π²/(2L²) for ReLU, p = 2 for smooth activations.
  void find_power_law() {
    // While q itself still moves by less than any factor the coefficient is another one.
    if (!result_.q && std::abs(result_.growth - 1) <= limit_error) return;
    constexpr double distance = 1e-6;
    const analysis::SlopeLaw law = analysis::fit_slope(map_, q_, result_.growth, distance);
    const analysis::SlopeLaw farther = analysis::fit_slope(map_, q_, result_.growth, 16 * distance);
    // Not the same law at both: no power law, or one that holds nearer to the limit of q only.
    if (law.coefficient == 0 || std::abs(law.exponent - farther.exponent) > 1e-4) return;
    const double s = law.coefficient / (law.exponent + 1);
    result_.power_law = {1 / law.exponent, std::pow(s * law.exponent, -1 / law.exponent)};
  }

  void find_depths() {
    const double chi = result_.chi_1;
    result_.phase = !result_.q                                ? Phase::unbounded
                    : std::abs(chi - 1) <= critical_tolerance ? Phase::critical
                    : chi < 1                                 ? Phase::ordered
                                                              : Phase::chaotic;
    result_.q_depth = depth_of(result_.q_slope);
    if (result_.phase == Phase::unbounded)
      result_.correlation_depth = depth_of(result_.chi_u / result_.growth, limit_error);
    else if (result_.phase != Phase::critical)
      result_.correlation_depth = depth_of(result_.phase == Phase::ordered ? chi : result_.chi_u);
    if (result_.correlation_depth) result_.trainable_depth = 6 * *result_.correlation_depth;
  }

  const Recursion& recursion_;
  CovarianceMap map_;
  FixedPoint result_;
  double q_ = 1;
};

}  // namespace

std::string_view name(Phase phase) {
  switch (phase) {
    case Phase::ordered:
      return "ordered";
    case Phase::critical:
      return "critical";
    case Phase::chaotic:
      return "chaotic";
    case Phase::unbounded:
      return "unbounded";
  }
  return "";
}

FixedPoint find_fixed_point(const Recursion& recursion) { return Search(recursion).run(); }

}  // namespace ntkc
