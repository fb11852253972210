// The runtime on Eigen matrices. Header only; needs Eigen 3.4.
#pragma once

#include <Eigen/Core>

#include "ntkc/gram.hpp"
#include "ntkc/regression.hpp"

namespace ntkc {

using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

inline MatrixView<const double> view(const RowMatrix& m) { return {m.data(), m.rows(), m.cols()}; }
inline MatrixView<double> view(RowMatrix& m) { return {m.data(), m.rows(), m.cols()}; }
inline RowMatrix to_eigen(const Matrix& m) {
  return Eigen::Map<const RowMatrix>(m.data(), m.rows(), m.columns());
}

/// Σ or Θ between all rows of x.
inline RowMatrix gram(const KernelFunctions& kernel, KernelKind kind, const RowMatrix& x,
                      const Execution& execution = {}) {
  RowMatrix result(x.rows(), x.rows());
  gram<double>(kernel, kind, view(x), view(result), execution);
  return result;
}

/// Σ or Θ between the rows of x and the rows of y.
inline RowMatrix cross_gram(const KernelFunctions& kernel, KernelKind kind, const RowMatrix& x,
                            const RowMatrix& y, const Execution& execution = {}) {
  RowMatrix result(x.rows(), y.rows());
  cross_gram<double>(kernel, kind, view(x), view(y), view(result), execution);
  return result;
}

/// Kernel ridge regression in one object: fit on (x, y), predict k(x*, x) α.
class KernelRegressor {
 public:
  explicit KernelRegressor(KernelFunctions kernel, KernelKind kind = KernelKind::theta, Ridge ridge = {})
      : kernel_(std::move(kernel)), kind_(kind), ridge_(ridge) {}

  void fit(const RowMatrix& x, const RowMatrix& targets) {
    x_ = x;
    RowMatrix k = gram(kernel_, kind_, x);
    solution_ = solve_ridge(view(k), view(targets), ridge_);
  }
  [[nodiscard]] RowMatrix predict(const RowMatrix& x) const {
    return cross_gram(kernel_, kind_, x, x_) * to_eigen(solution_.dual_coefficients);
  }
  [[nodiscard]] const SolveReport& report() const { return solution_.report; }

 private:
  KernelFunctions kernel_;
  KernelKind kind_;
  Ridge ridge_;
  RowMatrix x_;
  RidgeSolution solution_;
};

}  // namespace ntkc
