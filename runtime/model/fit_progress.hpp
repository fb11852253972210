// The progress of a fit, in time: how its two parts compare is not known before.
#pragma once

#include <chrono>
#include <functional>

#include "ntkc/execution.hpp"

namespace ntkc {

/// Turns the progress of evaluating and then of solving into the share of the time that has passed. How long
/// evaluating takes is seen while it goes on, how long solving will take is expected before and seen then. Never goes
/// back.
class FitProgress {
 public:
  using Clock = std::function<double()>;  ///< seconds

  FitProgress(const Execution& execution, double expected_solve_seconds, Clock clock = monotonic_seconds);

  /// Executions for the two parts; this must outlive them.
  [[nodiscard]] Execution evaluating();
  [[nodiscard]] Execution solving();

  static double monotonic_seconds();

 private:
  bool report(double fraction);

  Execution execution_;
  double expected_solve_seconds_;
  Clock clock_;
  double start_;
  double evaluate_seconds_ = 0;
  double reported_ = 0;
};

}  // namespace ntkc
