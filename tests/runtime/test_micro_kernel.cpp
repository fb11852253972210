// Every micro-kernel that this processor runs, against sums in long double.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "runtime/gram/micro_kernel/micro_kernel.hpp"

using namespace ntkc::runtime;

namespace {

/// 64 rows with 64 columns, the second half of them by an offset within a panel.
template <typename T>
void check(const MicroKernel<T>& kernel, std::ptrdiff_t size) {
  CAPTURE(kernel.name);
  CAPTURE(size);
  constexpr std::ptrdiff_t n = 64;
  std::mt19937_64 random(static_cast<std::uint64_t>(size));
  std::uniform_real_distribution<double> uniform(-1, 1);
  std::vector<T> rows(static_cast<std::size_t>(n * size));
  std::vector<T> packed(rows.size());
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    for (std::ptrdiff_t k = 0; k < size; ++k) {
      const T value = static_cast<T>(uniform(random));
      rows[static_cast<std::size_t>(i * size + k)] = value;
      const std::ptrdiff_t place = (i / kernel.panel * size + k) * kernel.panel + i % kernel.panel;
      packed[static_cast<std::size_t>(place)] = value;
    }
  }
  constexpr std::ptrdiff_t stride = n + 16;
  std::vector<T> product(static_cast<std::size_t>(n * stride));
  kernel.multiply(packed.data(), 0, 8, packed.data(), 0, n, size, product.data(), stride);
  kernel.multiply(packed.data(), 8, n - 8, packed.data(), 0, n, size, product.data() + 8 * stride, stride);
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    for (std::ptrdiff_t j = 0; j < n; ++j) {
      long double expected = 0;
      long double magnitude = 0;
      for (std::ptrdiff_t k = 0; k < size; ++k) {
        const long double term = static_cast<long double>(rows[static_cast<std::size_t>(i * size + k)]) *
                                 rows[static_cast<std::size_t>(j * size + k)];
        expected += term;
        magnitude += std::fabs(term);
      }
      const T value = product[static_cast<std::size_t>(i * stride + j)];
      // Higham 2002, eq. 3.5: |error| <= n u Σ|x_k y_k| to first order, u = ε/2.
      REQUIRE(std::fabs(value - expected) <=
              static_cast<long double>(size) * std::numeric_limits<T>::epsilon() * magnitude);
      REQUIRE(value == product[static_cast<std::size_t>(j * stride + i)]);
    }
  }
}

template <typename T>
void check_sizes(const MicroKernel<T>& kernel) {
  for (const std::ptrdiff_t size : {1, 2, 7, 127, 128, 129, 300, 1025, 2100}) check(kernel, size);
}

}  // namespace

TEST_CASE("every micro-kernel computes products, the same with row and column exchanged") {
  check_sizes(baseline_f64());
  check_sizes(baseline_f32());
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    check_sizes(avx2_f64());
    check_sizes(avx2_f32());
  } else {
    MESSAGE("skipped: this processor has no AVX2");
  }
  if (__builtin_cpu_supports("avx512f")) {
    check_sizes(avx512_f64());
    check_sizes(avx512_f32());
  } else {
    MESSAGE("skipped: this processor has no AVX-512");
  }
}
