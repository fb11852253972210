#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <vector>

#include "ntkc/eigen.hpp"
#include "ntkc/gram.hpp"
#include "runtime/gram/gram_options.hpp"
#include "tests/runtime/fake_kernels.hpp"
#include "tests/support/errors.hpp"

using namespace ntkc;
using namespace ntkc::test;

namespace {

template <typename T>
bool same_bits(const BasicMatrix<T>& a, const BasicMatrix<T>& b) {
  const auto bytes = static_cast<std::size_t>(a.rows() * a.columns()) * sizeof(T);
  return a.rows() == b.rows() && a.columns() == b.columns() && std::memcmp(a.data(), b.data(), bytes) == 0;
}

template <typename T = double>
BasicMatrix<T> gram_of(const KernelFunctions& kernel, KernelKind kind, const Matrix& x, int threads = 2) {
  BasicMatrix<T> result(x.rows(), x.rows());
  gram<T>(kernel, kind, x.view(), result.view(), {threads, {}});
  return result;
}

template <typename T = double>
BasicMatrix<T> cross_gram_of(const KernelFunctions& kernel, KernelKind kind, const Matrix& x, const Matrix& y,
                             int threads = 2) {
  BasicMatrix<T> result(x.rows(), y.rows());
  cross_gram<T>(kernel, kind, x.view(), y.view(), result.view(), {threads, {}});
  return result;
}

/// The largest |K - reference| / √(q q').
template <typename T>
double largest_error(const BasicMatrix<T>& k, KernelKind kind, const Matrix& x, const Matrix& y) {
  long double worst = 0;
  for (std::ptrdiff_t i = 0; i < x.rows(); ++i) {
    for (std::ptrdiff_t j = 0; j < y.rows(); ++j) {
      const PairReference pair = pair_reference(&x(i, 0), &y(j, 0), x.columns());
      const long double expected = kind == KernelKind::sigma ? pair.scale * pair.u : relu_reference(pair);
      worst = test::larger_error(worst, std::abs(static_cast<long double>(k(i, j)) - expected) / pair.scale);
    }
  }
  return static_cast<double>(worst);
}

/// A few rows of each sort that is treated specially.
Matrix mixed_rows(std::ptrdiff_t rows, std::ptrdiff_t columns, unsigned seed) {
  Matrix x = random_matrix(rows, columns, seed);
  const auto set = [&](std::ptrdiff_t to, std::ptrdiff_t from, double factor, double noise) {
    if (to >= rows || from >= rows) return;
    for (std::ptrdiff_t k = 0; k < columns; ++k)
      x(to, k) = factor * x(from, k) + noise * std::sin(3.0 * k + 1.0);
  };
  set(1, 0, 1, 0);
  set(3, 2, -1, 0);
  set(5, 2, 0, 0);
  set(6, 2, 2.5, 0);
  set(7, 0, -0.3, 1e-9);
  set(8, 4, 1, 1e-5);
  set(70, 4, 1e6, 1e-3);
  set(130, 2, 1, 1e-2);
  set(300, 0, 1, 0);
  return x;
}

}  // namespace

TEST_CASE("gram and cross_gram agree with a long double reference for all shapes of the tiles") {
  double worst = 0;
  for (const std::ptrdiff_t rows : {1, 2, 17, 63, 64, 65, 150}) {
    for (const std::ptrdiff_t columns : {1, 3, 16, 100}) {
      const Matrix x = random_matrix(rows, columns, 1);
      const Matrix y = random_matrix(rows > 60 ? 9 : 131, columns, 2);
      const KernelFunctions kernel = fake_kernel<double>(columns);
      for (const KernelKind kind : {KernelKind::sigma, KernelKind::theta}) {
        worst = test::larger_error(worst, largest_error(gram_of(kernel, kind, x), kind, x, x));
        worst = test::larger_error(worst, largest_error(cross_gram_of(kernel, kind, x, y), kind, x, y));
      }
    }
  }
  MESSAGE("largest error / scale, f64: " << worst);
  CHECK(worst < 3e-15);
}

