// AVX-512: 8 rows × 2 vectors, 16 of 32 registers as sums.
#include "runtime/gram/micro_kernel/block_product.inc"

namespace ntkc::runtime {
namespace {

using Doubles [[gnu::vector_size(64)]] = double;
using Floats [[gnu::vector_size(64)]] = float;
constexpr std::ptrdiff_t block = 1024;
constexpr int rows = 8;

}  // namespace

const MicroKernel<double>& avx512_f64() {
  static constexpr MicroKernel<double> kernel = {"avx512", 2 * sizeof(Doubles) / sizeof(double),
                                                 multiply<double, Doubles, rows, block>};
  return kernel;
}

const MicroKernel<float>& avx512_f32() {
  static constexpr MicroKernel<float> kernel = {"avx512", 2 * sizeof(Floats) / sizeof(float),
                                                multiply<float, Floats, rows, block>};
  return kernel;
}

}  // namespace ntkc::runtime
