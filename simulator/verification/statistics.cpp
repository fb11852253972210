#include "simulator/verification/statistics.hpp"

#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace ntkc::verification {

double two_sided_student_quantile(double probability, double degrees) {
  const boost::math::students_t_distribution<double> distribution(degrees);
  return boost::math::quantile(boost::math::complement(distribution, probability / 2));
}

std::vector<double> bias_free_coefficients(std::span<const double> widths) {
  std::vector<double> coefficients(widths.size(), 0.0);
  coefficients.back() = 1;
  if (widths.size() < 2) return coefficients;
  // Weighted mean of 1/width with weights w = width, then β̂ = Σ w (1/width − mean) m / Σ w (1/width − mean)².
  double total = 0;
  for (const double width : widths) total += width;
  const double mean = static_cast<double>(widths.size()) / total;
  double squares = 0;
  for (const double width : widths) squares += width * (1 / width - mean) * (1 / width - mean);
  for (std::size_t i = 0; i < widths.size(); ++i)
    coefficients[i] -= widths[i] * (1 / widths[i] - mean) / squares / widths.back();
  return coefficients;
}

CombinedMean combine(std::span<const double> coefficients, std::span<const double> means,
                     std::span<const double> variances, double samples) {
  CombinedMean result;
  double variance = 0;
  double fourth = 0;
  for (std::size_t i = 0; i < means.size(); ++i) {
    const double part = coefficients[i] * coefficients[i] * variances[i] / samples;
    result.value += coefficients[i] * means[i];
    variance += part;
    fourth += part * part / (samples - 1);
  }
  result.standard_error = std::sqrt(variance);
  result.degrees = fourth > 0 ? variance * variance / fourth : samples - 1;
  return result;
}

}  // namespace ntkc::verification
