// The depth at which Gram matrices become singular to working precision.
#include <cmath>
#include <limits>

#include "compiler/analysis/covariance_map.hpp"
#include "compiler/analysis/slope_law.hpp"
#include "ntkc/analysis.hpp"

namespace ntkc {

namespace {

using analysis::Correlation;
using analysis::CovarianceMap;
using analysis::SlopeLaw;

/// Iterations through the compiled maps, and in all: the others are made by the expansion about u = 1.
constexpr std::int64_t most_evaluated = 100'000;
constexpr std::int64_t most_iterations = 1'000'000;
/// Iterations without change after which nothing will come.
constexpr int still = 100;
/// 1 - u below which the expansion is more exact than 1 - u by subtraction.
constexpr double near_one = 1e-6;

/// Σ and Θ of two orthogonal inputs of one norm, iterated.
class Iteration {
 public:
  Iteration(const Recursion& recursion, const FixedPoint& fixed_point, std::int64_t inputs)
      : fixed_point_(fixed_point), step_(recursion.step()), contribution_(recursion.contribution()) {
    result_.inputs = inputs;
    result_.f32.limit = 1 / static_cast<double>(std::numeric_limits<float>::epsilon());
    result_.f64.limit = 1 / std::numeric_limits<double>::epsilon();
    CovarianceMap entry(recursion.entry());
    const Correlation orthogonal = Correlation::of(0);
    q_ = entry.sigma(1);
    distance_ = 1 - entry.sigma(1, orthogonal) / q_;
    theta_ = entry.theta(1);
    theta_gap_ = theta_ - entry.theta(1, orthogonal);
  }

  Conditioning run() {
    while (!done() && result_.followed < most_evaluated && !near_fixed_point()) evaluate_step();
    if (!done() && near_fixed_point()) follow_expansion();
    result_.settled = unchanged_ >= still;
    return result_;
  }

 private:
  /// The eigenvalues of (k(1) - k(u)) I + k(u) 11ᵀ are `gap` = k(1) - k(u) and gap + n k(u).
  [[nodiscard]] double condition(double diagonal, double gap) const {
    const double other = gap + static_cast<double>(result_.inputs) * (diagonal - gap);
    return std::max(gap, other) / std::min(gap, other);
  }

  void record() {
    ++result_.followed;
    const auto update = [this](std::optional<std::int64_t>& depth, double condition, double limit) {
      if (!depth && !(condition <= limit)) depth = result_.followed;
    };
    const double sigma = condition(1, distance_);
    // Before the first weights Θ is 0 and has no condition.
    const double theta = theta_ > 0 ? condition(theta_, theta_gap_) : 1;
    for (ConditionDepth* const depth : {&result_.f32, &result_.f64}) {
      update(depth->sigma, sigma, depth->limit);
      update(depth->theta, theta, depth->limit);
    }
  }

  [[nodiscard]] bool done() const {
    const bool all = result_.f64.sigma && result_.f64.theta;
    return all || unchanged_ >= still || !(q_ > 1e-200 && q_ < 1e200) || !(theta_ < 1e200);
  }

  [[nodiscard]] bool near_fixed_point() const {
    return distance_ < near_one && fixed_point_.q.value_or(0) > 0 &&
           std::abs(q_ - *fixed_point_.q) <= 1e-6 * q_;
  }

  void evaluate_step() {
    const Correlation u = distance_ > 1 ? Correlation::of(1 - distance_) : Correlation::below_one(distance_);
    const double chi = step_.theta(q_);
    const double chi_gap = chi - step_.theta(q_, u);
    const double added = contribution_.theta(q_);
    const double added_gap = added - contribution_.theta(q_, u);
    const double next_q = step_.sigma(q_);
    const double next_distance = (next_q - step_.sigma(q_, u)) / next_q;
    advance(chi, chi_gap, added, added_gap, next_distance);
    q_ = next_q;
  }

  /// Θ' = χ Θ + S at (x, x), and the difference of that at (x, x) and (x, x').
  void advance(double chi, double chi_gap, double added, double added_gap, double next_distance) {
    const double next_gap = chi * theta_gap_ + chi_gap * (theta_ - theta_gap_) + added_gap;
    const double next_theta = chi * theta_ + added;
    const auto close = [](double a, double b) { return std::abs(a - b) <= 1e-12 * std::abs(b); };
    const bool same = close(next_distance, distance_) && close(next_gap / next_theta, theta_gap_ / theta_);
    unchanged_ = same ? unchanged_ + 1 : 0;
    distance_ = next_distance;
    theta_ = next_theta;
    theta_gap_ = next_gap;
    record();
  }

  /// E = 1 - u by E' = χ₁ E - s E^p and the other differences by their leading powers of E.
  void follow_expansion() {
    const double q = *fixed_point_.q;
    const double chi = step_.theta(q);
    const double added = contribution_.theta(q);
    const SlopeLaw slope = analysis::fit_slope(step_, q, 1, near_one);
    const auto added_difference = [&](double from_one) {
      return added - contribution_.theta(q, Correlation::below_one(from_one));
    };
    const SlopeLaw seed = analysis::fit_differences(added_difference(near_one),
                                                    added_difference(4 * near_one), near_one, added);
    const auto value = [this](const SlopeLaw& law) {
      return law.coefficient * std::pow(distance_, law.exponent);
    };
    while (result_.followed < most_iterations && !done()) {
      const double chi_gap = value(slope);
      advance(chi, chi_gap, added, value(seed), distance_ * (chi - chi_gap / (slope.exponent + 1)));
    }
  }

  const FixedPoint& fixed_point_;
  CovarianceMap step_;
  CovarianceMap contribution_;
  Conditioning result_;
  double q_ = 1;
  double distance_ = 1;   // 1 - u
  double theta_ = 0;      // Θ(x, x)
  double theta_gap_ = 0;  // Θ(x, x) - Θ(x, x')
  int unchanged_ = 0;     // iterations without change
};

}  // namespace

Conditioning find_conditioning(const Recursion& recursion, const FixedPoint& fixed_point,
                               std::int64_t inputs) {
  return Iteration(recursion, fixed_point, inputs).run();
}

}  // namespace ntkc
