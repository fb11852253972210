#include <doctest/doctest.h>

#include <cmath>

#include "ntkc/score.hpp"

namespace ntkc {
namespace {

TEST_CASE("the predicted class is the largest output, the first of equals") {
  Matrix outputs(2, 3);
  outputs(0, 2) = 1;
  outputs(1, 1) = 5;
  outputs(1, 2) = 5;
  CHECK(predicted_classes(outputs.view()) == std::vector<std::int32_t>{2, 1});
}

TEST_CASE("confusion has true classes as rows") {
  const ClassificationScore score = score_classes({0, 0, 1, 2}, {0, 1, 1, 0}, 3);
  CHECK(score.correct == 2);
  CHECK(score.accuracy() == 0.5);
  CHECK(score.confusion == std::vector<std::vector<std::int64_t>>{{1, 1, 0}, {0, 1, 0}, {1, 0, 0}});
}

TEST_CASE("RMSE and R² per output and over all") {
  Matrix truth(2, 2);
  Matrix predicted(2, 2);
  truth(0, 0) = 1;
  truth(1, 0) = 3;
  predicted(0, 0) = 1;
  predicted(1, 0) = 2;  // squares 1 of 2
  truth(0, 1) = truth(1, 1) = 0.1;
  predicted(0, 1) = predicted(1, 1) = 3.1;  // squares 18 of 0
  const RegressionScore score = score_regression(truth.view(), predicted.view());
  CHECK(score.rmse_per_output[0] == doctest::Approx(std::sqrt(0.5)));
  CHECK(score.rmse_per_output[1] == doctest::Approx(3));
  CHECK(score.r_squared_per_output[0] == doctest::Approx(0.5));
  CHECK(std::isnan(score.r_squared_per_output[1]));
  CHECK(score.rmse == doctest::Approx(std::sqrt(19.0 / 4)));
  CHECK(score.r_squared == doctest::Approx(1 - 19.0 / 2));
}

TEST_CASE("scores of values whose squares overflow or vanish") {
  const std::vector<double> truth = {1, 2, 4, 8};
  const std::vector<double> predicted = {1.5, 2, 3, 8};
  const RegressionScore expected = score_regression({truth.data(), 4, 1}, {predicted.data(), 4, 1});
  for (const int exponent : {-900, 900}) {
    std::vector<double> y;
    std::vector<double> f;
    for (std::size_t i = 0; i < truth.size(); ++i) {
      y.push_back(std::ldexp(truth[i], exponent));
      f.push_back(std::ldexp(predicted[i], exponent));
    }
    const RegressionScore score = score_regression({y.data(), 4, 1}, {f.data(), 4, 1});
    CHECK(score.r_squared == expected.r_squared);
    CHECK(score.rmse == std::ldexp(expected.rmse, exponent));
  }
}

}  // namespace
}  // namespace ntkc
