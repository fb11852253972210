// The map of correlations, and what iterating it does.
#include <cmath>

#include "compiler/analysis/maps.hpp"
#include "ntkc/analysis.hpp"

namespace ntkc {

using analysis::Maps;
using analysis::State;
using Eigen::Index;
using Eigen::VectorXd;

std::vector<double> correlation_map(const Recursion& recursion, const FixedPoint& fixed_point,
                                    const std::vector<double>& correlations, std::size_t value) {
  Maps& maps = recursion.maps();
  VectorXd q(maps.size());
  for (Index i = 0; i < maps.size(); ++i) {
    const ValueLimit& limit = fixed_point.values[static_cast<std::size_t>(i)];
    q[i] = limit.q.value_or(0) > 0 ? *limit.q : limit.entry_q;
  }
  std::vector<double> result;
  result.reserve(correlations.size());
  for (const double u : correlations) {
    const VectorXd distance = VectorXd::Constant(maps.size(), 1 - u);
    result.push_back(maps.iterate(State::with_distance(q, distance)).u()[static_cast<Index>(value)]);
  }
  return result;
}

std::vector<double> follow_correlation(const Recursion& recursion, double start, int iterations,
                                       std::size_t value) {
  Maps& maps = recursion.maps();
  State state = maps.enter(1 - start).state;
  std::vector<double> result;
  for (int i = 0; i <= iterations; ++i) {
    const double q = state.q[static_cast<Index>(value)];
    if (!(q > 0 && std::isfinite(q))) break;
    result.push_back(state.distance()[static_cast<Index>(value)]);
    state = maps.iterate(state);
  }
  return result;
}

}  // namespace ntkc
