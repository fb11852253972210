// Gradient descent and gradient flow of a model that is linear in its parameters, in closed form.
//
// With a constant kernel K (points × points, training points first) and the loss ‖f − Y‖²/(2N), the outputs
// on the training points obey f' = −(η/N) K (f − Y) (Jacot et al. 2018, §5; Lee et al. 2019, eq. 8–9), so
// that
//
//     f_t(X) = Y + g(K) (f_0(X) − Y)                  g(λ) = exp(−η t λ/N)
//     f_t(x) = f_0(x) − K(x, X) h(K) (f_0(X) − Y)     h(λ) = (1 − g(λ))/λ
//
// and after k steps of descent the same with g(λ) = (1 − ηλ/N)^k. h is formed without cancellation, and for λ
// → 0 it is η t/N. For t → ∞ and λ > 0, h = 1/λ, which is kernel regression without ridge.
#pragma once

#include <Eigen/Core>
#include <cstdint>

namespace ntkc::simulator {

enum class Dynamics : std::uint8_t {
  descent,  ///< steps of size η
  flow,     ///< the limit of small steps, at time k η
};

/// The smallest eigenvalue of a symmetric matrix.
double smallest_eigenvalue(const Eigen::MatrixXd& matrix);

class LinearDynamics {
 public:
  /// `kernel` is (train + test) × (train + test) and symmetric, with the training points first. `targets` is
  /// train × columns, and `start`, which is f_0, is (train + test) × columns. `count` is N. With a kernel
  /// that is the same for all outputs and 0 between them there is a column for each output; with a kernel
  /// over pairs of a point and an output there is one column.
  LinearDynamics(const Eigen::MatrixXd& kernel, const Eigen::MatrixXd& targets, Eigen::MatrixXd start,
                 double count);

  [[nodiscard]] double smallest_eigenvalue() const { return eigenvalues_.minCoeff(); }
  [[nodiscard]] double largest_eigenvalue() const { return eigenvalues_.maxCoeff(); }
  /// The bound on the step size below which descent converges, 2N/λ_max.
  [[nodiscard]] double largest_rate() const { return 2 * count_ / largest_eigenvalue(); }
  /// The outputs f on all points after `steps` steps of size `rate`.
  [[nodiscard]] Eigen::MatrixXd outputs(Dynamics dynamics, double rate, double steps) const;
  /// The outputs in the limit t → ∞. Eigenvalues below train · 2⁻⁵² · λ_max are taken as 0: nothing is learnt
  /// along them.
  [[nodiscard]] Eigen::MatrixXd limit() const;

 private:
  template <typename Filter>
  [[nodiscard]] Eigen::MatrixXd filtered(const Filter& filter) const;

  Eigen::Index train_;
  Eigen::VectorXd eigenvalues_;
  Eigen::MatrixXd cross_;      // all points × train, times the eigenvectors
  Eigen::MatrixXd projected_;  // eigenvectorsᵀ (f_0(X) − Y)
  Eigen::MatrixXd start_;
  double count_;
};

}  // namespace ntkc::simulator
