#include "ntkc/score.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ntkc {

namespace {

double r_squared_of(double residual_squares, double total_squares) {
  return total_squares > 0 ? 1 - residual_squares / total_squares : std::numeric_limits<double>::quiet_NaN();
}

constexpr int smallest_exponent = std::numeric_limits<double>::min_exponent;

/// e with 2^e <= largest |value| < 2^(e + 1); little if all are zero.
int exponent_of_largest(MatrixView<const double> values) {
  double largest = 0;
  for (std::ptrdiff_t i = 0; i < values.rows; ++i)
    for (std::ptrdiff_t j = 0; j < values.columns; ++j) largest = std::max(largest, std::abs(values(i, j)));
  return largest > 0 ? std::ilogb(largest) : smallest_exponent;
}

}  // namespace

std::vector<std::int32_t> predicted_classes(MatrixView<const double> outputs) {
  std::vector<std::int32_t> classes(static_cast<std::size_t>(outputs.rows));
  for (std::ptrdiff_t i = 0; i < outputs.rows; ++i) {
    const double* const row = outputs.data + i * outputs.stride;
    classes[static_cast<std::size_t>(i)] =
        static_cast<std::int32_t>(std::max_element(row, row + outputs.columns) - row);
  }
  return classes;
}

ClassificationScore score_classes(const std::vector<std::int32_t>& truth,
                                  const std::vector<std::int32_t>& predicted, std::size_t classes) {
  ClassificationScore score;
  score.samples = static_cast<std::int64_t>(truth.size());
  score.confusion.assign(classes, std::vector<std::int64_t>(classes, 0));
  for (std::size_t i = 0; i < truth.size(); ++i) {
    ++score.confusion[static_cast<std::size_t>(truth[i])][static_cast<std::size_t>(predicted[i])];
    if (truth[i] == predicted[i]) ++score.correct;
  }
  return score;
}

RegressionScore score_regression(MatrixView<const double> truth, MatrixView<const double> predicted) {
  RegressionScore score;
  // In units of a power of two near the largest value, which rounds nothing: squares neither overflow nor vanish.
  const int exponent =
      std::max({exponent_of_largest(truth), exponent_of_largest(predicted), smallest_exponent});
  const auto scaled = [&](double value) { return std::ldexp(value, -exponent); };
  const auto n = static_cast<double>(truth.rows);
  double residual_sum = 0;
  double total_sum = 0;
  for (std::ptrdiff_t j = 0; j < truth.columns; ++j) {
    double mean = 0;
    for (std::ptrdiff_t i = 0; i < truth.rows; ++i) mean += scaled(truth(i, j)) / n;
    double residual = 0;
    double total = 0;
    bool constant = true;  // decided exactly: a rounded mean leaves a total of rounding errors
    for (std::ptrdiff_t i = 0; i < truth.rows; ++i) {
      const double difference = scaled(truth(i, j)) - scaled(predicted(i, j));
      const double deviation = scaled(truth(i, j)) - mean;
      residual += difference * difference;
      total += deviation * deviation;
      constant = constant && truth(i, j) == truth(0, j);
    }
    if (constant) total = 0;
    score.rmse_per_output.push_back(std::ldexp(std::sqrt(residual / n), exponent));
    score.r_squared_per_output.push_back(r_squared_of(residual, total));
    residual_sum += residual;
    total_sum += total;
  }
  score.rmse = std::ldexp(std::sqrt(residual_sum / (n * static_cast<double>(truth.columns))), exponent);
  score.r_squared = r_squared_of(residual_sum, total_sum);
  return score;
}

}  // namespace ntkc
