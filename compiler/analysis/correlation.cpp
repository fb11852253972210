// The map of correlations, and what iterating it does.
#include <cmath>

#include "compiler/analysis/covariance_map.hpp"
#include "ntkc/analysis.hpp"

namespace ntkc {

using analysis::Correlation;
using analysis::CovarianceMap;

std::vector<double> correlation_map(const Recursion& recursion, const FixedPoint& fixed_point,
                                    const std::vector<double>& correlations) {
  CovarianceMap step(recursion.step());
  const double q = fixed_point.q.value_or(0) > 0 ? *fixed_point.q : fixed_point.entry_q;
  const double next_q = step.sigma(q);
  std::vector<double> result;
  result.reserve(correlations.size());
  for (const double u : correlations) result.push_back(step.sigma(q, Correlation::of(u)) / next_q);
  return result;
}

std::vector<double> follow_correlation(const Recursion& recursion, double start, int iterations) {
  CovarianceMap entry(recursion.entry());
  CovarianceMap step(recursion.step());
  double q = entry.sigma(1);
  double distance = (q - entry.sigma(1, Correlation::of(start))) / q;
  std::vector<double> result;
  for (int i = 0; i <= iterations && q > 0 && std::isfinite(q) && std::isfinite(distance); ++i) {
    result.push_back(distance);
    const Correlation u = distance > 1 ? Correlation::of(1 - distance) : Correlation::below_one(distance);
    const double next = step.sigma(q);
    distance = (next - step.sigma(q, u)) / next;
    q = next;
  }
  return result;
}

}  // namespace ntkc
