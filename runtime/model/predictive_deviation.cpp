#include <algorithm>
#include <cmath>
#include <utility>

#include "ntkc/kernel.hpp"
#include "ntkc/posterior.hpp"

namespace ntkc {
namespace {

/// A stretch of the progress of `whole`.
Execution stage(const Execution& whole, double begin, double end) {
  Execution result = whole;
  result.checkpoint = nullptr;
  if (whole.progress)
    result.progress = [&whole, begin, end](double fraction) {
      return whole.progress(begin + (end - begin) * fraction);
    };
  return result;
}

}  // namespace

std::vector<double> predictive_deviation(const Model& model, const KernelFunctions& kernel,
                                         MatrixView<const double> inputs, const Execution& execution) {
  if (inputs.columns != model.inputs.columns())
    throw InputError("the inputs have another size than those that the model was trained on");
  const Kernel k = kernel;
  const MatrixView<const double> training = model.inputs.matrix();
  Matrix x(inputs.rows, inputs.columns, Uninitialized{});
  for (std::ptrdiff_t i = 0; i < inputs.rows; ++i) std::copy_n(&inputs(i, 0), inputs.columns, &x(i, 0));
  apply_preprocessing(model.preprocessing, x.view());
  Matrix gram_matrix = k.gram(model.kernel, training, stage(execution, 0, 0.3));
  const Matrix cross = k.gram(model.kernel, x, training, stage(execution, 0.3, 0.4));
  const std::vector<double> prior = k.diagonal(KernelKind::sigma, x);
  std::vector<double> result;
  if (model.kernel == KernelKind::sigma) {
    result =
        posterior_variance(gram_matrix.view(), model.solve.ridge, cross, prior, stage(execution, 0.4, 1));
  } else {
    const Matrix sigma = k.sigma(training, stage(execution, 0.4, 0.6));
    const Matrix cross_sigma = k.sigma(x, training, stage(execution, 0.6, 0.7));
    result = ensemble_variance(gram_matrix.view(), model.solve.ridge, cross, sigma, cross_sigma, prior,
                               stage(execution, 0.7, 1));
  }
  for (double& value : result) value = std::sqrt(value);
  return result;
}

}  // namespace ntkc
