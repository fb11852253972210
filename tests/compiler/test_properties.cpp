// Properties of Gram matrices of compiled networks on data.
#include <doctest/doctest.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <numeric>
#include <random>

#include "ntkc/compiler.hpp"
#include "ntkc/eigen.hpp"
#include "tests/support/errors.hpp"

using namespace ntkc;

namespace {

const char* const networks[] = {
    "network a\ninput x : vector(6)\noutput x |> dense(W_std = 1.5) |> relu |> dense\n",
    "network b\ninput x : vector(6)\nh = x\nrepeat 5 { h = h |> dense(W_std = 1.2, b_std = 0.3) |> gelu "
    "}\noutput h |> dense\n",
    "network c\ninput x : vector(6)\nh = x |> dense\nrepeat 3 { h = h + (h |> erf |> dense(W_std = 0.5)) "
    "}\noutput h |> abs |> dense\n",
    "network d\ninput x : vector(6)\noutput x |> dense(W_std = 2) |> sin |> dense |> leaky_relu(0.1) |> "
    "dense(b_std = 1)\n",
};

/// Random rows, and among them a duplicate, an opposite, a near one and a zero row.
RowMatrix inputs(int n) {
  std::mt19937_64 random(23);
  std::normal_distribution<double> normal;
  RowMatrix x(n, 6);
  for (double& value : x.reshaped()) value = normal(random);
  x.row(3) = x.row(1);
  x.row(5) = -x.row(1);
  x.row(6) = x.row(1) * (1 + 1e-9);
  x(6, 0) += 1e-9;
  x.row(7).setZero();
  return x;
}

constexpr KernelKind kinds[] = {KernelKind::sigma, KernelKind::theta};

}  // namespace

TEST_CASE("Gram matrices are symmetric to the last bit and positive semidefinite to rounding") {
  const RowMatrix x = inputs(150);
  for (const char* network : networks) {
    const KernelFunctions kernel = compile(network);
    for (const KernelKind kind : kinds) {
      const RowMatrix k = gram(kernel, kind, x);
      CHECK(k == k.transpose());
      const double smallest = Eigen::SelfAdjointEigenSolver<RowMatrix>(k).eigenvalues()(0);
      CHECK(smallest >= -1e-13 * k.trace());
    }
  }
}

TEST_CASE("a permutation of the samples permutes rows and columns") {
  const RowMatrix x = inputs(150);
  std::vector<int> order(150);
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), std::mt19937_64(3));
  const RowMatrix permuted = x(order, Eigen::all);
  for (const char* network : networks) {
    const KernelFunctions kernel = compile(network);
    for (const KernelKind kind : kinds) {
      const RowMatrix k = gram(kernel, kind, x);
      const RowMatrix expected = k(order, order);
      const RowMatrix actual = gram(kernel, kind, permuted);
      CHECK((expected - actual).cwiseAbs().maxCoeff<Eigen::PropagateNaN>() <=
            1e-14 * k.diagonal().maxCoeff());
    }
  }
}

TEST_CASE("results are equal to the last bit for any number of threads") {
  const RowMatrix x = inputs(300);
  for (const char* network : networks) {
    const KernelFunctions kernel = compile(network);
    const RowMatrix one = gram(kernel, KernelKind::theta, x, {.threads = 1, .progress = {}});
    for (const int threads : {2, 3, 8}) {
      CHECK(one == gram(kernel, KernelKind::theta, x, {.threads = threads, .progress = {}}));
    }
  }
}

TEST_CASE("exact duplicates give exactly the diagonal") {
  const RowMatrix x = inputs(20);
  for (const char* network : networks) {
    const KernelFunctions kernel = compile(network);
    for (const KernelKind kind : kinds) {
      const RowMatrix k = gram(kernel, kind, x);
      CHECK(k(3, 1) == k(1, 1));
      CHECK(k(3, 3) == k(1, 1));
      CHECK(std::isfinite(k(7, 1)));
    }
  }
}

TEST_CASE("f32 agrees with f64 to f32's precision") {
  const RowMatrix x = inputs(100);
  for (const char* network : networks) {
    const KernelFunctions f64 = compile(network);
    const KernelFunctions f32 = compile(network, {.precision = Precision::f32});
    for (const KernelKind kind : kinds) {
      const RowMatrix expected = gram(f64, kind, x);
      BasicMatrix<float> actual(100, 100);
      gram<float>(f32, kind, view(x), actual.view());
      double worst = 0;
      for (int i = 0; i < 100; ++i) {
        for (int j = 0; j < 100; ++j) {
          const double scale = std::sqrt(expected(i, i) * expected(j, j));
          if (scale != 0)
            worst = test::larger_error(worst,
                                       std::fabs(expected(i, j) - static_cast<double>(actual(i, j))) / scale);
        }
      }
      CHECK(worst <= 1e-5);
    }
  }
}

TEST_CASE("a network of depth 10,000 is compiled as a loop and evaluated") {
  const std::string deep =
      "network deep(depth = 10000)\ninput x : vector(6)\nh = x\n"
      "repeat depth { h = h |> dense(W_std = sqrt(2)) |> relu }\noutput h |> dense(W_std = sqrt(2))\n";
  const KernelFunctions kernel = compile(deep);
  const RowMatrix x = inputs(20);
  const RowMatrix k = gram(kernel, KernelKind::sigma, x);
  // He initialisation keeps the variance: W² = 2 up to its rounding, 10,000 times.
  for (const int i : {0, 1, 2})
    CHECK(k(i, i) == doctest::Approx(2 * x.row(i).squaredNorm() / 6).epsilon(1e-10));
}