TEST_CASE("the largest tiles and d = 784 agree with the reference in both precisions") {
  const Matrix x = mixed_rows(1100, 784, 3);
  const KernelKind kind = KernelKind::theta;
  Matrix some(40, 784);  // the reference for all pairs would take a while
  for (std::ptrdiff_t i = 0; i < some.rows(); ++i) {
    std::copy_n(&x(i < 10 ? i : i * 27, 0), 784, &some(i, 0));
  }
  const Matrix k = gram_of(fake_kernel<double>(784), kind, x);
  const BasicMatrix<float> k_single = gram_of<float>(fake_kernel<float>(784), kind, x);
  Matrix picked(40, 40);
  BasicMatrix<float> picked_single(40, 40);
  for (std::ptrdiff_t i = 0; i < 40; ++i) {
    for (std::ptrdiff_t j = 0; j < 40; ++j) {
      const std::ptrdiff_t row = i < 10 ? i : i * 27;
      const std::ptrdiff_t column = j < 10 ? j : j * 27;
      picked(i, j) = k(row, column);
      picked_single(i, j) = k_single(row, column);
    }
  }
  for (std::ptrdiff_t j = 0; j < 40; ++j) {  // the zero row has scale 0; its entries are 0
    CHECK(picked(5, j) == 0);
    CHECK(picked_single(5, j) == 0);
    for (std::ptrdiff_t c = 0; c < 784; ++c) some(5, c) = some(0, c);
    picked(5, j) = picked(0, j);
    picked(j, 5) = picked(j, 0);
    picked_single(5, j) = picked_single(0, j);
    picked_single(j, 5) = picked_single(j, 0);
  }
  const double error = largest_error(picked, kind, some, some);
  const double error_single = largest_error(picked_single, kind, some, some);
  MESSAGE("largest error / scale, n = 1100, d = 784: f64 " << error << ", f32 " << error_single);
  CHECK(error < 3e-15);
  CHECK(error_single < 1e-6);
}

TEST_CASE("a Gram matrix is symmetric to the last bit and the same for any number of threads") {
  for (const std::ptrdiff_t rows : {30, 200, 1100}) {
    const Matrix x = mixed_rows(rows, 37, 4);
    const KernelFunctions kernel = fake_kernel<double>(37);
    const Matrix k = gram_of(kernel, KernelKind::theta, x, 1);
    int differences = 0;
    for (std::ptrdiff_t i = 0; i < rows; ++i) {
      for (std::ptrdiff_t j = 0; j < i; ++j) {
        differences += static_cast<int>(std::memcmp(&k(i, j), &k(j, i), sizeof(double)) != 0);
      }
    }
    CHECK(differences == 0);
    const Matrix cross = cross_gram_of(kernel, KernelKind::theta, x, x, 1);
    const KernelFunctions single = fake_kernel<float>(37);
    const BasicMatrix<float> k_single = gram_of<float>(single, KernelKind::theta, x, 1);
    for (const int threads : {2, 3, 7}) {
      CHECK(same_bits(k, gram_of(kernel, KernelKind::theta, x, threads)));
      CHECK(same_bits(cross, cross_gram_of(kernel, KernelKind::theta, x, x, threads)));
      CHECK(same_bits(k_single, gram_of<float>(single, KernelKind::theta, x, threads)));
    }
  }
}

TEST_CASE("permuting the samples permutes the Gram matrix") {
  for (const std::ptrdiff_t rows : {50, 333, 1100}) {
    const Matrix x = mixed_rows(rows, 45, 5);
    std::vector<std::ptrdiff_t> order(static_cast<std::size_t>(rows));
    std::iota(order.begin(), order.end(), 0);
    std::shuffle(order.begin(), order.end(), std::mt19937_64(6));
    Matrix permuted(rows, 45);
    for (std::ptrdiff_t i = 0; i < rows; ++i) {
      std::copy_n(&x(order[static_cast<std::size_t>(i)], 0), 45, &permuted(i, 0));
    }
    const KernelFunctions kernel = fake_kernel<double>(45);
    const Matrix k = gram_of(kernel, KernelKind::sigma, x);
    const Matrix k_permuted = gram_of(kernel, KernelKind::sigma, permuted);
    double worst = 0;
    for (std::ptrdiff_t i = 0; i < rows; ++i) {
      for (std::ptrdiff_t j = 0; j < rows; ++j) {
        const std::ptrdiff_t a = order[static_cast<std::size_t>(i)];
        const std::ptrdiff_t b = order[static_cast<std::size_t>(j)];
        const double scale = std::sqrt(k(a, a) * k(b, b));
        if (scale != 0) worst = test::larger_error(worst, std::abs(k_permuted(i, j) - k(a, b)) / scale);
      }
    }
    MESSAGE("n = " << rows << ": largest change by a permutation / scale " << worst);
    CHECK(worst <= 1e-15);
  }
}

