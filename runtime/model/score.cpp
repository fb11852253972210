#include "ntkc/score.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ntkc {

namespace {

double r_squared_of(double residual_squares, double total_squares) {
  return total_squares > 0 ? 1 - residual_squares / total_squares : std::numeric_limits<double>::quiet_NaN();
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
  const auto n = static_cast<double>(truth.rows);
  double residual_sum = 0;
  double total_sum = 0;
  for (std::ptrdiff_t j = 0; j < truth.columns; ++j) {
    double mean = 0;
    for (std::ptrdiff_t i = 0; i < truth.rows; ++i) mean += truth(i, j) / n;
    double residual = 0;
    double total = 0;
    bool constant = true;  // decided exactly: a rounded mean leaves a total of rounding errors
    for (std::ptrdiff_t i = 0; i < truth.rows; ++i) {
      residual += (truth(i, j) - predicted(i, j)) * (truth(i, j) - predicted(i, j));
      total += (truth(i, j) - mean) * (truth(i, j) - mean);
      constant = constant && truth(i, j) == truth(0, j);
    }
    if (constant) total = 0;
    score.rmse_per_output.push_back(std::sqrt(residual / n));
    score.r_squared_per_output.push_back(r_squared_of(residual, total));
    residual_sum += residual;
    total_sum += total;
  }
  score.rmse = std::sqrt(residual_sum / (n * static_cast<double>(truth.columns)));
  score.r_squared = r_squared_of(residual_sum, total_sum);
  return score;
}

}  // namespace ntkc
