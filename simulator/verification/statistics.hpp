// The statistics of verification.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace ntkc::verification {

/// The t with P(|T| > t) = `probability`, for Student's distribution of `degrees` > 0 degrees of freedom.
double two_sided_student_quantile(double probability, double degrees);

/// The coefficients c with Σ c_i m_i = m_last − β̂/width_last, where β̂ is the slope of the means m over
/// 1/width, fitted by least squares with weights in proportion to the widths, since the variance of a mean
/// falls as 1/width. For a single width there is nothing to fit and c = (1).
std::vector<double> bias_free_coefficients(std::span<const double> widths);

/// A combination Σ c_i m_i of independent means of `samples` values each.
struct CombinedMean {
  double value = 0;
  double standard_error = 0;
  double degrees = 1;  ///< of freedom, by Welch 1947 and Satterthwaite 1946
};
CombinedMean combine(std::span<const double> coefficients, std::span<const double> means,
                     std::span<const double> variances, double samples);

/// The sum, and the sum of squares about the mean, of values that come one by one (Welford 1962).
class RunningMoments {
 public:
  RunningMoments() = default;
  /// The state after `count` values of this mean and variance.
  RunningMoments(double count, double mean, double variance)
      : count_(count), mean_(mean), squares_(variance * (count - 1)) {}

  void add(double value) {
    ++count_;
    const double distance = value - mean_;
    mean_ += distance / count_;
    squares_ += distance * (value - mean_);
  }
  [[nodiscard]] double mean() const { return mean_; }
  /// The unbiased estimate of the variance of a single value. Precondition: there are two values.
  [[nodiscard]] double variance() const { return squares_ / (count_ - 1); }
  /// The mean of (value − reference)².
  [[nodiscard]] double mean_square_about(double reference) const {
    return squares_ / count_ + (mean_ - reference) * (mean_ - reference);
  }

 private:
  double count_ = 0;
  double mean_ = 0;
  double squares_ = 0;
};

}  // namespace ntkc::verification
