#include "ntkc.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ntkc/compile_model.hpp"
#include "ntkc/compiler.hpp"
#include "ntkc/errors.hpp"
#include "ntkc/gram.hpp"
#include "ntkc/kernel.hpp"
#include "ntkc/model.hpp"
#include "ntkc/output_file.hpp"

struct ntkc_kernel {
  ntkc::Kernel kernel;
};

struct ntkc_model {
  ntkc::Model model;
  ntkc::Kernel kernel;
};

struct ntkc_error {
  ntkc_status status = NTKC_ERROR_INTERNAL;
  std::string message;
  std::vector<ntkc::RenderedDiagnostic> diagnostics;
};

namespace {

using ntkc::MatrixView;

/// What the caller has given is no argument of the function.
struct ArgumentError {
  std::string message;
};

void require(bool condition, const char* message) {
  if (!condition) throw ArgumentError{message};
}

ntkc_status status_of(ntkc::ErrorKind kind) {
  switch (kind) {
    case ntkc::ErrorKind::compile:
      return NTKC_ERROR_COMPILE;
    case ntkc::ErrorKind::input:
      return NTKC_ERROR_INPUT;
    case ntkc::ErrorKind::numerical:
      return NTKC_ERROR_NUMERICAL;
    case ntkc::ErrorKind::cancelled:
      return NTKC_ERROR_CANCELLED;
  }
  return NTKC_ERROR_INTERNAL;
}

/// The exception that is being handled.
ntkc_error current_error() {
  try {
    throw;
  } catch (const ntkc::CompileError& error) {
    return {NTKC_ERROR_COMPILE, error.what(), error.diagnostics()};
  } catch (const ntkc::Error& error) {
    return {status_of(error.kind()), error.what(), {}};
  } catch (const ArgumentError& error) {
    return {NTKC_ERROR_ARGUMENT, error.message, {}};
  } catch (const std::invalid_argument& error) {
    return {NTKC_ERROR_ARGUMENT, error.what(), {}};
  } catch (const std::bad_alloc&) {
    return {NTKC_ERROR_MEMORY, "not enough memory", {}};
  } catch (const std::exception& error) {
    return {NTKC_ERROR_INTERNAL, std::string("internal error: ") + error.what(), {}};
  } catch (...) {
    return {NTKC_ERROR_INTERNAL, "internal error", {}};
  }
}

/// work(), and what it throws as an error.
template <typename Work>
ntkc_status guarded(ntkc_error** error, const Work& work) noexcept {
  try {
    work();
    return NTKC_OK;
  } catch (...) {
    // Where even the message has no memory, the status alone is told.
    try {
      ntkc_error made = current_error();
      const ntkc_status status = made.status;
      if (error != nullptr) *error = new ntkc_error(std::move(made));
      return status;
    } catch (...) {
      return NTKC_ERROR_MEMORY;
    }
  }
}

/// The options as the caller knows them; what it does not know has its default.
template <typename Options>
Options known(const Options* options, const Options& defaults) {
  Options result = defaults;
  if (options == nullptr) return result;
  require(options->size >= sizeof(options->size), "`size` of the options is not set: use the INIT macro");
  std::memcpy(&result, options, std::min(options->size, sizeof(Options)));
  return result;
}

ntkc::KernelKind kind_of(ntkc_kind kind) {
  require(kind == NTKC_SIGMA || kind == NTKC_THETA,
          "the kind of the kernel is neither NTKC_SIGMA nor NTKC_THETA");
  return kind == NTKC_SIGMA ? ntkc::KernelKind::sigma : ntkc::KernelKind::theta;
}

ntkc::CompileOptions options_of(const ntkc_compile_options* given) {
  const ntkc_compile_options options = known<ntkc_compile_options>(given, NTKC_COMPILE_OPTIONS_INIT);
  require(options.precision == NTKC_F64 || options.precision == NTKC_F32,
          "the precision is neither NTKC_F64 nor NTKC_F32");
  require(options.definition_count == 0 || options.definitions != nullptr, "`definitions` is NULL");
  ntkc::CompileOptions result;
  result.precision = options.precision == NTKC_F64 ? ntkc::Precision::f64 : ntkc::Precision::f32;
  result.sigma = options.sigma != 0;
  result.theta = options.theta != 0;
  result.input_size = options.input_size;
  result.tolerance = options.tolerance;
  result.largest_input = options.largest_input;
  for (std::size_t i = 0; i < options.definition_count; ++i) {
    require(options.definitions[i] != nullptr, "a definition is NULL");
    const std::string definition = options.definitions[i];
    const std::size_t equals = definition.find('=');
    if (equals == std::string::npos || equals == 0)
      throw ArgumentError{fmt::format("the definition `{}` is not of the form name=value", definition)};
    result.definitions[definition.substr(0, equals)] = definition.substr(equals + 1);
  }
  return result;
}

ntkc::Execution execution_of(const ntkc_execution* given) {
  const ntkc_execution execution = known<ntkc_execution>(given, NTKC_EXECUTION_INIT);
  ntkc::Execution result;
  result.threads = execution.threads;
  if (execution.progress != nullptr) {
    result.progress = [execution](double fraction) {
      return execution.progress(fraction, execution.state) != 0;
    };
  }
  return result;
}

/// A matrix of the caller's. `name` is what messages call it.
template <typename T>
MatrixView<T> matrix(T* data, std::int64_t rows, std::int64_t columns, std::int64_t stride,
                     const char* name) {
  if (rows < 0) throw ArgumentError{fmt::format("{} has {} rows", name, rows)};
  if (data == nullptr && rows > 0 && columns > 0) throw ArgumentError{fmt::format("{} is NULL", name)};
  if (rows > 1 && stride < columns)
    throw ArgumentError{
        fmt::format("the rows of {} are {} numbers apart and have {}", name, stride, columns)};
  return {data, rows, columns, rows > 1 ? stride : columns};
}

/// Into `result`, whatever the precision of the kernel.
void copy(const ntkc::Matrix& from, MatrixView<double> to) {
  for (std::ptrdiff_t i = 0; i < to.rows; ++i) std::copy_n(&from(i, 0), to.columns, &to(i, 0));
}

}  // namespace

