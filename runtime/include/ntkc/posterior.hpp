// How uncertain predictions are.
#pragma once

#include <span>
#include <vector>

#include "ntkc/execution.hpp"
#include "ntkc/matrix.hpp"
#include "ntkc/model.hpp"

#pragma GCC visibility push(default)
namespace ntkc {

// Of matrices: n training samples, m others. The variance is the same for each output. A little less than 0 by rounding is 0.
// Both throw InputError for shapes that do not fit, NumericalError if K + λI has no Cholesky factor, Cancelled.

/// Of a Gaussian process with covariance K and noise of variance λ, without the noise of a new observation:
/// k(x, x) - k(x, X)(K + λI)⁻¹k(X, x) (Rasmussen and Williams 2006, eq. (2.26)). `k`, n × n, is overwritten; `cross` is
/// k(x, X), m × n; `prior` k(x, x).
std::vector<double> posterior_variance(MatrixView<double> k, double ridge, MatrixView<const double> cross,
                                       std::span<const double> prior, const Execution& execution = {});

/// Over wide networks that are drawn at random and trained to the end by gradient flow, or with weight decay that amounts to
/// λ: with A = Θ(x, X)(Θ + λI)⁻¹ the prediction is f(x) + A(Y - f(X)), f a Gaussian process with covariance Σ, whence
/// Σ(x, x) + A Σ Aᵀ - 2 A Σ(X, x) (Lee et al. 2019, eq. (16), at t = ∞). `theta` is overwritten.
std::vector<double> ensemble_variance(MatrixView<double> theta, double ridge,
                                      MatrixView<const double> cross_theta, MatrixView<const double> sigma,
                                      MatrixView<const double> cross_sigma,
                                      std::span<const double> prior_sigma, const Execution& execution = {});

/// Standard deviations of a model's predictions at inputs as they come, in the units of the targets: of the Gaussian process
/// for a model of Σ, of the ensemble of trained networks for one of Θ. The kernel is that of the model, compiled with Σ
/// and, for the latter, Θ. The Gram matrix of the training inputs is computed again: n²/2 entries and n³/3 operations,
/// and m n² for the new inputs. Throws InputError, NumericalError, Cancelled.
std::vector<double> predictive_deviation(const Model& model, const KernelFunctions& kernel,
                                         MatrixView<const double> inputs, const Execution& execution = {});

}  // namespace ntkc
#pragma GCC visibility pop
