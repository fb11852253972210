#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "ntkc/errors.hpp"
#include "ntkc/preprocessing.hpp"

namespace ntkc {
namespace {

Matrix matrix(std::ptrdiff_t rows, std::ptrdiff_t columns, const std::vector<double>& values) {
  Matrix m(rows, columns);
  std::copy(values.begin(), values.end(), m.data());
  return m;
}

TEST_CASE("standardize takes mean and deviation from the training inputs only") {
  const Matrix training = matrix(2, 1, {1, 5});
  const Preprocessing preprocessing = learn_preprocessing(PreprocessingKind::standardize, training.view());
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
  const Preprocessing preprocessing = learn_preprocessing(PreprocessingKind::standardize, training.view());
  CHECK(preprocessing.means == std::vector<double>{0.1});
  CHECK(preprocessing.scales == std::vector<double>{1});
}

TEST_CASE(
    "a column that is constant up to rounding is left unscaled, one that varies by little more is not") {
  std::vector<double> column(40, 1.0);
  for (std::size_t i = 0; i < column.size(); i += 5) column[i] = 0.9999999999999999;
  const auto scale = [&] {
    return learn_preprocessing(PreprocessingKind::standardize, {column.data(), std::ssize(column), 1})
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
  apply_preprocessing(learn_preprocessing(PreprocessingKind::unit_norm, x.view()), x.view());
  for (const std::ptrdiff_t i : {0, 2, 3}) {
    CAPTURE(i);
    CHECK(x(i, 0) * x(i, 0) + x(i, 1) * x(i, 1) == doctest::Approx(2).epsilon(1e-15));
    CHECK(x(i, 1) / x(i, 0) == doctest::Approx(4.0 / 3).epsilon(1e-15));
  }
  CHECK(x(1, 0) == 0);
  CHECK(x(1, 1) == 0);
}

TEST_CASE("no preprocessing changes nothing") {
  Matrix x = matrix(1, 2, {3, 4});
  apply_preprocessing(learn_preprocessing(PreprocessingKind::none, x.view()), x.view());
  CHECK(x(0, 0) == 3);
  CHECK(x(0, 1) == 4);
}

TEST_CASE("a deviation that overflows is refused") {
  const Matrix training = matrix(2, 1, {1e300, -1e300});
  CHECK_THROWS_AS(learn_preprocessing(PreprocessingKind::standardize, training.view()), InputError);
}

TEST_CASE("every kind of preprocessing has a name that finds it") {
  for (const auto kind :
       {PreprocessingKind::none, PreprocessingKind::standardize, PreprocessingKind::unit_norm})
    CHECK(preprocessing_kind(name(kind)) == kind);
  CHECK_FALSE(preprocessing_kind("whiten"));
}

}  // namespace
}  // namespace ntkc