TEST_CASE("exact duplicates, wherever they are, give exactly the diagonal, which gram_diagonal gives too") {
  const Matrix x = mixed_rows(400, 30, 7);
  for (const KernelKind kind : {KernelKind::sigma, KernelKind::theta}) {
    const KernelFunctions kernel = fake_kernel<double>(30);
    const Matrix k = gram_of(kernel, kind, x);
    CHECK(k(1, 0) == k(0, 0));
    CHECK(k(1, 1) == k(0, 0));
    CHECK(k(300, 0) == k(0, 0));
    CHECK(k(1, 300) == k(0, 0));
    const Matrix cross = cross_gram_of(kernel, kind, x, x);
    CHECK(cross(0, 300) == k(0, 0));
    std::vector<double> diagonal(400);
    gram_diagonal(kernel, kind, x.view(), diagonal.data());
    const KernelFunctions single = fake_kernel<float>(30);
    const BasicMatrix<float> k_single = gram_of<float>(single, kind, x);
    std::vector<double> diagonal_single(400);
    gram_diagonal(single, kind, x.view(), diagonal_single.data());
    for (std::ptrdiff_t i = 0; i < 400; ++i) {
      CHECK(diagonal[static_cast<std::size_t>(i)] == k(i, i));
      CHECK(diagonal_single[static_cast<std::size_t>(i)] == static_cast<double>(k_single(i, i)));
      CHECK(cross(i, i) == k(i, i));
    }
  }
}

TEST_CASE("a zero vector has u = 0 with every input, itself included") {
  Matrix x = random_matrix(70, 5, 8);
  for (const std::ptrdiff_t row : {0, 66}) std::fill_n(&x(row, 0), 5, row == 0 ? 0.0 : -0.0);
  const KernelFunctions probe = probe_kernel<double>(5);
  const Matrix m = gram_of(probe, KernelKind::sigma, x);
  const Matrix cross = cross_gram_of(probe, KernelKind::sigma, x, x);
  std::vector<double> diagonal(70);
  gram_diagonal(probe, KernelKind::sigma, x.view(), diagonal.data());
  for (const std::ptrdiff_t row : {0, 66}) {
    CHECK(diagonal[static_cast<std::size_t>(row)] == 0.5);
    for (std::ptrdiff_t j = 0; j < 70; ++j) {
      for (const double value : {m(row, j), m(j, row), cross(row, j), cross(j, row)}) {
        CHECK(value == 0.5);
        CHECK_FALSE(std::signbit(value));
      }
    }
  }
  CHECK(diagonal[3] == 0);
}

TEST_CASE("the result may be a view into a wider matrix, whose other entries stay") {
  const Matrix x = mixed_rows(77, 12, 9);
  const Matrix y = mixed_rows(140, 12, 10);
  const KernelFunctions kernel = fake_kernel<double>(12);
  Matrix wide(200, 200);
  std::fill_n(wide.data(), 200 * 200, -7.0);
  cross_gram<double>(kernel, KernelKind::theta, x.view(), y.view(), {&wide(3, 5), 77, 140, 200});
  const Matrix expected = cross_gram_of(kernel, KernelKind::theta, x, y);
  int wrong = 0;
  for (std::ptrdiff_t i = 0; i < 200; ++i) {
    for (std::ptrdiff_t j = 0; j < 200; ++j) {
      const bool inside = i >= 3 && i < 80 && j >= 5 && j < 145;
      wrong += static_cast<int>(wide(i, j) != (inside ? expected(i - 3, j - 5) : -7.0));
    }
  }
  CHECK(wrong == 0);
  const MatrixView<double> square(&wide(1, 2), 77, 77, 200);
  gram<double>(kernel, KernelKind::theta, x.view(), square);
  const Matrix k = gram_of(kernel, KernelKind::theta, x);
  for (std::ptrdiff_t i = 0; i < 77; ++i) {
    CHECK(std::equal(&k(i, 0), &k(i, 0) + 77, &square(i, 0)));
    CHECK(square(i, 77) == (i >= 2 ? expected(i - 2, 74) : -7.0));
  }
}

TEST_CASE("the input may be a view into a wider matrix") {
  const Matrix wide = random_matrix(40, 20, 11);
  Matrix narrow(20, 6);
  for (std::ptrdiff_t i = 0; i < 20; ++i) std::copy_n(&wide(2 * i, 4), 6, &narrow(i, 0));
  const KernelFunctions kernel = fake_kernel<double>(6);
  Matrix k(20, 20);
  gram<double>(kernel, KernelKind::theta, {&wide(0, 4), 20, 6, 40}, k.view());
  CHECK(same_bits(k, gram_of(kernel, KernelKind::theta, narrow)));
}

