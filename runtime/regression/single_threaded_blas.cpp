#include "runtime/regression/single_threaded_blas.hpp"

// OpenBLAS's own; weak, because another BLAS does not have it.
extern "C" __attribute__((weak)) void openblas_set_num_threads(int threads);

namespace ntkc::runtime {

void use_single_threaded_blas() {
  if (&openblas_set_num_threads != nullptr) openblas_set_num_threads(1);
}

}  // namespace ntkc::runtime
