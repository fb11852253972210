// AVX2 with FMA: 4 rows × 2 vectors, 8 of 16 registers as sums, as many as hide the latency of FMA.
#include "runtime/gram/micro_kernel/block_product.inc"

namespace ntkc::runtime {
namespace {

using Doubles [[gnu::vector_size(32)]] = double;
using Floats [[gnu::vector_size(32)]] = float;
constexpr std::ptrdiff_t block = 128;
constexpr int rows = 4;

}  // namespace

const MicroKernel<double>& avx2_f64() {
  static constexpr MicroKernel<double> kernel = {"avx2", 2 * sizeof(Doubles) / sizeof(double),
                                                 multiply<double, Doubles, rows, block>};
  return kernel;
}

const MicroKernel<float>& avx2_f32() {
  static constexpr MicroKernel<float> kernel = {"avx2", 2 * sizeof(Floats) / sizeof(float),
                                                multiply<float, Floats, rows, block>};
  return kernel;
}

}  // namespace ntkc::runtime
