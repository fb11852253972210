// Gram matrices of kernels over positions: shapes, bits, limits.
#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <cstring>
#include <thread>

#include "compiler/jit/jit.hpp"
#include "compiler/kernel_ir/interpreter.hpp"
#include "compiler/passes/pipeline.hpp"
#include "ntkc/gram.hpp"
#include "runtime/gram/gram_options.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/spatial_networks.hpp"

using namespace ntkc;
using kernel_ir::Extents;
using kernel_ir::Program;

namespace {

/// Convolutions of 3 × 3 with a ReLU between them, then flatten or pooling over everything.
Program image_network(const Extents& extents, int depth, bool pools, std::int64_t channels = 2) {
  Program p;
  p.name = "image";
  p.input_size = channels;
  p.input_positions = extents;
  kernel_ir::Coupled conv;
  for (const std::int64_t extent : extents) conv.windows.push_back(test::same_window(3, extent));
  test::Value h = {p.input_cross(kernel_ir::Space::full), kernel_ir::no_node};
  h = test::convolution(p, h, conv, 1.5, 0.25);
  for (int i = 0; i < depth; ++i)
    h = test::convolution(p, test::activated(p, h, test::relu), conv, 1.5, 0.25);
  h = pools ? test::mapped(p, h, kernel_ir::Operation::congruent, test::global_pool(extents))
            : test::mapped(p, h, kernel_ir::Operation::coupled, test::flatten(extents));
  p.roots = {{"Sigma", h.sigma}, {"Theta", h.theta}};
  return p;
}

KernelFunctions compiled(const Program& program, const jit::JitOptions& options = {}) {
  KernelFunctions kernel = jit::compile(passes::run(program), options);
  kernel.name = program.name;
  kernel.input_shape = program.input_positions;
  kernel.input_shape.push_back(program.input_size);
  return kernel;
}

Matrix images(std::ptrdiff_t rows, std::ptrdiff_t size, unsigned seed) {
  std::mt19937_64 random(seed);
  Matrix x(rows, size);
  for (std::ptrdiff_t i = 0; i < rows; ++i) {
    const std::vector<double> values = test::random_vector(random, static_cast<int>(size));
    std::copy(values.begin(), values.end(), &x(i, 0));
  }
  return x;
}

template <typename T>
bool same_bits(const BasicMatrix<T>& a, const BasicMatrix<T>& b) {
  const auto bytes = static_cast<std::size_t>(a.rows() * a.columns()) * sizeof(T);
  return a.rows() == b.rows() && a.columns() == b.columns() && std::memcmp(a.data(), b.data(), bytes) == 0;
}

template <typename T>
BasicMatrix<T> gram_of(const KernelFunctions& kernel, KernelKind kind, const Matrix& x, int threads = 1,
                       std::size_t table_bytes = std::size_t{1} << 30) {
  BasicMatrix<T> result(x.rows(), x.rows());
  const MatrixView<T> view = result.view();
  runtime::gram<T>(kernel, require_kernel(kernel, kind), x.view(), std::span(&view, 1), {threads, {}},
                   {table_bytes});
  return result;
}

template <typename T>
void check_shapes(bool pools, double tolerance) {
  const Program program = image_network({3, 4}, 2, pools);
  const KernelFunctions kernel = compiled(program, {.f32 = std::is_same_v<T, float>});
  const Matrix all = images(70, 24, 3);
  const auto expected = [&](const double* x, const double* y, std::size_t root) {
    return static_cast<double>(
        kernel_ir::interpret(program, kernel_ir::input_covariances({x, 24}, {y, 24}, 12))[root][0]);
  };
  double worst = 0;
  for (const std::ptrdiff_t n : {1, 2, 3, 7, 8, 9, 15, 16, 17, 65}) {
    CAPTURE(n);
    Matrix x(n, 24);
    std::copy_n(all.data(), n * 24, x.data());
    const BasicMatrix<T> sigma = gram_of<T>(kernel, KernelKind::sigma, x);
    const BasicMatrix<T> theta = gram_of<T>(kernel, KernelKind::theta, x);
    for (const auto& [i, j] : {std::pair<std::ptrdiff_t, std::ptrdiff_t>{0, 0}, {n - 1, 0}, {n / 2, n - 1}}) {
      const double scale = expected(&x(i, 0), &x(i, 0), 1);
      worst = test::larger_error(
          worst, std::fabs(static_cast<double>(sigma(i, j)) - expected(&x(i, 0), &x(j, 0), 0)) / scale);
      worst = test::larger_error(
          worst, std::fabs(static_cast<double>(theta(i, j)) - expected(&x(i, 0), &x(j, 0), 1)) / scale);
    }
    for (std::ptrdiff_t i = 0; i < n; ++i) {
      for (std::ptrdiff_t j = 0; j < i; ++j) REQUIRE(theta(i, j) == theta(j, i));
    }
    // A row alone, and its diagonal.
    Matrix row(1, 24);
    std::copy_n(&x(n - 1, 0), 24, row.data());
    BasicMatrix<T> alone(1, n);
    cross_gram<T>(kernel, KernelKind::theta, row.view(), x.view(), alone.view());
    for (std::ptrdiff_t j = 0; j < n; ++j) REQUIRE(alone(0, j) == theta(n - 1, j));
    std::vector<double> diagonal(static_cast<std::size_t>(n));
    gram_diagonal(kernel, KernelKind::theta, x.view(), diagonal.data());
    for (std::ptrdiff_t j = 0; j < n; ++j)
      REQUIRE(diagonal[static_cast<std::size_t>(j)] == static_cast<double>(theta(j, j)));
  }
  MESSAGE("worst error " << worst);
  CHECK(worst < tolerance);
}

}  // namespace

