#include "runtime/gram/multiply_tile.hpp"

#include <cblas.h>

// OpenBLAS's own; weak, because another BLAS does not have it.
extern "C" __attribute__((weak)) void openblas_set_num_threads(int threads);

namespace ntkc::runtime {

namespace {

int blas_size(std::ptrdiff_t size) { return static_cast<int>(size); }

}  // namespace

void use_single_threaded_blas() {
  if (&openblas_set_num_threads != nullptr) openblas_set_num_threads(1);
}

void multiply_tile(const double* x, const double* y, std::ptrdiff_t stride, std::ptrdiff_t rows,
                   std::ptrdiff_t columns, std::ptrdiff_t size, double* product,
                   std::ptrdiff_t product_stride) {
  cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, blas_size(rows), blas_size(columns), blas_size(size),
              1.0, x, blas_size(stride), y, blas_size(stride), 0.0, product, blas_size(product_stride));
}

void multiply_tile(const float* x, const float* y, std::ptrdiff_t stride, std::ptrdiff_t rows,
                   std::ptrdiff_t columns, std::ptrdiff_t size, float* product,
                   std::ptrdiff_t product_stride) {
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, blas_size(rows), blas_size(columns), blas_size(size),
              1.0F, x, blas_size(stride), y, blas_size(stride), 0.0F, product, blas_size(product_stride));
}

}  // namespace ntkc::runtime
