// The product of two blocks of rows: the one place where Gram matrices call a GEMM.
#pragma once

#include <cstddef>

namespace ntkc::runtime {

/// Keeps the BLAS library from starting threads inside ours. Every public entry point that multiplies calls
/// it. It is a setting of the whole process: a program that also uses OpenBLAS itself sets its own number
/// again.
void use_single_threaded_blas();

/// product[i * product_stride + j] = Σ_k x[i * stride + k] y[j * stride + k], i < rows, j < columns, k <
/// size. Repeatable to the last bit for the same arguments and shape; another shape may round differently.
void multiply_tile(const double* x, const double* y, std::ptrdiff_t stride, std::ptrdiff_t rows,
                   std::ptrdiff_t columns, std::ptrdiff_t size, double* product,
                   std::ptrdiff_t product_stride);
void multiply_tile(const float* x, const float* y, std::ptrdiff_t stride, std::ptrdiff_t rows,
                   std::ptrdiff_t columns, std::ptrdiff_t size, float* product,
                   std::ptrdiff_t product_stride);

}  // namespace ntkc::runtime
