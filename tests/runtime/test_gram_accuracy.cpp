// The half complements that kernels are evaluated on, against long double.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "ntkc/gram.hpp"
#include "runtime/gram/half_complement.hpp"
#include "tests/runtime/fake_kernels.hpp"
#include "tests/support/errors.hpp"

using namespace ntkc;
using namespace ntkc::test;

namespace {

/// Pairs of rows: y = factor · x + relative · |x| · (unit noise).
struct Pairs {
  Matrix x;
  Matrix y;
};

Pairs near_pairs(std::ptrdiff_t size, double relative, double factor, unsigned seed) {
  constexpr std::ptrdiff_t rows = 16;
  Pairs pairs{random_matrix(rows, size, seed), Matrix(rows, size)};
  const Matrix noise = random_matrix(rows, size, seed + 1);
  for (std::ptrdiff_t i = 0; i < rows; ++i) {
    for (std::ptrdiff_t k = 0; k < size; ++k)
      pairs.y(i, k) = factor * (pairs.x(i, k) + relative * noise(i, k));
  }
  return pairs;
}

struct Worst {
  double near = 0;  ///< |√m - exact| where pairs are recomputed
  double far = 0;   ///< elsewhere
  int wrong_signs = 0;
};

template <typename T>
void measure(const Pairs& pairs, double threshold, Worst& worst) {
  const KernelFunctions kernel = probe_kernel<T>(pairs.x.columns());
  BasicMatrix<T> m(pairs.x.rows(), pairs.y.rows());
  cross_gram<T>(kernel, KernelKind::sigma, pairs.x.view(), pairs.y.view(), m.view());
  for (std::ptrdiff_t i = 0; i < m.rows(); ++i) {
    for (std::ptrdiff_t j = 0; j < m.columns(); ++j) {
      const PairReference pair = pair_reference(&pairs.x(i, 0), &pairs.y(j, 0), pairs.x.columns());
      const auto exact = pair.root_near;
      const auto error =
          static_cast<double>(std::abs(std::sqrt(std::abs(static_cast<long double>(m(i, j)))) - exact));
      double& bucket = 2 * exact * exact < threshold ? worst.near : worst.far;
      bucket = test::larger_error(bucket, error);
      if (std::abs(pair.u) > 1e-6)
        worst.wrong_signs += static_cast<int>(std::signbit(m(i, j)) != pair.negative);
    }
  }
}

template <typename T>
Worst sweep() {
  Worst worst;
  const double threshold = sizeof(T) == sizeof(double) ? 1.0 / 64 : 1.0 / 16;
  for (const std::ptrdiff_t size : {2, 5, 64, 784, 3072}) {
    for (double relative = 1; relative > 1e-17; relative /= 20) {
      for (const double factor : {1.0, -1.0, 2.5, -1e-30, 1e100}) {
        if (sizeof(T) == sizeof(float) && std::abs(std::log10(std::abs(factor))) > 15) continue;
        const auto seed = static_cast<unsigned>(size);
        measure<T>(near_pairs(size, relative, factor, seed), threshold, worst);
      }
    }
  }
  return worst;
}

}  // namespace

TEST_CASE("near pairs have the square root of m to 4e-16 absolute, in both directions and for all norms") {
  const Worst worst = sweep<double>();
  MESSAGE("f64: error of √m " << worst.near << " near, " << worst.far << " elsewhere");
  CHECK(worst.near < 4e-16);
  CHECK(worst.far < 2e-15);
  CHECK(worst.wrong_signs == 0);
}

TEST_CASE("f32 near pairs have the square root of m to the precision of f32") {
  const Worst worst = sweep<float>();
  MESSAGE("f32: error of √m " << worst.near << " near, " << worst.far << " elsewhere");
  CHECK(worst.near < 2e-8);
  CHECK(worst.far < 6e-7);
  CHECK(worst.wrong_signs == 0);
}

TEST_CASE("exact copies give +0, exact opposites -0, powers of two and extreme norms included") {
  for (const std::ptrdiff_t size : {1, 7, 784}) {
    Matrix x = random_matrix(3, size, 21);
    Matrix y(7, size);
    const double factors[] = {1, -1, 2, -0.25, 0x1p-200, -0x1p300, 0x1p-480};
    for (std::ptrdiff_t j = 0; j < 7; ++j) {
      for (std::ptrdiff_t k = 0; k < size; ++k) y(j, k) = factors[j] * x(1, k);
    }
    Matrix m(3, 7);
    cross_gram<double>(probe_kernel<double>(size), KernelKind::sigma, x.view(), y.view(), m.view());
    for (std::ptrdiff_t j = 0; j < 7; ++j) {
      CHECK(m(1, j) == 0);
      CHECK(std::signbit(m(1, j)) == (factors[j] < 0));
    }
    BasicMatrix<float> single(3, 2);
    cross_gram<float>(probe_kernel<float>(size), KernelKind::sigma, x.view(), {y.data(), 2, size},
                      single.view());
    CHECK(single(1, 0) == 0);
    CHECK_FALSE(std::signbit(single(1, 0)));
    CHECK(single(1, 1) == 0);
    CHECK(std::signbit(single(1, 1)));
  }
}

