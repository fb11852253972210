#include "ntkc/line_fit.hpp"

#include <cmath>
#include <cstddef>

namespace ntkc {

LineFit fit_line(std::span<const double> x, std::span<const double> y) {
  const auto count = static_cast<double>(x.size());
  double mean = 0;
  for (const double each : x) mean += each / count;
  double squares = 0;
  for (const double each : x) squares += (each - mean) * (each - mean);
  LineFit fit;
  for (std::size_t i = 0; i < x.size(); ++i) {
    fit.slope_weights.push_back((x[i] - mean) / squares);
    fit.slope += fit.slope_weights.back() * y[i];
  }
  return fit;
}

double LineFit::slope_error(std::span<const double> y_errors) const {
  double variance = 0;
  for (std::size_t i = 0; i < slope_weights.size(); ++i)
    variance += slope_weights[i] * slope_weights[i] * y_errors[i] * y_errors[i];
  return std::sqrt(variance);
}

}  // namespace ntkc