extern "C" {

ntkc_status ntkc_error_status(const ntkc_error* error) { return error == nullptr ? NTKC_OK : error->status; }
const char* ntkc_error_message(const ntkc_error* error) {
  return error == nullptr ? "" : error->message.c_str();
}
size_t ntkc_error_diagnostic_count(const ntkc_error* error) {
  return error == nullptr ? 0 : error->diagnostics.size();
}
int ntkc_error_diagnostic(const ntkc_error* error, size_t index, ntkc_diagnostic* result) {
  if (result == nullptr || index >= ntkc_error_diagnostic_count(error)) return 1;
  const ntkc::RenderedDiagnostic& diagnostic = error->diagnostics[index];
  *result = {diagnostic.kind.c_str(), diagnostic.error ? 1 : 0, diagnostic.place.file.c_str(),
             diagnostic.place.line,   diagnostic.place.column,  diagnostic.message.c_str(),
             diagnostic.help.c_str()};
  return 0;
}
void ntkc_error_free(ntkc_error* error) { delete error; }

const char* ntkc_version(void) {
  static const std::string text = ntkc::version_text();
  return text.c_str();
}

ntkc_kernel* ntkc_compile_text(const char* text, const ntkc_compile_options* options, ntkc_error** error) {
  ntkc_kernel* result = nullptr;
  guarded(error, [&] {
    require(text != nullptr, "the text is NULL");
    result = new ntkc_kernel{ntkc::compile(text, options_of(options))};
  });
  return result;
}

ntkc_kernel* ntkc_compile_file(const char* path, const ntkc_compile_options* options, ntkc_error** error) {
  ntkc_kernel* result = nullptr;
  guarded(error, [&] {
    require(path != nullptr, "the path is NULL");
    result = new ntkc_kernel{ntkc::compile_file(path, options_of(options))};
  });
  return result;
}

void ntkc_kernel_free(ntkc_kernel* kernel) { delete kernel; }

const char* ntkc_kernel_name(const ntkc_kernel* kernel) {
  return kernel == nullptr ? "" : kernel->kernel.name().c_str();
}
int64_t ntkc_kernel_input_size(const ntkc_kernel* kernel) {
  return kernel == nullptr ? 0 : kernel->kernel.input_size();
}
size_t ntkc_kernel_input_shape(const ntkc_kernel* kernel, int64_t* shape, size_t capacity) {
  if (kernel == nullptr) return 0;
  const std::vector<std::int64_t>& all = kernel->kernel.input_shape();
  if (shape != nullptr) std::copy_n(all.begin(), std::min(capacity, all.size()), shape);
  return all.size();
}

ntkc_status ntkc_evaluate(const ntkc_kernel* kernel, ntkc_kind kind, const double* x, const double* y,
                          double* result, ntkc_error** error) {
  return guarded(error, [&] {
    require(kernel != nullptr && x != nullptr && y != nullptr && result != nullptr, "an argument is NULL");
    const auto size = static_cast<std::size_t>(kernel->kernel.input_size());
    *result = kernel->kernel.of(kind_of(kind), {x, size}, {y, size});
  });
}

ntkc_status ntkc_gram(const ntkc_kernel* kernel, ntkc_kind kind, const double* x, int64_t rows,
                      int64_t stride, double* result, int64_t result_stride, const ntkc_execution* execution,
                      ntkc_error** error) {
  return guarded(error, [&] {
    require(kernel != nullptr, "the kernel is NULL");
    const auto inputs = matrix(x, rows, kernel->kernel.input_size(), stride, "x");
    const auto values = matrix(result, rows, rows, result_stride, "the result");
    if (kernel->kernel.precision() == ntkc::Precision::f64)
      ntkc::gram<double>(kernel->kernel, kind_of(kind), inputs, values, execution_of(execution));
    else
      copy(kernel->kernel.gram(kind_of(kind), inputs, execution_of(execution)), values);
  });
}

ntkc_status ntkc_cross_gram(const ntkc_kernel* kernel, ntkc_kind kind, const double* x, int64_t rows,
                            int64_t x_stride, const double* y, int64_t columns, int64_t y_stride,
                            double* result, int64_t result_stride, const ntkc_execution* execution,
                            ntkc_error** error) {
  return guarded(error, [&] {
    require(kernel != nullptr, "the kernel is NULL");
    const auto first = matrix(x, rows, kernel->kernel.input_size(), x_stride, "x");
    const auto second = matrix(y, columns, kernel->kernel.input_size(), y_stride, "y");
    const auto values = matrix(result, rows, columns, result_stride, "the result");
    if (kernel->kernel.precision() == ntkc::Precision::f64)
      ntkc::cross_gram<double>(kernel->kernel, kind_of(kind), first, second, values, execution_of(execution));
    else
      copy(kernel->kernel.gram(kind_of(kind), first, second, execution_of(execution)), values);
  });
}

ntkc_status ntkc_diagonal(const ntkc_kernel* kernel, ntkc_kind kind, const double* x, int64_t rows,
                          int64_t stride, double* result, ntkc_error** error) {
  return guarded(error, [&] {
    require(kernel != nullptr, "the kernel is NULL");
    require(result != nullptr || rows <= 0, "the result is NULL");
    const auto inputs = matrix(x, rows, kernel->kernel.input_size(), stride, "x");
    ntkc::gram_diagonal(kernel->kernel, kind_of(kind), inputs, result);
  });
}

ntkc_model* ntkc_fit(const ntkc_kernel* kernel, const double* x, int64_t rows, int64_t stride,
                     const double* targets, int64_t outputs, int64_t target_stride,
                     const ntkc_fit_options* options, const ntkc_execution* execution, ntkc_error** error) {
  ntkc_model* result = nullptr;
  guarded(error, [&] {
    require(kernel != nullptr, "the kernel is NULL");
    require(outputs >= 1, "there are no outputs");
    const ntkc_fit_options given = known<ntkc_fit_options>(options, NTKC_FIT_OPTIONS_INIT);
    ntkc::FitOptions fit;
    fit.kernel = kind_of(given.kernel);
    fit.ridge = {given.ridge, given.ridge_is_relative != 0};
    fit.center = given.center != 0;
    fit.task = ntkc::Task::regression;
    ntkc::Model model =
        ntkc::fit(kernel->kernel, matrix(x, rows, kernel->kernel.input_size(), stride, "x"),
                  matrix(targets, rows, outputs, target_stride, "the targets"), fit, execution_of(execution));
    result = new ntkc_model{std::move(model), kernel->kernel};
  });
  return result;
}

ntkc_status ntkc_predict(const ntkc_model* model, const double* x, int64_t rows, int64_t stride,
                         double* result, int64_t result_stride, const ntkc_execution* execution,
                         ntkc_error** error) {
  return guarded(error, [&] {
    require(model != nullptr, "the model is NULL");
    const auto inputs = matrix(x, rows, model->kernel.input_size(), stride, "x");
    const auto values =
        matrix(result, rows, model->model.dual_coefficients.columns(), result_stride, "the result");
    copy(ntkc::predict(model->model, model->kernel, inputs, execution_of(execution)), values);
  });
}

int64_t ntkc_model_outputs(const ntkc_model* model) {
  return model == nullptr ? 0 : model->model.dual_coefficients.columns();
}
int64_t ntkc_model_input_size(const ntkc_model* model) {
  return model == nullptr ? 0 : model->kernel.input_size();
}

ntkc_status ntkc_model_save(const ntkc_model* model, const char* path, ntkc_error** error) {
  return guarded(error, [&] {
    require(model != nullptr && path != nullptr, "an argument is NULL");
    ntkc::OutputFile out(path);
    ntkc::write_model(out, model->model);
    out.commit();
  });
}

ntkc_model* ntkc_model_load(const char* path, ntkc_error** error) {
  ntkc_model* result = nullptr;
  guarded(error, [&] {
    require(path != nullptr, "the path is NULL");
    auto model = std::make_unique<ntkc::Model>(ntkc::read_model(path));
    ntkc::Kernel kernel = ntkc::compile_model(*model);
    result = new ntkc_model{std::move(*model), std::move(kernel)};
  });
  return result;
}

void ntkc_model_free(ntkc_model* model) { delete model; }

}  // extern "C"
