// A fitted model: how it is trained, and how it predicts.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "ntkc/execution.hpp"
#include "ntkc/kernel_functions.hpp"
#include "ntkc/regression.hpp"
#include "runtime/model/dataset.hpp"
#include "runtime/model/preprocessing.hpp"
#include "runtime/model/targets.hpp"

namespace ntkc {

/// The network as its author wrote it. `predict` compiles it again.
struct NetworkSource {
  std::string file;  ///< as it was named on the command line, for messages
  std::string text;
  std::map<std::string, std::string> definitions;  ///< -D
};

/// Everything a prediction needs: f(x) = k(x, inputs) dual_coefficients + offsets.
struct Model {
  NetworkSource network;
  KernelKind kernel = KernelKind::theta;
  Precision precision = Precision::f64;
  double tolerance = 1e-12;                ///< of the expansions of the kernel
  std::vector<std::string> feature_names;  ///< of a table; empty if it was trained on arrays
  Preprocessing preprocessing;
  TargetEncoding targets;
  Ridge ridge;
  SolveReport solve;
  NumericArray inputs;       ///< training inputs after preprocessing, in the shape they had
  Matrix dual_coefficients;  ///< n × outputs
};

struct FitOptions {
  KernelKind kernel = KernelKind::theta;
  Ridge ridge;
  PreprocessingKind preprocessing = PreprocessingKind::none;
  std::optional<Task> task;  ///< nothing: by the targets
  bool center = false;
};

/// A model without its coefficients yet, and the targets to train it on.
struct Training {
  Model model;
  Matrix targets;  ///< encoded, n × outputs
};

struct FitSeconds {
  double evaluate = 0;  ///< inputs in memory to the full mirrored Gram matrix in memory
  double solve = 0;
};

/// Everything that can be found wrong with the data is found here, before the long computation.
Training prepare_training(const KernelFunctions& kernel, Dataset dataset, const FitOptions& options);

/// Gram matrix and solve: fills in the coefficients. Throws NumericalError, Cancelled.
FitSeconds train(Training& training, const KernelFunctions& kernel, const Execution& execution);

/// The model's outputs, rows × outputs. `inputs` are raw, as read; they are preprocessed in place. Test rows
/// go through in blocks, so that the cross Gram matrix is never held as a whole.
Matrix predict(const Model& model, const KernelFunctions& kernel, Dataset& dataset,
               const Execution& execution);

std::string_view name(KernelKind kind);      ///< "sigma", "theta"
std::string_view name(Precision precision);  ///< "f64", "f32"

}  // namespace ntkc
