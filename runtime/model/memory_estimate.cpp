#include "ntkc/memory_estimate.hpp"

#include <algorithm>
#include <cstddef>

namespace ntkc {

namespace {

/// Of the program after it has compiled a network: LLVM above all.
constexpr double program_bytes = 80e6;

double entry_bytes(const KernelWork& work) { return work.precision == Precision::f64 ? 8 : 4; }

}  // namespace

KernelWork work_of(const std::vector<std::int64_t>& shape, Precision precision) {
  double features = 1;  // not believed yet: an integer might overflow
  for (std::size_t axis = 1; axis < shape.size(); ++axis) features *= static_cast<double>(shape[axis]);
  constexpr double most = 1e15;
  return {.rows = shape.front(),
          .features = static_cast<std::int64_t>(std::min(features, most)),
          .precision = precision};
}

double gram_memory(const KernelWork& work) {
  const auto rows = static_cast<double>(work.rows);
  const auto columns = static_cast<double>(work.columns == 0 ? work.rows : work.columns);
  const double samples = work.columns == 0 ? rows : rows + columns;
  const double result = rows * columns * static_cast<double>(work.planes) * entry_bytes(work);
  const double inputs = samples * static_cast<double>(work.features) * (8 + entry_bytes(work));
  return program_bytes + result + inputs + work.table_bytes;
}

double fit_memory(const KernelWork& work, std::int64_t outputs, bool chooses_ridge) {
  const auto n = static_cast<double>(work.rows);
  // The matrix in f32 is widened; targets, coefficients and residual are of the size of the targets.
  const double widened = work.precision == Precision::f64 ? 0 : 8 * n * n;
  return gram_memory(work) + std::max(widened, chooses_ridge ? 3 * 8 * n * n : 0) +
         3 * 8 * n * static_cast<double>(outputs);
}

}  // namespace ntkc
