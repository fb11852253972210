#include "ntkc/model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <type_traits>
#include <utility>

#include "ntkc/errors.hpp"
#include "ntkc/gram.hpp"
#include "ntkc/memory_estimate.hpp"
#include "ntkc/printable.hpp"
#include "runtime/model/fit_progress.hpp"

namespace ntkc {

namespace {

/// Test rows evaluated at a time: enough for the tiles of a few threads, and at n = 10,000 an 80 MB cross
/// Gram matrix at most.
constexpr std::ptrdiff_t block_rows = 1024;

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

/// result = kα for one row k, in an order of its own: the product of a library takes another one for a row
/// alone than for a row among others, and then a prediction depends on what else is predicted.
template <typename T>
void multiply_row(const T* k, const Matrix& alpha, double* result) {
  const std::ptrdiff_t outputs = alpha.columns();
  std::fill_n(result, outputs, 0.0);
  // Training samples j, j + chains, … in sums of their own, so that additions overlap.
  constexpr std::ptrdiff_t chains = 8;
  std::ptrdiff_t j = 0;
  if (outputs == 1) {
    double sums[chains] = {};
    for (; j + chains <= alpha.rows(); j += chains)
      for (std::ptrdiff_t c = 0; c < chains; ++c)
        sums[c] += static_cast<double>(k[j + c]) * alpha.data()[j + c];
    for (const double sum : sums) *result += sum;
  }
  for (; j < alpha.rows(); ++j) {
    const double factor = static_cast<double>(k[j]);
    const double* row = alpha.data() + j * outputs;
    for (std::ptrdiff_t o = 0; o < outputs; ++o) result[o] += factor * row[o];
  }
}

/// Writes k(block, training inputs) α to the rows of `result`.
template <typename T>
void predict_block(const Model& model, const KernelFunctions& kernel, MatrixView<const double> block,
                   BasicMatrix<T>& workspace, double* result, const Execution& execution) {
  const MatrixView<const double> training = model.inputs.matrix();
  const MatrixView<T> cross(workspace.data(), block.rows, training.rows);
  cross_gram<T>(kernel, model.kernel, block, training, cross, execution);
  for (std::ptrdiff_t i = 0; i < cross.rows; ++i)
    multiply_row(&cross(i, 0), model.dual_coefficients, result + i * model.dual_coefficients.columns());
}

/// The rows of a block as the kernel takes them: preprocessed in `buffer`, or as they are.
MatrixView<const double> preprocess_block(const Preprocessing& preprocessing, MatrixView<const double> block,
                                          Matrix& buffer) {
  if (preprocessing.kind == PreprocessingKind::none) return block;
  buffer = Matrix(block.rows, block.columns, Uninitialized{});
  for (std::ptrdiff_t i = 0; i < block.rows; ++i) std::copy_n(&block(i, 0), block.columns, &buffer(i, 0));
  apply_preprocessing(preprocessing, buffer.view());
  return std::as_const(buffer).view();
}

template <typename T>
void predict_rows(const Model& model, const KernelFunctions& kernel, MatrixView<const double> inputs,
                  Matrix& result, const Execution& execution) {
  BasicMatrix<T> workspace(std::min(block_rows, inputs.rows), model.inputs.rows(), Uninitialized{});
  Matrix buffer;
  for (std::ptrdiff_t begin = 0; begin < inputs.rows; begin += block_rows) {
    const std::ptrdiff_t rows = std::min(block_rows, inputs.rows - begin);
    const auto total = static_cast<double>(inputs.rows);
    const Execution block_execution =
        part(execution, static_cast<double>(begin) / total, static_cast<double>(begin + rows) / total);
    const MatrixView<const double> raw(inputs.data + begin * inputs.stride, rows, inputs.columns,
                                       inputs.stride);
    const MatrixView<const double> block = preprocess_block(model.preprocessing, raw, buffer);
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

std::variant<RegressionScore, ClassificationScore> leave_one_out_score(const RegressionProblem& problem,
                                                                       const Matrix& errors) {
  const Matrix& targets = problem.targets;
  Matrix predicted(targets.rows(), targets.columns(), Uninitialized{});
  std::transform(targets.data(), targets.data() + targets.rows() * targets.columns(), errors.data(),
                 predicted.data(), std::minus<>());
  if (problem.encoding.task == Task::regression) return score_regression(targets.view(), predicted.view());
  return score_classes(predicted_classes(targets.view()), predicted_classes(std::as_const(predicted).view()),
                       problem.encoding.outputs.size());
}

/// Sets the ridge of the problem to the best one. The matrix is needed again, to be solved.
RidgePath choose_ridge(RegressionProblem& problem, const Matrix& k, const Execution& execution) {
  Matrix copy = k;
  const RidgeSearch& search = *problem.options.ridge_search;
  // Progress is that of the solve behind it; this one may be cancelled alike.
  const Execution quiet = {.threads = execution.threads,
                           .progress = [&](double) { return !execution.progress || execution.progress(0); }};
  RidgePath path = judge_ridges(copy.view(), std::as_const(problem.targets).view(), search, quiet);
  problem.options.ridge = {path.judgements[path.best].value, search.relative};
  return path;
}

Fit solved(RegressionProblem problem, const KernelFunctions& kernel, Matrix k, double evaluate_seconds,
           const Execution& execution) {
  const auto start = std::chrono::steady_clock::now();
  std::optional<RidgePath> path;
  if (problem.options.ridge_search) path = choose_ridge(problem, k, execution);
  RidgeSolution solution =
      solve_ridge(k.view(), std::as_const(problem.targets).view(), problem.options.ridge, execution);
  auto leave_one_out = leave_one_out_score(problem, solution.leave_one_out);
  return {.model = {.network = kernel.network,
                    .kernel = problem.options.kernel,
                    .precision = kernel.precision,
                    .tolerance = kernel.tolerance,
                    .features = std::move(problem.data.features),
                    .preprocessing = std::move(problem.preprocessing),
                    .targets = std::move(problem.encoding),
                    .ridge = problem.options.ridge,
                    .solve = solution.report,
                    .inputs = std::move(problem.data.inputs),
                    .dual_coefficients = std::move(solution.dual_coefficients)},
          .seconds = {.evaluate = evaluate_seconds, .solve = seconds_since(start)},
          .leave_one_out = std::move(leave_one_out),
          .path = std::move(path)};
}

/// Some rows of the matrix, computed again. What was computed in f32, or with another tolerance, passes.
void require_gram_of(const KernelFunctions& kernel, const RegressionProblem& problem, const Matrix& given,
                     const std::string& name) {
  constexpr std::ptrdiff_t most_rows = 8;
  constexpr double tolerance = 1e-4;
  const MatrixView<const double> inputs = std::as_const(problem.data.inputs).matrix();
  const std::ptrdiff_t n = inputs.rows;
  const std::ptrdiff_t rows = std::min(most_rows, n);
  Matrix some(rows, inputs.columns, Uninitialized{});
  std::vector<std::ptrdiff_t> chosen;
  for (std::ptrdiff_t i = 0; i < rows; ++i) {
    chosen.push_back(rows == 1 ? 0 : i * (n - 1) / (rows - 1));
    std::copy_n(&inputs(chosen.back(), 0), inputs.columns, &some(i, 0));
  }
  Matrix again(rows, n, Uninitialized{});
  if (kernel.precision == Precision::f64) {
    cross_gram<double>(kernel, problem.options.kernel, std::as_const(some).view(), inputs, again.view());
  } else {
    BasicMatrix<float> narrow(rows, n, Uninitialized{});
    cross_gram<float>(kernel, problem.options.kernel, std::as_const(some).view(), inputs, narrow.view());
    std::copy(narrow.data(), narrow.data() + rows * n, again.data());
  }
  for (std::ptrdiff_t i = 0; i < rows; ++i)
    for (std::ptrdiff_t j = 0; j < n; ++j) {
      const double scale = std::sqrt(std::abs(
          given(chosen[static_cast<std::size_t>(i)], chosen[static_cast<std::size_t>(i)]) * given(j, j)));
      for (const double entry :
           {given(chosen[static_cast<std::size_t>(i)], j), given(j, chosen[static_cast<std::size_t>(i)])})
        if (!(std::abs(entry - again(i, j)) <= tolerance * scale))
          throw InputError(fmt::format(
              "{}: is not the Gram matrix of this kernel at these samples: entry ({}, {}) is {:.6g}, "
              "and the kernel there is {:.6g}; compute it by `ntkc gram` with the same network, "
              "--kernel, -D, --preprocess and samples",
              name, chosen[static_cast<std::size_t>(i)], j, entry, again(i, j)));
    }
}

}  // namespace

std::string_view name(KernelKind kind) { return kind == KernelKind::sigma ? "sigma" : "theta"; }
std::string_view name(Precision precision) { return precision == Precision::f64 ? "f64" : "f32"; }

RegressionProblem prepare_regression(Dataset dataset, const FitOptions& options) {
  if (!dataset.targets) throw InputError(fmt::format("{}: no targets to train on", dataset.path));
  RegressionProblem problem;
  problem.options = options;
  TaskChoice choice = choose_task(options.task, *dataset.targets);
  problem.notes = dataset.notes;
  if (!choice.note.empty()) problem.notes.push_back(std::move(choice.note));
  problem.encoding = learn_encoding(choice.task, options.center, *dataset.targets);
  problem.targets = encode(problem.encoding, *dataset.targets);
  dataset.targets.reset();
  try {
    problem.preprocessing =
        learn_preprocessing(options.preprocessing, dataset.inputs.matrix(), dataset.feature_names);
  } catch (const InputError& error) {
    throw InputError(fmt::format("{}: {}", dataset.path, error.what()));
  }
  apply_preprocessing(problem.preprocessing, mutable_view(dataset.inputs));
  problem.data = std::move(dataset);
  return problem;
}

void require_fit_possible(const RegressionProblem& problem, const KernelFunctions& kernel) {
  require_input_shape(problem.data, kernel);
  require_memory(fit_memory(work_of(problem, kernel), problem.targets.columns(),
                            problem.options.ridge_search.has_value()),
                 fmt::format("{}: fitting {} samples", problem.data.path, problem.data.rows()));
}

KernelWork work_of(const RegressionProblem& problem, const KernelFunctions& kernel) {
  return {.rows = problem.data.rows(),
          .features = problem.data.inputs.columns(),
          .precision = kernel.precision,
          .table_bytes = sample_table_bytes(kernel, problem.data.rows())};
}

Fit fit(RegressionProblem problem, const KernelFunctions& kernel, const Execution& execution) {
  require_fit_possible(problem, kernel);
  FitProgress progress(execution, expected_solve_seconds(problem.data.rows(), execution));
  const auto start = std::chrono::steady_clock::now();
  Matrix k = evaluate_gram(kernel, problem.options.kernel, std::as_const(problem.data.inputs).matrix(),
                           progress.evaluating());
  return solved(std::move(problem), kernel, std::move(k), seconds_since(start), progress.solving());
}

Matrix read_gram_matrix(const std::string& path, std::int64_t samples) {
  NumericArray array = read_array(path, [&](const std::vector<std::int64_t>& shape) {
    if (shape != std::vector<std::int64_t>{samples, samples})
      throw InputError(fmt::format("{}: has shape {}, and the Gram matrix of {} has ({}, {})", path,
                                   shape_text(shape), counted(samples, "sample"), samples, samples));
  });
  require_finite(array, path);
  Matrix k(samples, samples, Uninitialized{});
  std::ranges::copy(array.values, k.data());
  return k;
}

Fit fit_precomputed(RegressionProblem problem, const KernelFunctions& kernel, Matrix gram_matrix,
                    const std::string& name, const Execution& execution) {
  require_fit_possible(problem, kernel);
  require_gram_of(kernel, problem, gram_matrix, name);
  FitProgress progress(execution, expected_solve_seconds(problem.data.rows(), execution));
  return solved(std::move(problem), kernel, std::move(gram_matrix), 0, progress.solving());
}

Model fit(const KernelFunctions& kernel, MatrixView<const double> inputs, MatrixView<const double> targets,
          const FitOptions& options, const Execution& execution) {
  FitOptions all = options;
  all.preprocessing.channels = channels_of(kernel.input_shape);
  return fit(prepare_regression(dataset_of(inputs, targets), all), kernel, execution).model;
}

Matrix predict(const Model& model, const KernelFunctions& kernel, MatrixView<const double> inputs,
               const Execution& execution) {
  if (inputs.columns != model.inputs.columns())
    throw InputError(fmt::format("the inputs have {} values each, those that the model was trained on {}",
                                 inputs.columns, model.inputs.columns()));
  Matrix result(inputs.rows, model.dual_coefficients.columns());
  if (kernel.precision == Precision::f64)
    predict_rows<double>(model, kernel, inputs, result, execution);
  else
    predict_rows<float>(model, kernel, inputs, result, execution);
  if (!model.targets.offsets.empty())
    for (std::ptrdiff_t i = 0; i < result.rows(); ++i)
      for (std::ptrdiff_t j = 0; j < result.columns(); ++j)
        result(i, j) += model.targets.offsets[static_cast<std::size_t>(j)];
  require_finite_predictions(result);
  return result;
}

}  // namespace ntkc
