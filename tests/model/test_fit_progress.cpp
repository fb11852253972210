#include <doctest/doctest.h>

#include <vector>

#include "runtime/model/fit_progress.hpp"

namespace ntkc {
namespace {

struct Run {
  double evaluate;  ///< seconds that it takes
  double solve;
  double expected_solve;  ///< what was believed before
};

/// The time that is left, as a bar would show it, over that which was, at 20 moments of each part.
std::vector<double> errors_of_time_left(const Run& run) {
  double now = 0;
  double fraction = 0;
  Execution execution;
  execution.progress = [&](double value) {
    CHECK(value >= fraction);
    fraction = value;
    return true;
  };
  FitProgress progress(execution, run.expected_solve, [&] { return now; });
  std::vector<double> errors;
  const auto watch = [&](const Execution& part, double start, double seconds) {
    for (int i = 1; i <= 20; ++i) {
      now = start + seconds * i / 20;
      part.progress(i / 20.0);
      const double left = run.evaluate + run.solve - now;
      if (fraction > 0 && left > 0) errors.push_back(now * (1 - fraction) / fraction / left);
    }
  };
  watch(progress.evaluating(), 0, run.evaluate);
  watch(progress.solving(), run.evaluate, run.solve);
  CHECK(fraction == doctest::Approx(1));
  return errors;
}

TEST_CASE("the time that is left of a fit is right from the start where the expectation is") {
  for (const Run& run : {Run{1, 20, 20}, Run{20, 1, 1}, Run{5, 5, 5}})
    for (const double error : errors_of_time_left(run)) CHECK(error == doctest::Approx(1));
}

TEST_CASE("an expectation that is off by a quarter leaves the time that is left within a factor of 1.5") {
  for (const Run& run : {Run{1, 20, 15}, Run{1, 20, 25}, Run{10, 10, 7.5}, Run{10, 10, 12.5}})
    for (const double error : errors_of_time_left(run)) {
      CHECK(error < 1.5);
      CHECK(error > 1 / 1.5);
    }
}

}  // namespace
}  // namespace ntkc
