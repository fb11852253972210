/* ntkc for C, and for what calls C: compile a network, evaluate its kernels, fit and predict.
 *
 *     ntkc_error *error = NULL;
 *     ntkc_kernel *k = ntkc_compile_file("network.arch", NULL, &error);
 *     if (k == NULL || ntkc_gram(k, NTKC_THETA, x, n, d, result, n, NULL, &error) != 0) {
 *       fputs(ntkc_error_message(error), stderr);
 *       ntkc_error_free(error);
 *     }
 *     ntkc_kernel_free(k);
 *
 * Functions that may fail return NULL or a value other than 0, and give an error if the caller has a place for one, where
 * there must be none before; it is the caller's to free. Nothing else of what they were to fill is then of use. No exception
 * leaves a function, nothing is printed, and no signal is handled.
 *
 * Matrices are row-major doubles, their rows `stride` doubles apart. Inputs with positions are flattened, channels last.
 *
 * Structs of options begin with their own size: set it by the INIT macro, and a library that knows more fields than the
 * program takes their defaults. All functions may be called from any thread; an object may be read by many threads at a
 * time, and freed by one when no other uses it. */
#ifndef NTKC_H
#define NTKC_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define NTKC_API __attribute__((visibility("default")))
#else
#define NTKC_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ntkc_kernel ntkc_kernel; /* a compiled network */
typedef struct ntkc_model ntkc_model;   /* what was fitted, with its kernel */
typedef struct ntkc_error ntkc_error;

/* --- errors */

typedef enum ntkc_status {
  NTKC_OK = 0,
  NTKC_ERROR_INPUT = 1,     /* data that are wrong: a shape, NaN, a file */
  NTKC_ERROR_COMPILE = 2,   /* the text of a network is wrong: see the diagnostics */
  NTKC_ERROR_NUMERICAL = 3, /* the arithmetic failed: a matrix that is not positive definite */
  NTKC_ERROR_CANCELLED = 4,
  NTKC_ERROR_ARGUMENT = 5, /* a null pointer, an option out of range */
  NTKC_ERROR_MEMORY = 6,
  NTKC_ERROR_INTERNAL = 7 /* a mistake in ntkc */
} ntkc_status;

typedef struct ntkc_diagnostic {
  const char* kind; /* "dependent-branches", as `ntkc explain` takes it */
  int is_error;     /* else a warning */
  const char* file;
  uint32_t line; /* counted from 1; 0: the whole file */
  uint32_t column;
  const char* message;
  const char* help; /* "" if the message says it */
} ntkc_diagnostic;

NTKC_API ntkc_status ntkc_error_status(const ntkc_error* error); /* NTKC_OK for NULL */
NTKC_API const char* ntkc_error_message(const ntkc_error* error);
/* Of NTKC_ERROR_COMPILE, errors and warnings; strings live as long as the error. */
NTKC_API size_t ntkc_error_diagnostic_count(const ntkc_error* error);
NTKC_API int ntkc_error_diagnostic(const ntkc_error* error, size_t index, ntkc_diagnostic* result);
NTKC_API void ntkc_error_free(ntkc_error* error);

/* "ntkc 0.1.0, LLVM 19.1.7, x86-64 with avx512f" */
NTKC_API const char* ntkc_version(void);

/* --- kernels */

typedef enum ntkc_kind { NTKC_SIGMA = 0, NTKC_THETA = 1 } ntkc_kind; /* the NNGP kernel, the tangent kernel */
typedef enum ntkc_precision { NTKC_F64 = 0, NTKC_F32 = 1 } ntkc_precision;

typedef struct ntkc_compile_options {
  size_t size;
  ntkc_precision precision;
  int sigma; /* whether this kernel is compiled */
  int theta;
  const char* const* definitions; /* parameters of the network, "depth=8" */
  size_t definition_count;
  int64_t input_size;   /* of a network that takes `vector(*)` */
  double tolerance;     /* of expansions, 1e-12 */
  double largest_input; /* |x|^2/d that expansions serve, 4; of each position where there are several */
} ntkc_compile_options;
#define NTKC_COMPILE_OPTIONS_INIT {sizeof(ntkc_compile_options), NTKC_F64, 1, 1, NULL, 0, 1, 1e-12, 4}

