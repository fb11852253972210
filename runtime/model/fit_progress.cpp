#include "runtime/model/fit_progress.hpp"

#include <algorithm>
#include <utility>

namespace ntkc {

FitProgress::FitProgress(const Execution& execution, double expected_solve_seconds, Clock clock)
    : execution_(execution),
      expected_solve_seconds_(expected_solve_seconds),
      clock_(std::move(clock)),
      start_(clock_()) {}

double FitProgress::monotonic_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

bool FitProgress::report(double fraction) {
  reported_ = std::max(reported_, std::min(fraction, 1.0));
  return execution_.progress(reported_);
}

Execution FitProgress::evaluating() {
  Execution result = execution_;
  if (!execution_.progress) return result;
  result.progress = [this](double done) {
    const double passed = clock_() - start_;
    return report(done > 0 ? passed / (passed / done + expected_solve_seconds_) : 0);
  };
  return result;
}

Execution FitProgress::solving() {
  evaluate_seconds_ = clock_() - start_;
  Execution result = execution_;
  if (!execution_.progress) return result;
  result.progress = [this](double done) {
    // Below this share what was expected is the better guess.
    constexpr double enough_seen = 0.05;
    const double passed = clock_() - start_ - evaluate_seconds_;
    const double solve = done < enough_seen ? std::max(expected_solve_seconds_, passed) : passed / done;
    if (evaluate_seconds_ + solve == 0) return report(done);
    return report((evaluate_seconds_ + done * solve) / (evaluate_seconds_ + solve));
  };
  return result;
}

}  // namespace ntkc