TEST_CASE("one input feature gives correlations of exactly plus or minus one") {
  // 49 is the smallest integer whose rounded reciprocal, multiplied back, is not 1.
  const double values[] = {3, -0.1, 1e-30, -7e150, 49, 1e-150};
  Matrix x(6, 1);
  std::copy_n(values, 6, x.data());
  const Matrix m = gram(probe_kernel<double>(1), KernelKind::sigma, x);
  for (std::ptrdiff_t i = 0; i < 6; ++i) {
    for (std::ptrdiff_t j = 0; j < 6; ++j) {
      CHECK(m(i, j) == 0);
      CHECK(std::signbit(m(i, j)) == (values[i] * values[j] < 0));
    }
  }
}

TEST_CASE("a rounded multiple of an input stays within 4e-16 of a duplicate") {
  const Matrix x = random_matrix(20, 100, 22);
  Matrix y(20, 100);
  for (std::ptrdiff_t i = 0; i < 20 * 100; ++i) y.data()[i] = 2.5 * x.data()[i];
  Matrix m(20, 20);
  cross_gram<double>(probe_kernel<double>(100), KernelKind::sigma, x.view(), y.view(), m.view());
  double worst = 0;
  for (std::ptrdiff_t i = 0; i < 20; ++i) worst = test::larger_error(worst, std::sqrt(std::abs(m(i, i))));
  MESSAGE("largest √m for y = fl(2.5 x): " << worst);
  CHECK(worst < 4e-16);
}

TEST_CASE("inputs of 1e-30 and of 1e150 have the kernel of their unit vectors, scaled") {
  const Matrix x = random_matrix(30, 50, 23);
  const KernelFunctions kernel = fake_kernel<double>(50);
  const Matrix k = gram(kernel, KernelKind::theta, x);
  for (const double factor : {0x1p-100, 0x1p400, 0x1p-450}) {
    Matrix scaled = x;
    for (std::ptrdiff_t i = 0; i < 30 * 50; ++i) scaled.data()[i] *= factor;
    const Matrix k_scaled = gram(kernel, KernelKind::theta, scaled);
    double worst = 0;
    for (std::ptrdiff_t i = 0; i < 30; ++i) {
      for (std::ptrdiff_t j = 0; j < 30; ++j) {
        worst = test::larger_error(
            worst, std::abs(k_scaled(i, j) / factor / factor - k(i, j)) / std::sqrt(k(i, i) * k(j, j)));
      }
    }
    CHECK(worst < 4e-16);
  }
}

TEST_CASE("the self covariance is the rounded mean square") {
  const Matrix x = random_matrix(100, 300, 24);
  std::vector<double> diagonal(100);
  KernelFunctions kernel = fake_kernel<double>(300);
  kernel.kernels[0].pair = [](const PairArguments* a) {
    for (std::int64_t i = 0; i < a->rows; ++i) {
      std::fill_n(static_cast<double*>(a->result) + i * a->result_stride, a->columns,
                  static_cast<const double*>(a->row_table)[i]);
    }
  };
  gram_diagonal(kernel, KernelKind::sigma, x.view(), diagonal.data());
  for (std::ptrdiff_t i = 0; i < 100; ++i) {
    const long double expected = pair_reference(&x(i, 0), &x(i, 0), 300).scale;
    const double q = diagonal[static_cast<std::size_t>(i)];
    CHECK(std::abs(q - expected) <= 0.6L * (std::nextafter(q, 1e300) - q));
  }
}

TEST_CASE("half complements carry the sign of u, + for zeros, and are clamped where u exceeds one") {
  double tile[64] = {0.0, -0.0, 0.5, -0.5, 1.0 + 1e-15, -1.0 - 1e-15};
  const double unit[16] = {1};
  double others[64 * 16] = {};
  others[4 * 16] = 1;
  others[5 * 16] = -1;
  double norms[64];
  std::fill_n(norms, 64, 1.0);
  runtime::half_complement_tile(tile, 64, 1, 64, {unit, 16, 16, norms}, {others, 16, 16, norms});
  const double expected[] = {0.5, 0.5, 0.25, -0.25, 0.0, -0.0, 0.5};
  for (int j = 0; j < 7; ++j) {
    CHECK(tile[j] == expected[j]);
    CHECK(std::signbit(tile[j]) == std::signbit(expected[j]));
  }
}
