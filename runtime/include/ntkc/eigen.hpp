// The runtime on Eigen matrices. Header only; needs Eigen 3.4.
#pragma once

#include <Eigen/Core>
#include <utility>

#include "ntkc/gram.hpp"
#include "ntkc/model.hpp"

#pragma GCC visibility push(default)
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

/// A kernel and what is fitted with it, as one object (ntkc/model.hpp).
class KernelRegressor {
 public:
  explicit KernelRegressor(KernelFunctions kernel, FitOptions options = {})
      : kernel_(std::move(kernel)), options_(std::move(options)) {}
  /// Of a model that was fitted before, such as one read from a file. The kernel is its own, compiled again.
  static KernelRegressor with_model(KernelFunctions kernel, Model model) {
    KernelRegressor regressor(std::move(kernel));
    regressor.model_ = std::move(model);
    return regressor;
  }

  void fit(const RowMatrix& x, const RowMatrix& targets, const Execution& execution = {}) {
    model_ = ntkc::fit(kernel_, view(x), view(targets), options_, execution);
  }
  [[nodiscard]] RowMatrix predict(const RowMatrix& x, const Execution& execution = {}) const {
    return to_eigen(ntkc::predict(model_, kernel_, view(x), execution));
  }
  [[nodiscard]] const SolveReport& report() const { return model_.solve; }
  /// What to write to a file.
  [[nodiscard]] const Model& model() const { return model_; }

 private:
  KernelFunctions kernel_;
  FitOptions options_;
  Model model_;
};

}  // namespace ntkc
#pragma GCC visibility pop
