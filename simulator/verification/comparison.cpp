// The verdict on one kernel (ntkc/verification.hpp says what is asked).
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "ntkc/line_fit.hpp"
#include "simulator/verification/measurement.hpp"

namespace ntkc {

double KernelComparison::allowed_slope() const {
  return std::fmax(slope_tolerance, slope_quantile * slope_error);
}

bool KernelComparison::slope_agrees() const {
  return exact || !slope || std::abs(*slope - expected_slope) <= allowed_slope();
}

Verdict KernelComparison::verdict() const {
  if (!slope_agrees() || !entries_agree()) return Verdict::disagree;
  return smallest_visible <= visible_error ? Verdict::agree : Verdict::undecided;
}

Verdict Verification::verdict() const {
  for (const Verdict each : {Verdict::disagree, Verdict::undecided})
    if (sigma.verdict() == each || theta.verdict() == each) return each;
  return Verdict::agree;
}

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::agree:
      return "agree";
    case Verdict::disagree:
      return "disagree";
    case Verdict::undecided:
      return "undecided";
  }
  return "";
}

}  // namespace ntkc

namespace ntkc::verification {
namespace {

/// The deviation that rounding leaves where a network has the kernel exactly, relative to the kernel.
constexpr double rounding = 1e-10;

double frobenius_norm(MatrixView<const double> kernel) {
  double squares = 0;
  for (std::ptrdiff_t i = 0; i < kernel.rows; ++i) {
    for (std::ptrdiff_t j = 0; j < kernel.columns; ++j) squares += kernel(i, j) * kernel(i, j);
  }
  return std::sqrt(squares);
}

/// The quotient, where 0/0 is 0: a kernel may vanish, as Θ does without trained layers, and then it vanishes
/// for networks too.
double relative(double deviation, double norm) {
  if (deviation == 0) return 0;
  return norm > 0 ? deviation / norm : std::numeric_limits<double>::infinity();
}

void fill_deviations(const std::vector<Measurement>& measurements, MatrixView<const double> kernel,
                     KernelComparison& result) {
  const double norm = frobenius_norm(kernel);
  result.exact = true;
  for (const Measurement& measurement : measurements) {
    double mean_squares = 0;  // of the mean, and of a draw
    double draw_squares = 0;
    std::size_t entry = 0;
    for (std::ptrdiff_t i = 0; i < kernel.rows; ++i) {
      for (std::ptrdiff_t j = 0; j <= i; ++j, ++entry) {
        const RunningMoments& moments = measurement.entries[entry];
        const double distance = moments.mean() - kernel(i, j);
        const double weight = i == j ? 1 : 2;
        mean_squares += weight * distance * distance;
        draw_squares += weight * moments.mean_square_about(kernel(i, j));
      }
    }
    result.relative_deviation.push_back(relative(std::sqrt(draw_squares), norm));
    result.mean_deviation.push_back(relative(std::sqrt(mean_squares), norm));
    result.exact = result.exact && result.relative_deviation.back() <= rounding;
  }
}

/// The slope of ln d over ln width, d the root mean square deviation. The standard error of ln d is that of
/// the delta method: Var[ln d] = Var[d²]/(4 S E[d²]²). The relative variance Var[d²]/E[d²]² tends to a limit with the
/// width, so that that of all widths together is taken: d² is skew, and of few draws one with a small mean has a
/// small variance too, which would make it seem certain.
void fit_slope(const std::vector<Measurement>& measurements, const VerificationOptions& options,
               KernelComparison& result) {
  if (result.exact || measurements.size() < 2) return;
  std::vector<double> x;
  std::vector<double> y;
  double relative_variance = 0;
  for (std::size_t i = 0; i < measurements.size(); ++i) {
    x.push_back(std::log(static_cast<double>(options.widths[i])));
    y.push_back(std::log(result.relative_deviation[i]));
    const RunningMoments& squares = measurements[i].squared_deviation;
    relative_variance += squares.variance() / (squares.mean() * squares.mean());
  }
  relative_variance /= static_cast<double>(measurements.size());
  const auto samples = static_cast<double>(options.samples);
  const std::vector<double> errors(measurements.size(), std::sqrt(relative_variance / samples) / 2);
  const LineFit fit = fit_line(x, y);
  result.slope = fit.slope;
  result.slope_error = fit.slope_error(errors);
  result.slope_quantile = two_sided_student_quantile(verification_level, samples - 1);
}

/// What an entry says of errors: the largest that noise may hide, and how that falls with more draws.
struct Sensitivity {
  double probability;
  double samples;
  CombinedMean mean;
  double size;  ///< √(K(x,x) K(x',x'))

