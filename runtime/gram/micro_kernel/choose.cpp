#include "runtime/gram/micro_kernel/micro_kernel.hpp"

namespace ntkc::runtime {

namespace {

bool has_avx512() { return __builtin_cpu_supports("avx512f") != 0; }
bool has_avx2() { return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0; }

}  // namespace

template <>
const MicroKernel<double>& micro_kernel() {
  static const MicroKernel<double>& chosen = has_avx512() ? avx512_f64()
                                             : has_avx2() ? avx2_f64()
                                                          : baseline_f64();
  return chosen;
}

template <>
const MicroKernel<float>& micro_kernel() {
  static const MicroKernel<float>& chosen = has_avx512() ? avx512_f32()
                                            : has_avx2() ? avx2_f32()
                                                         : baseline_f32();
  return chosen;
}

}  // namespace ntkc::runtime
