// Gram matrices of kernels of inputs with positions. A pair of these takes from microseconds to seconds: work is
// dealt out row by row, and the callers of compiled code are asked now and then whether to go on.
#pragma once

#include <span>

#include "runtime/gram/gram_options.hpp"

namespace ntkc::runtime {

/// These are gram() and cross_gram() of such kernels, arguments checked, and gram_diagonal().
template <typename T>
void position_gram(const KernelFunctions& kernel, const KernelStack& stack, MatrixView<const double> x,
                   std::span<const MatrixView<T>> planes, const Execution& execution,
                   const GramOptions& options);
template <typename T>
void position_cross_gram(const KernelFunctions& kernel, const KernelStack& stack, MatrixView<const double> x,
                         MatrixView<const double> y, std::span<const MatrixView<T>> planes,
                         const Execution& execution, const GramOptions& options);
template <typename T>
void position_diagonal(const KernelFunctions& kernel, const KernelStack& stack, MatrixView<const double> x,
                       double* result);

}  // namespace ntkc::runtime
