// How much memory the evaluation of a kernel takes, known before any of it is taken.
#pragma once

#include <cstdint>
#include <vector>

#include "ntkc/kernel_functions.hpp"

#pragma GCC visibility push(default)
namespace ntkc {

/// What is evaluated: K of rows × columns, or of rows × rows if `columns` is 0.
struct KernelWork {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::int64_t features = 0;  ///< values per sample
  std::int64_t planes = 1;
  Precision precision = Precision::f64;
  double table_bytes = 0;  ///< sample_table_bytes(); 0 before the network is compiled
};

/// Of samples in an array of this shape.
KernelWork work_of(const std::vector<std::int64_t>& shape, Precision precision);

/// Bytes of the whole process at their peak: the program with its compiler, the inputs as read and as packed, the
/// tables, the result. Measured within 5 % of the peak for 1000 to 8000 samples of 3 to 5000 features.
double gram_memory(const KernelWork& work);

/// The same of a fit with so many outputs. Solving takes place in f64. Choosing a ridge takes a copy of the matrix, and twice as
/// much for its eigenvectors.
double fit_memory(const KernelWork& work, std::int64_t outputs, bool chooses_ridge = false);

}  // namespace ntkc
#pragma GCC visibility pop
