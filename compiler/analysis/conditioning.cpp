// The depth at which Gram matrices become singular to working precision.
#include <cmath>
#include <limits>

#include "compiler/analysis/maps.hpp"
#include "ntkc/analysis.hpp"

namespace ntkc {

namespace {

using analysis::Maps;
using analysis::StateWithTheta;

constexpr std::int64_t most_iterations = 100'000;
/// What all iterations together may take of expansions, Maps::work: some seconds.
constexpr double most_work = 2e9;
/// If nothing has changed in this many iterations, nothing will.
constexpr int still = 100;

/// Σ and Θ of two orthogonal inputs of one norm, iterated.
class Iteration {
 public:
  Iteration(const Recursion& recursion, std::int64_t inputs, std::size_t value)
      : maps_(recursion.maps()), value_(static_cast<Eigen::Index>(value)) {
    result_.inputs = inputs;
    result_.f32.limit = 1 / static_cast<double>(std::numeric_limits<float>::epsilon());
    result_.f64.limit = 1 / std::numeric_limits<double>::epsilon();
    alike_ = maps_.enter(0);
    apart_ = maps_.enter(1);
    work_before_ = maps_.work();
  }

  Conditioning run() {
    while (!done()) {
      const Ratios before = ratios();
      alike_ = maps_.iterate(alike_);
      apart_ = maps_.iterate(apart_);
      const Ratios after = ratios();
      if (!in_range()) break;
      const auto close = [](double a, double b) { return std::abs(a - b) <= 1e-12 * std::abs(b); };
      unchanged_ = close(after.sigma, before.sigma) && close(after.theta, before.theta) ? unchanged_ + 1 : 0;
      record(after);
    }
    result_.settled = unchanged_ >= still;
    result_.left_range = !in_range();
    return result_;
  }

 private:
  /// 1 - k(x, x')/k(x, x).
  struct Ratios {
    double sigma = 0;
    double theta = 0;
  };

  [[nodiscard]] Ratios ratios() const {
    const double theta = alike_.theta[value_];
    // Before the first layer with weights Θ is 0, and its condition is not defined.
    return {apart_.state.distance()[value_], theta > 0 ? (theta - apart_.theta[value_]) / theta : 1};
  }

  /// (k(1) - k(u)) I + k(u) 11ᵀ has the eigenvalues k(1) - k(u), which is `gap` in units of k(1), and
  /// k(1) - k(u) + n k(u).
  [[nodiscard]] double condition(double gap) const {
    const double other = gap + static_cast<double>(result_.inputs) * (1 - gap);
    return std::max(gap, other) / std::min(gap, other);
  }

  void record(const Ratios& now) {
    ++result_.followed;
    const auto update = [this](std::optional<std::int64_t>& depth, double condition, double limit) {
      if (!depth && !(condition > 0 && condition <= limit)) depth = result_.followed;
    };
    for (ConditionDepth* const depth : {&result_.f32, &result_.f64}) {
      update(depth->sigma, condition(now.sigma), depth->limit);
      update(depth->theta, condition(now.theta), depth->limit);
    }
  }

  [[nodiscard]] bool in_range() const {
    const double q = alike_.state.q[value_];
    return q > 1e-200 && q < 1e200 && alike_.theta[value_] < 1e200;
  }

  [[nodiscard]] bool done() const {
    const bool all = result_.f64.sigma && result_.f64.theta;
    return all || unchanged_ >= still || result_.followed >= most_iterations ||
           maps_.work() - work_before_ > most_work || !in_range();
  }

  Maps& maps_;
  Eigen::Index value_;
  Conditioning result_;
  StateWithTheta alike_;  // of (x, x)
  StateWithTheta apart_;  // of (x, x')
  int unchanged_ = 0;     // iterations without change
  double work_before_ = 0;
};

}  // namespace

Conditioning find_conditioning(const Recursion& recursion, std::int64_t inputs, std::size_t value) {
  return Iteration(recursion, inputs, value).run();
}

}  // namespace ntkc