/* Options may be NULL: the defaults. NULL if it fails. */
NTKC_API ntkc_kernel* ntkc_compile_text(const char* text, const ntkc_compile_options* options,
                                        ntkc_error** error);
NTKC_API ntkc_kernel* ntkc_compile_file(const char* path, const ntkc_compile_options* options,
                                        ntkc_error** error);
NTKC_API void ntkc_kernel_free(ntkc_kernel* kernel);

NTKC_API const char* ntkc_kernel_name(const ntkc_kernel* kernel);
NTKC_API int64_t ntkc_kernel_input_size(const ntkc_kernel* kernel);
/* Positions, then channels; at most `capacity` numbers are written, and as many as there are returned. */
NTKC_API size_t ntkc_kernel_input_shape(const ntkc_kernel* kernel, int64_t* shape, size_t capacity);

typedef struct ntkc_execution {
  size_t size;
  int threads; /* 0: as many as there are CPUs */
  /* Called now and then, by one thread at a time, with the fraction done; 0 cancels. May be NULL. */
  int (*progress)(double fraction, void* state);
  void* state;
} ntkc_execution;
#define NTKC_EXECUTION_INIT {sizeof(ntkc_execution), 0, NULL, NULL}

/* k(x, y) of two inputs of input_size numbers. */
NTKC_API ntkc_status ntkc_evaluate(const ntkc_kernel* kernel, ntkc_kind kind, const double* x,
                                   const double* y, double* result, ntkc_error** error);
/* k(x_i, x_j): rows x rows. */
NTKC_API ntkc_status ntkc_gram(const ntkc_kernel* kernel, ntkc_kind kind, const double* x, int64_t rows,
                               int64_t stride, double* result, int64_t result_stride,
                               const ntkc_execution* execution, ntkc_error** error);
/* k(x_i, y_j): rows x columns. */
NTKC_API ntkc_status ntkc_cross_gram(const ntkc_kernel* kernel, ntkc_kind kind, const double* x, int64_t rows,
                                     int64_t x_stride, const double* y, int64_t columns, int64_t y_stride,
                                     double* result, int64_t result_stride, const ntkc_execution* execution,
                                     ntkc_error** error);
/* k(x_i, x_i): rows numbers. */
NTKC_API ntkc_status ntkc_diagonal(const ntkc_kernel* kernel, ntkc_kind kind, const double* x, int64_t rows,
                                   int64_t stride, double* result, ntkc_error** error);

/* --- regression */

typedef struct ntkc_fit_options {
  size_t size;
  ntkc_kind kernel;
  double ridge;          /* 1e-6 */
  int ridge_is_relative; /* in units of the mean of the diagonal */
  int center;            /* the mean of the targets is subtracted, and predictions get it back */
} ntkc_fit_options;
#define NTKC_FIT_OPTIONS_INIT {sizeof(ntkc_fit_options), NTKC_THETA, 1e-6, 1, 0}

/* Targets: rows x outputs. The model keeps the kernel, which may be freed. */
NTKC_API ntkc_model* ntkc_fit(const ntkc_kernel* kernel, const double* x, int64_t rows, int64_t stride,
                              const double* targets, int64_t outputs, int64_t target_stride,
                              const ntkc_fit_options* options, const ntkc_execution* execution,
                              ntkc_error** error);
/* Predictions: rows x outputs. */
NTKC_API ntkc_status ntkc_predict(const ntkc_model* model, const double* x, int64_t rows, int64_t stride,
                                  double* result, int64_t result_stride, const ntkc_execution* execution,
                                  ntkc_error** error);
NTKC_API int64_t ntkc_model_outputs(const ntkc_model* model);
NTKC_API int64_t ntkc_model_input_size(const ntkc_model* model);
/* The file that `ntkc fit` writes and `ntkc predict` reads. A model that is loaded is compiled again. */
NTKC_API ntkc_status ntkc_model_save(const ntkc_model* model, const char* path, ntkc_error** error);
NTKC_API ntkc_model* ntkc_model_load(const char* path, ntkc_error** error);
NTKC_API void ntkc_model_free(ntkc_model* model);

#ifdef __cplusplus
}
#endif

#endif
