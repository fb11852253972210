#include "runtime/model/model.hpp"

#include <fmt/format.h>

#include <Eigen/Core>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <type_traits>
#include <utility>

#include "ntkc/errors.hpp"
#include "ntkc/gram.hpp"

namespace ntkc {

namespace {

/// Test rows evaluated at a time: enough for the tiles of a few threads, and at n = 10,000 an 80 MB cross
/// Gram matrix at most.
constexpr std::ptrdiff_t block_rows = 1024;

using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// `execution` for one part of the work, which covers the fractions begin…end of the whole.
Execution part(const Execution& execution, double begin, double end) {
  Execution result = execution;
  if (execution.progress)
    result.progress = [whole = execution.progress, begin, end](double fraction) {
      return whole(begin + (end - begin) * fraction);
    };
  return result;
}

MatrixView<double> mutable_view(NumericArray& array) {
  return {array.values.data(), array.rows(), array.columns()};
}

/// f32 kernels are widened for the solver, which works in f64.
Matrix evaluate_gram(const KernelFunctions& kernel, KernelKind kind, MatrixView<const double> inputs,
                     const Execution& execution) {
  Matrix k(inputs.rows, inputs.rows);
  if (kernel.precision == Precision::f64) {
    gram<double>(kernel, kind, inputs, k.view(), execution);
    return k;
  }
  BasicMatrix<float> narrow(inputs.rows, inputs.rows, Uninitialized{});
  gram<float>(kernel, kind, inputs, narrow.view(), execution);
  std::copy(narrow.data(), narrow.data() + inputs.rows * inputs.rows, k.data());
  return k;
}

/// rows of `result` = k(block, training inputs) α
template <typename T>
void predict_block(const Model& model, const KernelFunctions& kernel, MatrixView<const double> block,
                   BasicMatrix<T>& workspace, double* result, const Execution& execution) {
  const MatrixView<const double> training = model.inputs.matrix();
  const MatrixView<T> cross(workspace.data(), block.rows, training.rows);
  cross_gram<T>(kernel, model.kernel, block, training, cross, execution);
  using TypedRowMajor = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Matrix& alpha = model.dual_coefficients;
  const Eigen::Map<const TypedRowMajor> k(cross.data, cross.rows, cross.columns);
  const Eigen::Map<const RowMajor> coefficients(alpha.data(), alpha.rows(), alpha.columns());
  Eigen::Map<RowMajor> product(result, cross.rows, alpha.columns());
  if constexpr (std::is_same_v<T, double>)
    product.noalias() = k * coefficients;
  else
    product.noalias() = k.template cast<double>() * coefficients;
}

template <typename T>
void predict_rows(const Model& model, const KernelFunctions& kernel, MatrixView<const double> inputs,
                  Matrix& result, const Execution& execution) {
  BasicMatrix<T> workspace(std::min(block_rows, inputs.rows), model.inputs.rows(), Uninitialized{});
  for (std::ptrdiff_t begin = 0; begin < inputs.rows; begin += block_rows) {
    const std::ptrdiff_t rows = std::min(block_rows, inputs.rows - begin);
    const auto total = static_cast<double>(inputs.rows);
    const Execution block_execution =
        part(execution, static_cast<double>(begin) / total, static_cast<double>(begin + rows) / total);
    const MatrixView<const double> block(inputs.data + begin * inputs.stride, rows, inputs.columns,
                                         inputs.stride);
    predict_block(model, kernel, block, workspace, &result(begin, 0), block_execution);
  }
}

void require_finite_predictions(const Matrix& predictions) {
  for (std::ptrdiff_t i = 0; i < predictions.rows(); ++i)
    for (std::ptrdiff_t j = 0; j < predictions.columns(); ++j)
      if (!std::isfinite(predictions(i, j)))
        throw NumericalError(
            fmt::format("the prediction for row {} (counted from 0) is not finite; its values are too large "
                        "for the kernel: "
                        "rescale the inputs, or fit with --preprocess=standardize or unit-norm",
                        i));
}

}  // namespace

std::string_view name(KernelKind kind) { return kind == KernelKind::sigma ? "sigma" : "theta"; }
std::string_view name(Precision precision) { return precision == Precision::f64 ? "f64" : "f32"; }

Training prepare_training(const KernelFunctions& kernel, Dataset dataset, const FitOptions& options) {
  require_input_shape(dataset, kernel);
  if (!dataset.targets) throw InputError(fmt::format("{}: no targets to train on", dataset.path));
  const auto n = static_cast<double>(dataset.rows());
  const double entry_bytes = kernel.precision == Precision::f64 ? 8 : 12;
  require_memory(n * n * entry_bytes,
                 fmt::format("{}: the Gram matrix of {} samples", dataset.path, dataset.rows()));

  Training training;
  Model& model = training.model;
  model.kernel = options.kernel;
  model.precision = kernel.precision;
  model.ridge = options.ridge;
  model.targets =
      learn_encoding(choose_task(options.task, *dataset.targets), options.center, *dataset.targets);
  training.targets = encode(model.targets, *dataset.targets);
  model.feature_names = std::move(dataset.feature_names);
  model.inputs = std::move(dataset.inputs);
  try {
    model.preprocessing = learn_preprocessing(options.preprocessing, model.inputs.matrix());
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: {}", dataset.path, error.what()));
  }
  apply_preprocessing(model.preprocessing, mutable_view(model.inputs));
  return training;
}

FitSeconds train(Training& training, const KernelFunctions& kernel, const Execution& execution) {
  // Evaluating takes O(n² d) time or more and solving O(n³)/3; the share of progress given to each is a
  // guess.
  constexpr double evaluate_share = 0.7;
  Model& model = training.model;
  FitSeconds seconds;
  const auto start = std::chrono::steady_clock::now();
  Matrix k = evaluate_gram(kernel, model.kernel, model.inputs.matrix(), part(execution, 0, evaluate_share));
  seconds.evaluate = seconds_since(start);
  const auto solve_start = std::chrono::steady_clock::now();
  RidgeSolution solution = solve_ridge(k.view(), std::as_const(training.targets).view(), model.ridge,
                                       part(execution, evaluate_share, 1));
  model.dual_coefficients = std::move(solution.dual_coefficients);
  model.solve = solution.report;
  seconds.solve = seconds_since(solve_start);
  return seconds;
}

Matrix predict(const Model& model, const KernelFunctions& kernel, Dataset& dataset,
               const Execution& execution) {
  require_input_shape(dataset, kernel);
  if (dataset.inputs.columns() != model.inputs.columns())
    throw InputError(fmt::format("{}: {} values per sample, the model was trained on {}", dataset.path,
                                 dataset.inputs.columns(), model.inputs.columns()));
  apply_preprocessing(model.preprocessing, mutable_view(dataset.inputs));
  Matrix result(dataset.rows(), model.dual_coefficients.columns());
  if (kernel.precision == Precision::f64)
    predict_rows<double>(model, kernel, dataset.inputs.matrix(), result, execution);
  else
    predict_rows<float>(model, kernel, dataset.inputs.matrix(), result, execution);
  if (!model.targets.offsets.empty())
    for (std::ptrdiff_t i = 0; i < result.rows(); ++i)
      for (std::ptrdiff_t j = 0; j < result.columns(); ++j)
        result(i, j) += model.targets.offsets[static_cast<std::size_t>(j)];
  require_finite_predictions(result);
  return result;
}

}  // namespace ntkc