TEST_CASE("Gram matrices over positions are right, symmetric, and the same row by row, for all tails") {
  check_shapes<double>(false, 1e-13);
  check_shapes<double>(true, 1e-13);
  check_shapes<float>(false, 2e-6);
  check_shapes<float>(true, 2e-6);
}

TEST_CASE("Gram matrices over positions do not depend on threads, nor on whether tables are kept") {
  const KernelFunctions kernel = compiled(image_network({4, 3}, 3, true));
  const Matrix x = images(100, 24, 5);
  const Matrix one = gram_of<double>(kernel, KernelKind::theta, x);
  CHECK(same_bits(one, gram_of<double>(kernel, KernelKind::theta, x, 3)));
  CHECK(same_bits(one, gram_of<double>(kernel, KernelKind::theta, x, 2, 0)));
}

TEST_CASE("equal inputs with positions have exactly the diagonal") {
  for (const bool pools : {false, true}) {
    for (const bool f32 : {false, true}) {
      const KernelFunctions kernel = compiled(image_network({4, 4}, 3, pools, 1), {.f32 = f32});
      Matrix x = images(20, 16, 7);
      for (const std::ptrdiff_t copy : {3, 11, 19}) std::copy_n(&x(0, 0), 16, &x(copy, 0));
      const auto check = [](const auto& k) {
        for (const std::ptrdiff_t i : {0, 3, 11, 19}) {
          for (const std::ptrdiff_t j : {0, 3, 11, 19}) CHECK(k(i, j) == k(0, 0));
        }
      };
      if (f32)
        check(gram_of<float>(kernel, KernelKind::theta, x));
      else
        check(gram_of<double>(kernel, KernelKind::theta, x));
    }
  }
}

TEST_CASE("what is wrong with inputs with positions is named") {
  const KernelFunctions kernel = compiled(image_network({3, 3}, 1, false));
  Matrix x = images(3, 18, 1);
  x(1, 5) = std::nan("");
  CHECK_THROWS_WITH_AS(gram_of<double>(kernel, KernelKind::theta, x),
                       "x contains NaN at row 1, column 5 (counting from 0); replace it or leave the row out",
                       InputError);
}

TEST_CASE("a pair that takes long is given up when its caller wants to stop") {
  const KernelFunctions kernel = compiled(image_network({12, 12}, 12, true));
  const Matrix x = images(40, 288, 2);
  BasicMatrix<double> k(40, 40);
  int asked = 0;
  const Execution execution{.threads = 2, .progress = [&](double) { return ++asked < 3; }};
  CHECK_THROWS_AS(gram<double>(kernel, KernelKind::theta, x.view(), k.view(), execution), Cancelled);
}