TEST_CASE("tables too large to keep are computed where they are needed, with the same result") {
  const Matrix x = mixed_rows(700, 9, 12);
  const Matrix y = mixed_rows(300, 9, 13);
  const KernelFunctions kernel = fake_kernel<double>(9);
  const runtime::GramOptions no_tables{.maximum_table_bytes = 0};
  Matrix k(700, 700);
  const KernelStack& theta = *kernel.find(KernelKind::theta);
  const std::vector<MatrixView<double>> square = {k.view()};
  runtime::gram<double>(kernel, theta, x.view(), square, {3, {}}, no_tables);
  CHECK(same_bits(k, gram_of(kernel, KernelKind::theta, x)));
  Matrix cross(700, 300);
  const std::vector<MatrixView<double>> rectangle = {cross.view()};
  runtime::cross_gram<double>(kernel, theta, x.view(), y.view(), rectangle, {3, {}}, no_tables);
  CHECK(same_bits(cross, cross_gram_of(kernel, KernelKind::theta, x, y)));
}

TEST_CASE("the planes of a stack are what each would be alone, for tiles that fit and that do not") {
  for (const std::ptrdiff_t rows : {1, 64, 77, 300}) {
    CAPTURE(rows);
    const Matrix x = mixed_rows(rows, 9, 17);
    const Matrix y = mixed_rows(140, 9, 18);
    const KernelFunctions one = fake_kernel<double>(9);
    KernelFunctions kernel = one;
    const KernelStack stack{"both", {"1", "2", "3"}, relu_pair<double, 3>};
    std::vector<Matrix> square(3, Matrix(rows, rows));
    std::vector<Matrix> cross(3, Matrix(rows, 140));
    std::vector<MatrixView<double>> square_views;
    std::vector<MatrixView<double>> cross_views;
    for (Matrix& plane : square) square_views.push_back(plane.view());
    for (Matrix& plane : cross) cross_views.push_back(plane.view());
    gram<double>(kernel, stack, x.view(), square_views);
    cross_gram<double>(kernel, stack, x.view(), y.view(), cross_views);
    const auto times = [](Matrix k, double factor) {
      for (std::ptrdiff_t i = 0; i < k.rows() * k.columns(); ++i) k.data()[i] *= factor;
      return k;
    };
    for (std::size_t p = 0; p < 3; ++p) {
      const double factor = static_cast<double>(p) + 1;
      CHECK(same_bits(square[p], times(gram_of(one, KernelKind::theta, x), factor)));
      CHECK(same_bits(cross[p], times(cross_gram_of(one, KernelKind::theta, x, y), factor)));
    }
  }
}

TEST_CASE("no rows give an empty Gram matrix") {
  const KernelFunctions kernel = fake_kernel<double>(4);
  CHECK(gram(kernel, KernelKind::theta, Matrix(0, 4)).rows() == 0);
  const Matrix x = random_matrix(3, 4, 14);
  CHECK(cross_gram_of(kernel, KernelKind::theta, x, Matrix(0, 4)).columns() == 0);
}

TEST_CASE("inputs of several axes are flattened rows") {
  KernelFunctions kernel = fake_kernel<double>(12);
  const Matrix x = random_matrix(5, 12, 15);
  const Matrix k = gram_of(kernel, KernelKind::sigma, x);
  kernel.input_shape = {2, 2, 3};
  CHECK(same_bits(k, gram_of(kernel, KernelKind::sigma, x)));
}

TEST_CASE("the Eigen front end gives the same numbers and fits a regressor") {
  const KernelFunctions kernel = fake_kernel<double>(8);
  const Matrix x = random_matrix(60, 8, 16);
  const RowMatrix x_eigen = Eigen::Map<const RowMatrix>(x.data(), 60, 8);
  const RowMatrix k = gram(kernel, KernelKind::theta, x_eigen);
  const Matrix expected = gram_of(kernel, KernelKind::theta, x);
  CHECK(std::equal(k.data(), k.data() + k.size(), expected.data()));
  const RowMatrix targets = x_eigen.leftCols(2);
  KernelRegressor regressor(kernel, {.ridge = {1e-10, true}});
  regressor.fit(x_eigen, targets);
  CHECK((regressor.predict(x_eigen) - targets).cwiseAbs().maxCoeff<Eigen::PropagateNaN>() < 1e-6);
  CHECK(regressor.report().rank == 60);
  const KernelRegressor again = KernelRegressor::with_model(kernel, regressor.model());
  CHECK(again.predict(x_eigen) == regressor.predict(x_eigen));
}