  [[nodiscard]] double smallest_visible(double more_samples) const {
    const double degrees = mean.degrees * (more_samples - 1) / (samples - 1);
    return two_sided_student_quantile(probability, degrees) * mean.standard_error *
           std::sqrt(samples / more_samples) / size;
  }
  /// How many draws make an error of `visible_error` visible.
  [[nodiscard]] std::int64_t samples_to_decide() const {
    constexpr std::int64_t most = std::int64_t{1} << 31U;
    std::int64_t few = 1;
    std::int64_t enough = 2;
    const auto shows = [&](std::int64_t count) {
      return smallest_visible(static_cast<double>(count)) <= visible_error;
    };
    while (enough < most && !shows(enough)) few = std::exchange(enough, 2 * enough);
    while (enough - few > 1) {
      const std::int64_t middle = few + (enough - few) / 2;
      (shows(middle) ? enough : few) = middle;
    }
    return enough;
  }
};

}  // namespace

KernelComparison compare(const ScaledKernel& scaled, const std::vector<Measurement>& measurements,
                         const VerificationOptions& options) {
  KernelComparison result;
  const MatrixView<const double> kernel = scaled.entries.view();
  fill_deviations(measurements, kernel, result);
  fit_slope(measurements, options, result);
  const std::vector<double> widths(options.widths.begin(), options.widths.end());
  const std::vector<double> coefficients = bias_free_coefficients(widths);
  const auto entries = static_cast<double>(kernel.rows * (kernel.rows + 1));  // of both kernels
  const auto samples = static_cast<double>(options.samples);
  double farthest = -1;
  std::optional<Sensitivity> most_sensitive;
  result.smallest_visible = std::numeric_limits<double>::infinity();
  std::size_t entry = 0;
  for (std::ptrdiff_t i = 0; i < kernel.rows; ++i) {
    for (std::ptrdiff_t j = 0; j <= i; ++j, ++entry) {
      std::vector<double> means;
      std::vector<double> variances;
      for (const Measurement& measurement : measurements) {
        means.push_back(measurement.entries[entry].mean());
        variances.push_back(measurement.entries[entry].variance());
      }
      const CombinedMean mean = combine(coefficients, means, variances, samples);
      // Rounding keeps an entry that has no noise from being infinitely many standard errors off.
      const double size = std::sqrt(std::abs(kernel(i, i) * kernel(j, j)));
      const double floor = rounding * size;
      const double error = std::hypot(mean.standard_error, floor);
      const double distance = std::abs(mean.value - kernel(i, j));
      const double ratio = relative(distance, error);
      const double z = std::isnan(ratio) ? std::numeric_limits<double>::infinity() : ratio;
      const double critical = two_sided_student_quantile(verification_level / entries, mean.degrees);
      // Where the kernel vanishes, any difference shows.
      const double visible = size > 0 ? critical * mean.standard_error / size : 0;
      if (visible < result.smallest_visible) {
        result.smallest_visible = visible;
        most_sensitive = {verification_level / entries, samples, mean, size};
      }
      if (z / critical <= farthest) continue;
      farthest = z / critical;
      result.max_abs_z = z;
      result.critical_z = critical;
      result.row = j;
      result.column = i;
      result.estimate = mean.value * scaled.unit;
      result.expected = kernel(i, j) * scaled.unit;
      result.standard_error = mean.standard_error * scaled.unit;
    }
  }
  if (result.smallest_visible > visible_error && most_sensitive)
    result.samples_to_decide = most_sensitive->samples_to_decide();
  return result;
}

}  // namespace ntkc::verification
