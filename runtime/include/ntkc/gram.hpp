// Gram matrices: a compiled kernel on data.
#pragma once

#include <span>

#include "ntkc/errors.hpp"
#include "ntkc/execution.hpp"
#include "ntkc/kernel_functions.hpp"
#include "ntkc/matrix.hpp"

// Instances of templates do not have the visibility of this pragma: these say it themselves.
#pragma GCC visibility push(default)
namespace ntkc {

/// The planes of `stack`, one of kernel.kernels, in one pass over the pairs. Of each plane K[i, j] =
/// k(x_i, x_j), n × n. Rows of `x` are inputs, flattened (n × input_size). Half of it is computed and
/// mirrored: K is symmetric to the last bit, and the same to the last bit for any number of threads. `T` is
/// double for Precision::f64 and float for Precision::f32. Throws InputError (shape, NaN or infinity in the
/// data: names row and column), NumericalError, Cancelled.
template <typename T>
[[gnu::visibility("default")]] void gram(const KernelFunctions& kernel, const KernelStack& stack,
                                         MatrixView<const double> x, std::span<const MatrixView<T>> planes,
                                         const Execution& execution = {});

/// K[i, j] = k(x_i, y_j), n × m.
template <typename T>
[[gnu::visibility("default")]] void cross_gram(const KernelFunctions& kernel, const KernelStack& stack,
                                               MatrixView<const double> x, MatrixView<const double> y,
                                               std::span<const MatrixView<T>> planes,
                                               const Execution& execution = {});

/// Throws InputError if the kernel was compiled without it.
const KernelStack& require_kernel(const KernelFunctions& kernel, KernelKind kind);

/// Σ or Θ, of one plane.
template <typename T>
void gram(const KernelFunctions& kernel, KernelKind kind, MatrixView<const double> x, MatrixView<T> result,
          const Execution& execution = {}) {
  gram<T>(kernel, require_kernel(kernel, kind), x, std::span<const MatrixView<T>>(&result, 1), execution);
}
template <typename T>
void cross_gram(const KernelFunctions& kernel, KernelKind kind, MatrixView<const double> x,
                MatrixView<const double> y, MatrixView<T> result, const Execution& execution = {}) {
  cross_gram<T>(kernel, require_kernel(kernel, kind), x, y, std::span<const MatrixView<T>>(&result, 1),
                execution);
}

/// What gram() takes beside its result, for the values that the kernel keeps of each sample, in bytes. Those of
/// the largest kernels are made anew for each tile, by as many threads as 1 GiB has room for, one at least.
double sample_table_bytes(const KernelFunctions& kernel, std::int64_t samples,
                          const Execution& execution = {});

/// k(x_i, x_i), n values: bit-equal to the diagonal of gram().
void gram_diagonal(const KernelFunctions& kernel, KernelKind kind, MatrixView<const double> x,
                   double* result);

/// gram() in f64 into a new matrix.
Matrix gram(const KernelFunctions& kernel, KernelKind kind, const Matrix& x, const Execution& execution = {});

}  // namespace ntkc
#pragma GCC visibility pop
