#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "ntkc/errors.hpp"
#include "ntkc/preprocessing.hpp"
#include "tests/support/errors.hpp"

namespace ntkc {
namespace {

Matrix matrix(std::ptrdiff_t rows, std::ptrdiff_t columns, const std::vector<double>& values) {
  Matrix m(rows, columns);
  std::copy(values.begin(), values.end(), m.data());
  return m;
}

TEST_CASE("standardize takes mean and deviation from the training inputs only") {
  const Matrix training = matrix(2, 1, {1, 5});
  const Preprocessing preprocessing = learn_preprocessing({PreprocessingKind::standardize}, training.view());
  CHECK(preprocessing.means == std::vector<double>{3});
  CHECK(preprocessing.scales == std::vector<double>{2});
  Matrix test = matrix(2, 1, {3, 11});
  apply_preprocessing(preprocessing, test.view());
  CHECK(test(0, 0) == 0);
  CHECK(test(1, 0) == 4);
}

TEST_CASE("a constant column is centred exactly and left unscaled") {
  // 0.1 + 0.1 + 0.1 is not 0.3: a rounded mean would leave noise.
  const Matrix training = matrix(3, 1, {0.1, 0.1, 0.1});
  const Preprocessing preprocessing = learn_preprocessing({PreprocessingKind::standardize}, training.view());
  CHECK(preprocessing.means == std::vector<double>{0.1});
  CHECK(preprocessing.scales == std::vector<double>{1});
}

TEST_CASE(
    "a column that is constant up to rounding is left unscaled, one that varies by little more is not") {
  std::vector<double> column(40, 1.0);
  for (std::size_t i = 0; i < column.size(); i += 5) column[i] = 0.9999999999999999;
  const auto scale = [&] {
    return learn_preprocessing({PreprocessingKind::standardize}, {column.data(), std::ssize(column), 1})
        .scales[0];
  };
  CHECK(scale() == 1);
  // The same far from 1, and of single precision, which is no rounding of doubles.
  for (double& value : column) value *= 3e150;
  CHECK(scale() == 1);
  for (std::size_t i = 0; i < column.size(); ++i) column[i] = i % 2 == 0 ? 1.0 : 1.0 + 0x1p-23;
  CHECK(scale() == doctest::Approx(0x1p-24));
  // However small the values are: relative to them the spread is what counts.
  for (std::size_t i = 0; i < column.size(); ++i) column[i] = i % 2 == 0 ? 1e-20 : 3e-20;
  CHECK(scale() == doctest::Approx(1e-20));
}

TEST_CASE("unit norm gives each row |x|² = d, also where squares overflow or vanish, and spares zero rows") {
  Matrix x = matrix(4, 2, {3, 4, 0, 0, 3e200, 4e200, 3e-200, 4e-200});
  apply_preprocessing(learn_preprocessing({PreprocessingKind::unit_norm}, x.view()), x.view());
  for (const std::ptrdiff_t i : {0, 2, 3}) {
    CAPTURE(i);
    CHECK(x(i, 0) * x(i, 0) + x(i, 1) * x(i, 1) == doctest::Approx(2).epsilon(1e-15));
    CHECK(x(i, 1) / x(i, 0) == doctest::Approx(4.0 / 3).epsilon(1e-15));
  }
  CHECK(x(1, 0) == 0);
  CHECK(x(1, 1) == 0);
}

TEST_CASE("of inputs with positions each channel is standardized over all of them") {
  // Two positions of two channels. Channel 0: 1 3 5 7, channel 1 is constant.
  const Matrix training = matrix(2, 4, {1, 8, 3, 8, 5, 8, 7, 8});
  const Preprocessing preprocessing =
      learn_preprocessing({.kind = PreprocessingKind::standardize, .channels = 2}, training.view());
  CHECK(preprocessing.means == std::vector<double>{4, 8});
  CHECK(preprocessing.scales == std::vector<double>{std::sqrt(5.0), 1});
  Matrix test = matrix(1, 4, {4, 9, 9, 8});
  apply_preprocessing(preprocessing, test.view());
  CHECK(test(0, 0) == 0);
  CHECK(test(0, 1) == 1);
  CHECK(test(0, 2) == 5 / std::sqrt(5.0));
  CHECK(test(0, 3) == 0);
  const Matrix large = matrix(2, 2, {1, 1e300, 2, -1e300});
  CHECK_THROWS_WITH_AS(
      learn_preprocessing({.kind = PreprocessingKind::standardize, .channels = 2}, large.view()),
      doctest::Contains("channel 1 (counted from 0)"), InputError);
}

/// Rows of independent normal numbers times a matrix that mixes them.
Matrix mixed_rows(std::ptrdiff_t rows, std::ptrdiff_t columns) {
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  Matrix mixing(columns, columns);
  std::generate_n(mixing.data(), columns * columns, [&] { return normal(random); });
  Matrix x(rows, columns);
  for (std::ptrdiff_t i = 0; i < rows; ++i) {
    for (std::ptrdiff_t k = 0; k < columns; ++k) {
      const double value = normal(random);
      for (std::ptrdiff_t j = 0; j < columns; ++j) x(i, j) += value * mixing(k, j);
    }
    for (std::ptrdiff_t j = 0; j < columns; ++j) x(i, j) += 10.0 * static_cast<double>(j);
  }
  return x;
}

/// The covariance of the columns.
Matrix covariance(const Matrix& x) {
  Matrix c(x.columns(), x.columns());
  const auto n = static_cast<double>(x.rows());
  std::vector<double> means(static_cast<std::size_t>(x.columns()), 0.0);
  for (std::ptrdiff_t i = 0; i < x.rows(); ++i)
    for (std::ptrdiff_t j = 0; j < x.columns(); ++j) means[static_cast<std::size_t>(j)] += x(i, j) / n;
  for (std::ptrdiff_t i = 0; i < x.rows(); ++i)
    for (std::ptrdiff_t j = 0; j < x.columns(); ++j)
      for (std::ptrdiff_t k = 0; k < x.columns(); ++k)
        c(j, k) += (x(i, j) - means[static_cast<std::size_t>(j)]) *
                   (x(i, k) - means[static_cast<std::size_t>(k)]) / n;
  return c;
}

TEST_CASE("zca makes the covariance the unit matrix, up to its regularization, by a symmetric map") {
  const Matrix x = mixed_rows(200, 7);
  const Matrix c = covariance(x);
  double trace = 0;
  for (std::ptrdiff_t j = 0; j < 7; ++j) trace += c(j, j);
  for (const double regularization : {1e-12, 0.1, 3.0}) {
    CAPTURE(regularization);
    const Preprocessing preprocessing =
        learn_preprocessing({.kind = PreprocessingKind::zca, .zca_regularization = regularization}, x.view());
    const Matrix& w = preprocessing.whitening;
    // W (C + ε tr(C)/d I) W = I.
    double error = 0;
    for (std::ptrdiff_t i = 0; i < 7; ++i)
      for (std::ptrdiff_t j = 0; j < 7; ++j) {
        CHECK(w(i, j) == w(j, i));
        double sum = 0;
        for (std::ptrdiff_t k = 0; k < 7; ++k)
          for (std::ptrdiff_t l = 0; l < 7; ++l)
            sum += w(i, k) * (c(k, l) + (k == l ? regularization * trace / 7 : 0)) * w(l, j);
        error = test::larger_error(error, std::abs(sum - (i == j ? 1 : 0)));
      }
    // Rounding of d³ products, times the condition number of C, a few thousand for this matrix.
    CHECK(error < 1e-10);
    Matrix whitened = x;
    apply_preprocessing(preprocessing, whitened.view());
    if (regularization < 1e-6) {
      const Matrix unit = covariance(whitened);
      for (std::ptrdiff_t i = 0; i < 7; ++i)
        for (std::ptrdiff_t j = 0; j < 7; ++j) CHECK(std::abs(unit(i, j) - (i == j ? 1 : 0)) < 1e-8);
    }
  }
}

TEST_CASE("what zca makes of a row does not depend on the rows beside it") {
  const Matrix x = mixed_rows(37, 5);
  const Preprocessing preprocessing = learn_preprocessing({.kind = PreprocessingKind::zca}, x.view());
  Matrix all = x;
  apply_preprocessing(preprocessing, all.view());
  for (std::ptrdiff_t i = 0; i < x.rows(); ++i) {
    Matrix one(1, 5);
    std::copy_n(&x(i, 0), 5, one.data());
    apply_preprocessing(preprocessing, one.view());
    for (std::ptrdiff_t j = 0; j < 5; ++j) CHECK(one(0, j) == all(i, j));
  }
}

TEST_CASE("constant inputs cannot be whitened, fewer samples than numbers can") {
  const Matrix constant = matrix(2, 2, {1, 2, 1, 2});
  CHECK_THROWS_WITH_AS(learn_preprocessing({.kind = PreprocessingKind::zca}, constant.view()),
                       doctest::Contains("no finite, positive variance"), InputError);
  const Matrix large = matrix(2, 1, {1e300, -1e300});
  CHECK_THROWS_AS(learn_preprocessing({.kind = PreprocessingKind::zca}, large.view()), InputError);
  Matrix few = mixed_rows(3, 6);
  apply_preprocessing(learn_preprocessing({.kind = PreprocessingKind::zca}, few.view()), few.view());
  for (std::ptrdiff_t i = 0; i < 18; ++i) CHECK(std::isfinite(few.data()[i]));
}

TEST_CASE("no preprocessing changes nothing") {
  Matrix x = matrix(1, 2, {3, 4});
  apply_preprocessing(learn_preprocessing({PreprocessingKind::none}, x.view()), x.view());
  CHECK(x(0, 0) == 3);
  CHECK(x(0, 1) == 4);
}

TEST_CASE("a deviation that overflows is refused") {
  const Matrix training = matrix(2, 1, {1e300, -1e300});
  CHECK_THROWS_AS(learn_preprocessing({PreprocessingKind::standardize}, training.view()), InputError);
}

TEST_CASE("every kind of preprocessing has a name that finds it") {
  for (const auto kind : {PreprocessingKind::none, PreprocessingKind::standardize,
                          PreprocessingKind::unit_norm, PreprocessingKind::zca})
    CHECK(preprocessing_kind(name(kind)) == kind);
  CHECK_FALSE(preprocessing_kind("whiten"));
}

}  // namespace
}  // namespace ntkc
