// Block products of packed rows, one implementation for each instruction set.
#pragma once

#include <cstddef>

namespace ntkc::runtime {

/// Rows packed for products: groups of `panel` rows, in a group component by component,
/// packed[(row / panel * size + k) * panel + row % panel].
///
/// multiply: product[i * stride + j] = Σ_k x_i[k] y_j[k] for i < rows, j < columns, k < size, where x_0 is
/// row `row` of `x` and y_0 row `column` of `y`. `row` and `rows` are multiples of 8; `column` and `columns`
/// of `panel`. The sum runs over k in order, in blocks whose sums are added, with one fused multiply-add for
/// each term (baseline: a multiplication and an addition), so that an entry depends neither on its place nor
/// on which of the two vectors is the row.
template <typename T>
struct MicroKernel {
  const char* name;
  std::ptrdiff_t panel;
  void (*multiply)(const T* x, std::ptrdiff_t row, std::ptrdiff_t rows, const T* y, std::ptrdiff_t column,
                   std::ptrdiff_t columns, std::ptrdiff_t size, T* product, std::ptrdiff_t stride);
};

/// One for each instruction set; the files are compiled with its flags and hold nothing the linker could
/// merge.
const MicroKernel<double>& avx512_f64();
const MicroKernel<float>& avx512_f32();
const MicroKernel<double>& avx2_f64();
const MicroKernel<float>& avx2_f32();
const MicroKernel<double>& baseline_f64();
const MicroKernel<float>& baseline_f32();

/// The best one that this processor runs.
template <typename T>
const MicroKernel<T>& micro_kernel();

}  // namespace ntkc::runtime
