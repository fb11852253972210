// Kernel regression from samples to predictions: preprocessing, Gram matrix, solve, and a model that can be
// kept in a file.
//
//     KernelFunctions kernel = compile_file("network.arch");
//     Model model = fit(kernel, x, y);
//     Matrix predictions = predict(model, kernel, x_new);
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ntkc/dataset.hpp"
#include "ntkc/execution.hpp"
#include "ntkc/kernel_functions.hpp"
#include "ntkc/memory_estimate.hpp"
#include "ntkc/output_file.hpp"
#include "ntkc/preprocessing.hpp"
#include "ntkc/regression.hpp"
#include "ntkc/ridge_path.hpp"
#include "ntkc/score.hpp"
#include "ntkc/targets.hpp"

#pragma GCC visibility push(default)
namespace ntkc {

struct FitOptions {
  KernelKind kernel = KernelKind::theta;
  Ridge ridge = {};
  /// In place of `ridge`: it is chosen among these (ntkc/ridge_path.hpp).
  std::optional<RidgeSearch> ridge_search = {};
  PreprocessingOptions preprocessing = {};
  std::optional<Task> task = {};  ///< nothing: as the targets suggest (choose_task)
  bool center = false;  ///< regression: the mean of the targets is subtracted, and predictions get it back
};

/// Everything a prediction needs: f(x) = k(p(x), inputs) · dual_coefficients + offsets, where p is the
/// preprocessing and the offsets are those of the targets. The kernel k is compiled again from the network.
struct Model {
  NetworkSource network;
  KernelKind kernel = KernelKind::theta;
  Precision precision = Precision::f64;
  double tolerance = 1e-12;  ///< of the expansions of the kernel
  FeatureEncoding features;  ///< of a table; no columns if it was trained on arrays
  Preprocessing preprocessing;
  TargetEncoding targets;
  Ridge ridge;
  SolveReport solve;
  NumericArray inputs;       ///< training inputs after preprocessing, in the shape they had
  Matrix dual_coefficients;  ///< n × outputs
};

/// What a model is fitted to, ready for a kernel.
struct RegressionProblem {
  FitOptions options;
  Dataset data;  ///< the inputs preprocessed, the targets taken out
  Preprocessing preprocessing;
  TargetEncoding encoding;
  std::vector<std::string> notes;  ///< what is to be told of how the data were read and taken
  Matrix targets;                  ///< encoded, n × outputs
};

/// Everything that can be found wrong with the data by themselves is found here. Throws InputError.
RegressionProblem prepare_regression(Dataset dataset, const FitOptions& options = {});

/// Throws InputError if the samples do not fit the input of the network, or their Gram matrix the memory of
/// the machine.
void require_fit_possible(const RegressionProblem& problem, const KernelFunctions& kernel);

/// For an estimate of what fitting takes (ntkc/memory_estimate.hpp).
KernelWork work_of(const RegressionProblem& problem, const KernelFunctions& kernel);

struct FitSeconds {
  double evaluate = 0;  ///< inputs in memory to the full mirrored Gram matrix in memory
  double solve = 0;
};
struct Fit {
  Model model;
  FitSeconds seconds;
  /// How well each sample is predicted by a solution for all others, with the same λ, preprocessing and offsets.
  std::variant<RegressionScore, ClassificationScore> leave_one_out;
  std::optional<RidgePath> path = {};  ///< where the ridge was chosen
};

/// Gram matrix and solve. Throws InputError (require_fit_possible), NumericalError, Cancelled.
Fit fit(RegressionProblem problem, const KernelFunctions& kernel, const Execution& execution = {});
/// Reads a Gram matrix of so many samples; asks about its shape before it is read. Throws InputError.
Matrix read_gram_matrix(const std::string& path, std::int64_t samples);
/// The same with a Gram matrix that was computed before. Some rows of it are computed again: throws InputError if it is
/// not that of this kernel at these inputs. `name` is the matrix in messages.
Fit fit_precomputed(RegressionProblem problem, const KernelFunctions& kernel, Matrix gram_matrix,
                    const std::string& name, const Execution& execution = {});
/// The same of numbers: inputs n × input_size, targets n × outputs.
Model fit(const KernelFunctions& kernel, MatrixView<const double> inputs, MatrixView<const double> targets,
          const FitOptions& options = {}, const Execution& execution = {});

/// The model's outputs, rows × outputs, at inputs as they come, before preprocessing. Rows go through in
/// blocks, so that the cross Gram matrix is never held as a whole. The kernel is that of the model, compiled
/// again or kept. Throws InputError, NumericalError, Cancelled.
Matrix predict(const Model& model, const KernelFunctions& kernel, MatrixView<const double> inputs,
               const Execution& execution = {});

/// Writes a model; the format is described in runtime/model/model_file.cpp. The caller commits.
void write_model(OutputFile& out, const Model& model);
/// Reads a model; "-" is standard input. Throws InputError saying whether the file is no model, truncated,
/// damaged or from a later version. No claim of the header is believed before it is compared with the bytes
/// there are.
Model read_model(const std::string& path);

std::string_view name(KernelKind kind);      ///< "sigma", "theta"
std::string_view name(Precision precision);  ///< "f64", "f32"

}  // namespace ntkc
#pragma GCC visibility pop
