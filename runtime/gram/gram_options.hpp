// Gram matrices with their internal limits as parameters, for tests.
#pragma once

#include <cstddef>

#include "ntkc/gram.hpp"
#include "runtime/gram/sample_tables.hpp"

namespace ntkc::runtime {

struct GramOptions {
  std::size_t maximum_table_bytes = runtime::maximum_table_bytes;
};

template <typename T>
void gram(const KernelFunctions& kernel, const KernelStack& stack, MatrixView<const double> x,
          std::span<const MatrixView<T>> planes, const Execution& execution, const GramOptions& options);

template <typename T>
void cross_gram(const KernelFunctions& kernel, const KernelStack& stack, MatrixView<const double> x,
                MatrixView<const double> y, std::span<const MatrixView<T>> planes, const Execution& execution,
                const GramOptions& options);

}  // namespace ntkc::runtime
