// The statistics of verification against tables and against what they are defined by.
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "ntkc/line_fit.hpp"
#include "simulator/verification/statistics.hpp"

using namespace ntkc;
using namespace ntkc::verification;

TEST_CASE("quantiles of Student's t distribution are those of the tables") {
  // Abramowitz and Stegun 1964, table 26.10.
  CHECK(two_sided_student_quantile(0.05, 1) == doctest::Approx(12.706).epsilon(1e-4));
  CHECK(two_sided_student_quantile(0.05, 10) == doctest::Approx(2.228).epsilon(1e-3));
  CHECK(two_sided_student_quantile(0.01, 30) == doctest::Approx(2.750).epsilon(1e-3));
  CHECK(two_sided_student_quantile(0.001, 120) == doctest::Approx(3.373).epsilon(1e-3));
}

TEST_CASE("a line is fitted by least squares") {
  const std::vector<double> x = {0, 1, 2, 4};
  CHECK(fit_line(x, std::vector<double>{1, 3, 5, 9}).slope == doctest::Approx(2));
  // By hand: Σ(x − 7/4) y / Σ(x − 7/4)² = 8.25/8.75.
  const LineFit fit = fit_line(x, std::vector<double>{1, 1, 2, 4.5});
  CHECK(fit.slope == doctest::Approx((-1.75 * 1 - 0.75 * 1 + 0.25 * 2 + 2.25 * 4.5) / 8.75));
  double sum = 0;
  for (const double weight : fit.slope_weights) sum += weight;
  CHECK(std::abs(sum) < 1e-15);
  // The weights are (−1.75, −0.75, 0.25, 2.25)/8.75.
  CHECK(fit.slope_error(std::vector<double>{1, 1, 1, 1}) == doctest::Approx(1 / std::sqrt(8.75)));
  CHECK(fit.slope_error(std::vector<double>{0, 0, 0, 3}) == doctest::Approx(3 * 2.25 / 8.75));
}

TEST_CASE("the combination of means is free of a bias of order 1/width and keeps constants") {
  const std::vector<double> widths = {32, 100, 256, 512};
  const std::vector<double> c = bias_free_coefficients(widths);
  double constant = 0;
  double bias = 0;
  for (std::size_t i = 0; i < c.size(); ++i) {
    constant += c[i];
    bias += c[i] / widths[i];
  }
  CHECK(constant == doctest::Approx(1));
  CHECK(std::abs(bias) < 1e-15);
  CHECK(bias_free_coefficients(std::vector<double>{64}) == std::vector<double>{1});
}

TEST_CASE("standard error and degrees of freedom of a combination") {
  // One mean: the textbook values. Two of equal variance and weight: Welch gives 2 (S − 1).
  const CombinedMean one =
      combine(std::vector<double>{1}, std::vector<double>{3}, std::vector<double>{4}, 16);
  CHECK(one.value == 3);
  CHECK(one.standard_error == doctest::Approx(0.5));
  CHECK(one.degrees == doctest::Approx(15));
  const CombinedMean two =
      combine(std::vector<double>{2, -1}, std::vector<double>{3, 1}, std::vector<double>{1, 4}, 16);
  CHECK(two.value == 5);
  CHECK(two.standard_error == doctest::Approx(std::sqrt(8.0 / 16)));
  CHECK(two.degrees == doctest::Approx(30));
}

TEST_CASE("running moments are those of the list") {
  RunningMoments moments;
  for (const double value : {1e9 + 1.0, 1e9 + 2.0, 1e9 + 4.0}) moments.add(value);
  CHECK(moments.mean() == doctest::Approx(1e9 + 7.0 / 3).epsilon(1e-15));
  CHECK(moments.variance() == doctest::Approx(7.0 / 3).epsilon(1e-6));
}
