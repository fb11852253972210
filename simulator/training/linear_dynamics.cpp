#include "simulator/training/linear_dynamics.hpp"

#include <Eigen/Eigenvalues>
#include <cmath>
#include <limits>
#include <utility>

namespace ntkc::simulator {

double smallest_eigenvalue(const Eigen::MatrixXd& matrix) {
  return Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(matrix, Eigen::EigenvaluesOnly).eigenvalues()(0);
}

LinearDynamics::LinearDynamics(const Eigen::MatrixXd& kernel, const Eigen::MatrixXd& targets,
                               Eigen::MatrixXd start, double count)
    : train_(targets.rows()), start_(std::move(start)), count_(count) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(kernel.topLeftCorner(train_, train_));
  eigenvalues_ = solver.eigenvalues();
  cross_ = kernel.leftCols(train_) * solver.eigenvectors();
  projected_ = solver.eigenvectors().transpose() * (start_.topRows(train_) - targets);
}

template <typename Filter>
Eigen::MatrixXd LinearDynamics::filtered(const Filter& filter) const {
  return start_ - cross_ * eigenvalues_.unaryExpr(filter).asDiagonal() * projected_;
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
