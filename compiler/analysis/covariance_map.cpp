#include "compiler/analysis/covariance_map.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ntkc::analysis {

CovarianceMap::CovarianceMap(const KernelFunctions& kernel)
    : kernel_(kernel),
      q_(std::numeric_limits<double>::quiet_NaN()),
      table_(static_cast<std::size_t>(std::max<std::int64_t>(kernel.slots, 1) * lane_padding)),
      row_(lane_padding) {}

double CovarianceMap::evaluate(PairFunction pair, double q, Correlation u) {
  if (!(q == q_)) {
    std::fill(row_.begin(), row_.end(), q);
    kernel_.sample(row_.data(), lane_padding, table_.data(), lane_padding);
    q_ = q;
  }
  const double half_complement = u.u < 0 ? -(1 + u.u) / 2 : u.distance / 2;
  std::fill(row_.begin(), row_.end(), u.u <= -1 ? -0.0 : half_complement);
  pair(row_.data(), row_.data(), lane_padding, 1, lane_padding, table_.data(), lane_padding, table_.data(),
       lane_padding);
  return row_[0];
}

}  // namespace ntkc::analysis
