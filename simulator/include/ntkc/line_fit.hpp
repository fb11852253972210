// Straight lines by least squares: slopes of quantities that follow power laws.
#pragma once

#include <span>
#include <vector>

#pragma GCC visibility push(default)
namespace ntkc {

/// y = intercept + slope · x by least squares with equal weights.
struct LineFit {
  double slope = 0;
  std::vector<double> slope_weights;  ///< slope = Σ slope_weights[i] · y[i]

  /// The standard error of the slope, given those of the independent y.
  [[nodiscard]] double slope_error(std::span<const double> y_errors) const;
};

/// Precondition: as many y as x, and two different x.
LineFit fit_line(std::span<const double> x, std::span<const double> y);

}  // namespace ntkc
#pragma GCC visibility pop