namespace {

/// The planes of a stack, one below the other.
template <typename T>
std::vector<BasicMatrix<T>> stacked(const KernelFunctions& kernel, const KernelStack& stack,
                                    const RowMatrix& x, const RowMatrix* y = nullptr) {
  const auto view = [](const RowMatrix& m) { return MatrixView<const double>(m.data(), m.rows(), m.cols()); };
  std::vector<BasicMatrix<T>> planes;
  std::vector<MatrixView<T>> views;
  for (std::size_t i = 0; i < stack.planes.size(); ++i)
    planes.emplace_back(x.rows(), y == nullptr ? x.rows() : y->rows());
  for (auto& plane : planes) views.push_back(plane.view());
  if (y == nullptr)
    gram<T>(kernel, stack, view(x), views);
  else
    cross_gram<T>(kernel, stack, view(x), view(*y), views);
  return planes;
}

const KernelStack& stack_of(const KernelFunctions& kernel, const std::string& name) {
  REQUIRE(kernel.find(name) != nullptr);
  return *kernel.find(name);
}

}  // namespace

TEST_CASE("all depths in one pass are the kernels compiled for each depth") {
  const RowMatrix x = inputs(150);
  const RowMatrix y = x.topRows(70);
  const std::string text =
      "network deep(depth = 6)\ninput x : vector(6)\nh = x |> dense\n"
      "repeat depth { h = 0.8 * h + (h |> relu |> dense(W_std = 1.2, b_std = 0.1)) }\n"
      "output h |> gelu |> dense(W_std = sqrt(2))\n";
  CompileOptions options;
  options.all_depths = true;
  const KernelFunctions all = compile(text, options);
  options.precision = Precision::f32;
  const KernelFunctions all_f32 = compile(text, options);
  for (const KernelKind kind : kinds) {
    const char* name = kind == KernelKind::sigma ? "Sigma" : "Theta";
    const auto square = stacked<double>(all, stack_of(all, name), x);
    const auto cross = stacked<double>(all, stack_of(all, name), x, &y);
    const auto single = stacked<float>(all_f32, stack_of(all_f32, name), x);
    REQUIRE(square.size() == 6);
    for (int depth = 1; depth <= 6; ++depth) {
      const KernelFunctions one = compile(text, {.definitions = {{"depth", std::to_string(depth)}}});
      const RowMatrix expected = gram(one, kind, x);
      const auto plane = static_cast<std::size_t>(depth - 1);
      double worst = 0;
      bool symmetric = true;
      for (int i = 0; i < 150; ++i) {
        for (int j = 0; j < 150; ++j) {
          const double scale = std::sqrt(expected(i, i) * expected(j, j));
          worst = test::larger_error(worst, std::fabs(square[plane](i, j) - expected(i, j)) / scale);
          worst = test::larger_error(
              worst, 1e-8 * std::fabs(static_cast<double>(single[plane](i, j)) - expected(i, j)) / scale);
          if (j < 70)
            worst = test::larger_error(worst, std::fabs(cross[plane](i, j) - square[plane](i, j)) / scale);
          symmetric = symmetric && square[plane](i, j) == square[plane](j, i);
        }
      }
      CHECK(worst <= 1e-13);
      CHECK(symmetric);
    }
  }
}

TEST_CASE("what the layers contribute to Theta is named after them and sums to it") {
  const RowMatrix x = inputs(40);
  const std::string text =
      "network n\ninput x : vector(6)\nfirst = x |> dense(W_std = 1.5)\nh = first\n"
      "repeat 3 { h = h |> sin |> dense(lr = 0.5) }\noutput h |> erf |> dense(frozen = true) |> abs |> "
      "dense\n";
  CompileOptions options;
  options.per_layer = true;
  const KernelFunctions kernel = compile(text, options);
  const KernelStack& stack = stack_of(kernel, "Theta_by_layer");
  CHECK(stack.planes == std::vector<std::string>{"first", "h", "dense"});
  const auto planes = stacked<double>(kernel, stack, x);
  const RowMatrix theta = gram(kernel, KernelKind::theta, x);
  for (int i = 0; i < 40; ++i) {
    for (int j = 0; j < 40; ++j) {
      const double sum = planes[0](i, j) + planes[1](i, j) + planes[2](i, j);
      CHECK(std::fabs(sum - theta(i, j)) <= 1e-14 * std::sqrt(theta(i, i) * theta(j, j)));
    }
  }
}

TEST_CASE("a network without a repeat has no depths, and a stack is written to as many matrices as it has") {
  CompileOptions options;
  options.all_depths = true;
  CHECK_THROWS_WITH_AS(compile(networks[0], options), doctest::Contains("[no-repeat]"), CompileError);
  const KernelFunctions kernel = compile(networks[1], options);
  const RowMatrix x = inputs(10);
  KernelStack less = stack_of(kernel, "Theta");
  less.planes.pop_back();
  std::vector<MatrixView<double>> none;
  CHECK_THROWS_AS(gram<double>(kernel, less, MatrixView<const double>(x.data(), 10, 6), none), InputError);
  options.per_layer = true;
  CHECK_THROWS_AS(compile(networks[1], options), std::invalid_argument);
}
