// How good predictions are.
#pragma once

#include <cstdint>
#include <vector>

#include "ntkc/matrix.hpp"

#pragma GCC visibility push(default)
namespace ntkc {

struct ClassificationScore {
  std::int64_t samples = 0;
  std::int64_t correct = 0;
  /// confusion[t][p]: how many samples of class t were taken for class p.
  std::vector<std::vector<std::int64_t>> confusion;

  [[nodiscard]] double accuracy() const {
    return static_cast<double>(correct) / static_cast<double>(samples);
  }
};

struct RegressionScore {
  double rmse = 0;       ///< root of the mean squared error over all rows and outputs
  double r_squared = 0;  ///< 1 − Σ(y − f)² / Σ(y − ȳ)², ȳ per output; NaN if the targets do not vary
  std::vector<double> rmse_per_output;
  std::vector<double> r_squared_per_output;
};

/// The class of the largest output of each row; the first of equals.
std::vector<std::int32_t> predicted_classes(MatrixView<const double> outputs);

ClassificationScore score_classes(const std::vector<std::int32_t>& truth,
                                  const std::vector<std::int32_t>& predicted, std::size_t classes);
RegressionScore score_regression(MatrixView<const double> truth, MatrixView<const double> predicted);

}  // namespace ntkc
#pragma GCC visibility pop
