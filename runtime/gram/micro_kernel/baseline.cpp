// x86-64 without AVX.
#include "runtime/gram/micro_kernel/block_product.inc"

namespace ntkc::runtime {
namespace {

using Doubles [[gnu::vector_size(16)]] = double;
using Floats [[gnu::vector_size(16)]] = float;
constexpr std::ptrdiff_t block = 128;
constexpr int rows = 4;

}  // namespace

const MicroKernel<double>& baseline_f64() {
  static constexpr MicroKernel<double> kernel = {"baseline", 2 * sizeof(Doubles) / sizeof(double),
                                                 multiply<double, Doubles, rows, block>};
  return kernel;
}

const MicroKernel<float>& baseline_f32() {
  static constexpr MicroKernel<float> kernel = {"baseline", 2 * sizeof(Floats) / sizeof(float),
                                                multiply<float, Floats, rows, block>};
  return kernel;
}

}  // namespace ntkc::runtime
