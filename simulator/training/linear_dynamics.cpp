#include "simulator/training/linear_dynamics.hpp"

#include <cmath>
#include <limits>
#include <utility>

namespace ntkc::simulator {

LinearDynamics::LinearDynamics(const Eigen::MatrixXd& kernel, Eigen::MatrixXd targets, Eigen::MatrixXd start,
                               double count)
    : train_(targets.rows()),
      solver_(kernel.topLeftCorner(train_, train_)),
      cross_(kernel.leftCols(train_) * solver_.eigenvectors()),
      projected_(solver_.eigenvectors().transpose() * (start.topRows(train_) - targets)),
      start_(std::move(start)),
      count_(count) {}

template <typename Filter>
Eigen::MatrixXd LinearDynamics::filtered(const Filter& filter) const {
  return start_ - cross_ * solver_.eigenvalues().unaryExpr(filter).asDiagonal() * projected_;
}

Eigen::MatrixXd LinearDynamics::outputs(Dynamics dynamics, double rate, double steps) const {
  const double share = rate / count_;
  return filtered([&](double lambda) {
    const double x = share * lambda;
    if (std::abs(x * steps) < std::numeric_limits<double>::min()) return share * steps;
    // The value of h = (1 − g)/λ, without cancellation: for flow, for descent that approaches its limit from
    // one side (x < 1), and for descent that steps over it.
    if (dynamics == Dynamics::flow) return -std::expm1(-steps * x) / lambda;
    if (x < 1) return -std::expm1(steps * std::log1p(-x)) / lambda;
    return (1 - std::pow(1 - x, std::round(steps))) / lambda;
  });
}

Eigen::MatrixXd LinearDynamics::limit() const {
  const double smallest =
      static_cast<double>(train_) * std::numeric_limits<double>::epsilon() * largest_eigenvalue();
  return filtered([&](double lambda) { return lambda > smallest ? 1 / lambda : 0.0; });
}

}  // namespace ntkc::simulator
