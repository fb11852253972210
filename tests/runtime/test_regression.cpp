#include <doctest/doctest.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "ntkc/regression.hpp"
#include "runtime/gram/parallel.hpp"
#include "runtime/regression/blocked_cholesky.hpp"
#include "tests/runtime/fake_kernels.hpp"
#include "tests/runtime/residual_bound.hpp"

using namespace ntkc;
using namespace ntkc::test;

namespace {

using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using EigenMap = Eigen::Map<const RowMatrix>;

EigenMap as_eigen(const Matrix& m) { return {m.data(), m.rows(), m.columns()}; }

/// F Fᵀ/columns + shift · I, symmetric to the last bit.
Matrix positive_definite(std::ptrdiff_t n, double shift, unsigned seed) {
  const Matrix factor = random_matrix(n, n + 10, seed);
  RowMatrix k = as_eigen(factor) * as_eigen(factor).transpose() / static_cast<double>(n + 10);
  Matrix result(n, n);
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    for (std::ptrdiff_t j = 0; j <= i; ++j) result(i, j) = result(j, i) = k(i, j) + (i == j ? shift : 0.0);
  }
  return result;
}

RidgeSolution solve(Matrix k, const Matrix& targets, const Ridge& ridge, const Execution& execution = {}) {
  return solve_ridge(k.view(), targets.view(), ridge, execution);
}

bool same_bits(const Matrix& a, const Matrix& b) {
  return std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.rows() * a.columns()) * sizeof(double)) ==
         0;
}

}  // namespace

TEST_CASE(
    "the solution agrees with Eigen's LDLT for all shapes of the blocks, and reports its residual rightly") {
  for (const std::ptrdiff_t n : {1, 2, 37, 255, 256, 257, 600}) {
    const Matrix k = positive_definite(n, 0.1, static_cast<unsigned>(n));
    const double mean_diagonal = as_eigen(k).trace() / static_cast<double>(n);
    for (const std::ptrdiff_t outputs : {1, 3, 10}) {
      const Matrix targets = random_matrix(n, outputs, 2);
      for (const Ridge ridge : {Ridge{0.01, true}, Ridge{0.02, false}, Ridge{0, false}}) {
        const RidgeSolution solution = solve(k, targets, ridge);
        const double lambda = ridge.relative ? ridge.value * mean_diagonal : ridge.value;
        CHECK(solution.report.ridge == doctest::Approx(lambda).epsilon(1e-14));
        CHECK(solution.report.rank == n);
        const RowMatrix shifted = as_eigen(k) + lambda * RowMatrix::Identity(n, n);
        const RowMatrix expected = shifted.ldlt().solve(as_eigen(targets));
        const EigenMap alpha = as_eigen(solution.dual_coefficients);
        CHECK((alpha - expected).norm() <= 1e-12 * expected.norm());
        const double residual = (shifted * alpha - as_eigen(targets)).norm() / as_eigen(targets).norm();
        CHECK(solution.report.relative_residual < 1e-12);
        CHECK(std::abs(solution.report.relative_residual - residual) < 1e-13);
      }
    }
  }
}

TEST_CASE("targets that a singular matrix cannot reach are left as residual") {
  Matrix k(2, 2);
  for (std::ptrdiff_t i = 0; i < 4; ++i) k.data()[i] = 1;
  Matrix targets(2, 2);
  targets(0, 0) = 1;
  targets(1, 0) = -1;  // along the eigenvector of 0
  targets(0, 1) = 2;
  targets(1, 1) = 1;  // least squares: the mean
  const RidgeSolution solution = solve(k, targets, {0, false});
  CHECK(solution.report.rank == 1);
  CHECK(std::abs(solution.report.relative_residual - std::sqrt(2.5 / 7)) < 1e-15);
  const RowMatrix fitted = as_eigen(k) * as_eigen(solution.dual_coefficients);
  const RowMatrix expected{{0, 1.5}, {0, 1.5}};
  CHECK((fitted - expected).cwiseAbs().maxCoeff() < 1e-15);
  CHECK(std::abs(solution.dual_coefficients(0, 1) - 0.75) < 1e-15);  // the least norm
  CHECK(std::abs(solution.dual_coefficients(1, 1) - 0.75) < 1e-15);
}

TEST_CASE(
    "matrices of low rank give least squares with the least norm, as a complete orthogonal decomposition "
    "does") {
  for (const std::ptrdiff_t n : {2, 3, 10, 50, 300}) {
    for (const std::ptrdiff_t rank : {std::ptrdiff_t{1}, std::max<std::ptrdiff_t>(1, n / 3), n - 1}) {
      const RowMatrix half = as_eigen(random_matrix(n, rank, 20));
      const RowMatrix product = half * half.transpose();
      Matrix k(n, n);
      for (std::ptrdiff_t i = 0; i < n; ++i)
        for (std::ptrdiff_t j = 0; j < n; ++j) k(i, j) = product(std::min(i, j), std::max(i, j));
      const Matrix targets = random_matrix(n, 2, 21);  // not in the range of k
      const RowMatrix fitted = half * half.colPivHouseholderQr().solve(as_eigen(targets));
      for (const double ridge : {0.0, 1e-15, 1e-14, 1e-13}) {
        const RidgeSolution solution = solve(k, targets, {ridge, true});
        CHECK(solution.report.rank == rank);
        const RowMatrix predicted = product * as_eigen(solution.dual_coefficients);
        // A ridge of r tr(K)/n changes predictions by r tr(K)/n over the least eigenvalue that is not 0.
        Eigen::SelfAdjointEigenSolver<RowMatrix> solver(product);
        const double least = solver.eigenvalues()(n - rank);
        const double change = (ridge + 1e-15 * static_cast<double>(n)) * product.trace() / least;
        CHECK((predicted - fitted).norm() <= (change + 1e-13) * as_eigen(targets).norm());
      }
    }
  }
}

TEST_CASE("errors of leaving one out are those of solving without each sample") {
  for (const std::ptrdiff_t n : {1, 2, 3, 10, 50, 300}) {
    for (const auto& [rank, ridge, exponent] :
         {std::tuple(n, 1e-2, 0), std::tuple(n, 1e-2, 900), std::tuple(n, 1e-2, -900), std::tuple(n, 0.0, 0),
          std::tuple(std::max<std::ptrdiff_t>(1, n / 3), 0.0, 0),
          std::tuple(std::max<std::ptrdiff_t>(1, n / 3), 1e-3, 0)}) {
      const RowMatrix half = as_eigen(random_matrix(n, rank, 30));
      RowMatrix product = half * half.transpose();
      if (rank == n) product += RowMatrix::Identity(n, n);
      Matrix k(n, n);
      for (std::ptrdiff_t i = 0; i < n; ++i)
        for (std::ptrdiff_t j = 0; j < n; ++j)
          k(i, j) = std::ldexp(product(std::min(i, j), std::max(i, j)), exponent);
      const Matrix targets = random_matrix(n, 2, 31);
      const double lambda = std::ldexp(ridge, exponent);
      const RidgeSolution solution = solve(k, targets, {lambda, false});
      for (std::ptrdiff_t out = 0; out < n; out += std::max<std::ptrdiff_t>(1, n / 7)) {
        std::vector<Eigen::Index> others;
        for (std::ptrdiff_t i = 0; i < n; ++i)
          if (i != out) others.push_back(i);
        RowMatrix expected = as_eigen(targets).row(out);
        if (n > 1) {
          const RowMatrix shifted = product(others, others) + ridge * RowMatrix::Identity(n - 1, n - 1);
          Eigen::CompleteOrthogonalDecomposition<RowMatrix> decomposition(n - 1, n - 1);
          decomposition.setThreshold(1e-12);
          decomposition.compute(shifted);
          const RowMatrix alpha = decomposition.solve(as_eigen(targets)(others, Eigen::all));
          const RowMatrix predicted = product(std::vector{static_cast<Eigen::Index>(out)}, others) * alpha;
          expected -= predicted;
        }
        const RowMatrix error = as_eigen(solution.leave_one_out).row(out);
        CHECK((error - expected).norm() <= 1e-9 * (1 + expected.norm()));
      }
    }
  }
}

TEST_CASE("the reciprocal condition number is within a factor of 3 of the exact one") {
  for (const std::ptrdiff_t n : {1, 2, 40, 300}) {
    for (const double shift : {1.0, 1e-3, 1e-7}) {
      const Matrix k = positive_definite(n, shift, 7 + static_cast<unsigned>(n));
      const RowMatrix shifted = as_eigen(k) + 1e-6 * RowMatrix::Identity(n, n);
      const RowMatrix inverse = shifted.inverse();
      // Both inverses have a relative error of at most (3n + 1)u tr(A) ‖A⁻¹‖, ‖A⁻¹‖ <= 1/(shift + ridge).
      const double rounding = (6 * static_cast<double>(n) + 2) * 0x1p-53 * shifted.trace() / (shift + 1e-6);
      const double exact =
          1 / (shifted.cwiseAbs().colwise().sum().maxCoeff() * inverse.cwiseAbs().colwise().sum().maxCoeff());
      const double estimate = solve(k, random_matrix(n, 1, 3), {1e-6, false}).report.reciprocal_condition;
      CHECK(estimate >= exact * (1 - rounding));
      CHECK(estimate <= 3 * exact * (1 + rounding));
    }
  }
}

TEST_CASE("solutions are the same to the last bit for any number of threads") {
  for (const std::ptrdiff_t n : {100, 700}) {
    const Matrix k = positive_definite(n, 1e-4, 5);
    const Matrix targets = random_matrix(n, 4, 6);
    const RidgeSolution one = solve(k, targets, {1e-6, true}, {1, {}});
    for (const int threads : {2, 3, 7}) {
      const RidgeSolution more = solve(k, targets, {1e-6, true}, {threads, {}});
      CHECK(same_bits(one.dual_coefficients, more.dual_coefficients));
      CHECK(one.report.reciprocal_condition == more.report.reciprocal_condition);
      CHECK(one.report.relative_residual == more.report.relative_residual);
    }
  }
}

TEST_CASE("matrices begin on a cache line, so that results do not depend on where they are in memory") {
  for (const std::ptrdiff_t n : {1, 3, 100, 700}) {
    const Matrix odd(n, n + 1);
    CHECK(reinterpret_cast<std::uintptr_t>(odd.data()) % 64 == 0);
  }
}

TEST_CASE("the matrix and the targets may be views into wider ones") {
  const Matrix k = positive_definite(300, 0.1, 8);
  const Matrix targets = random_matrix(300, 2, 9);
  Matrix wide(300, 333);
  Matrix wide_targets(300, 7);
  for (std::ptrdiff_t i = 0; i < 300; ++i) {
    std::copy_n(&k(i, 0), 300, &wide(i, 11));
    std::copy_n(&targets(i, 0), 2, &wide_targets(i, 4));
  }
  const RidgeSolution solution =
      solve_ridge({&wide(0, 11), 300, 300, 333}, {&wide_targets(0, 4), 300, 2, 7}, {});
  // BLAS adds in another order where rows are aligned differently: each solution has a relative error of at
  // most (3n + 1)u tr(K) ‖K⁻¹‖, and ‖K⁻¹‖ <= 1/0.1.
  const RowMatrix expected = as_eigen(solve(k, targets, {}).dual_coefficients);
  CHECK((as_eigen(solution.dual_coefficients) - expected).norm() <=
        2 * (3 * 300 + 1) * 0x1p-53 * as_eigen(k).trace() / 0.1 * expected.norm());
  for (std::ptrdiff_t i = 0; i < 300; ++i) {
    CHECK(std::all_of(&wide(i, 0), &wide(i, 11), [](double value) { return value == 0; }));
    CHECK(std::all_of(&wide(i, 311), &wide(i, 311) + 22, [](double value) { return value == 0; }));
  }
}

TEST_CASE(
    "a matrix that is singular by duplicates has a rank less by one, and consistent targets are reached") {
  for (const std::ptrdiff_t n : {30, 520}) {
    // L = (I, 0; B, I) with integers in B, and K = L Lᵀ, whose row and column `copy` repeat row and column 4.
    // Whatever order BLAS adds in, its sums are exact, and the pivot of the copy is 0.
    const std::ptrdiff_t copy = n - 3;
    RowMatrix l = RowMatrix::Identity(n, n);
    const Matrix random = random_matrix(n, 8, 10);
    for (std::ptrdiff_t i = 8; i < n; ++i) {
      for (std::ptrdiff_t j = 0; j < 8; ++j) l(i, j) = std::clamp(std::round(random(i, j)), -2.0, 2.0);
    }
    l.row(copy) = l.row(4);
    const RowMatrix product = l * l.transpose();
    Matrix k(n, n);
    std::copy_n(product.data(), n * n, k.data());
    Matrix targets = random_matrix(n, 2, 11);
    for (std::ptrdiff_t j = 0; j < 2; ++j) targets(copy, j) = targets(4, j);
    const RidgeSolution solution = solve(k, targets, {0, true}, {2, {}});
    CHECK(solution.report.ridge == 0);
    CHECK(solution.report.rank == n - 1);
    CHECK(solution.report.relative_residual <= 1e-12);
    const RowMatrix predicted = product * as_eigen(solution.dual_coefficients);
    CHECK((predicted - as_eigen(targets)).norm() <=
          residual_bound(as_eigen(k).trace(), solution.report, solution.dual_coefficients,
                         {targets.data(), static_cast<std::size_t>(2 * n)}) *
              as_eigen(targets).norm());
    CHECK(solve(k, targets, {1e-6, true}).report.rank == n);
    // Contradicting targets of the two are averaged.
    targets(copy, 0) = targets(4, 0) + 1;
    const RowMatrix between = product * as_eigen(solve(k, targets, {0, true}).dual_coefficients);
    CHECK(std::abs(between(copy, 0) - targets(4, 0) - 0.5) < 1e-10);
  }
}

TEST_CASE("a pivot that is no larger than its rounding counts as not positive") {
  const auto outcome = [](double excess) {
    Matrix k(2, 2);
    for (std::ptrdiff_t i = 0; i < 4; ++i) k.data()[i] = 1;
    k(1, 1) += excess;
    const Execution execution;
    runtime::ProgressMeter progress(execution, 1);
    return runtime::factorise(k.view(), 1, progress);
  };
  CHECK_FALSE(outcome(0x1p-52).succeeded);
  CHECK(outcome(0x1p-52).failed_row == 1);
  CHECK(outcome(0x1p-50).succeeded);
}

TEST_CASE("an indefinite matrix is a numerical error that names the pivot and says what to do") {
  Matrix k = positive_definite(500, 1, 12);
  k(300, 300) = -5;
  CHECK_THROWS_WITH_AS(
      solve(k, random_matrix(500, 1, 1), {0.25, false}),
      doctest::Contains("plus ridge 0.25 is not positive definite: the pivot of row 300 (counting "
                        "from 0) is not positive, its least eigenvalue is -"),
      NumericalError);
  CHECK_THROWS_WITH_AS(solve(k, random_matrix(500, 1, 1), {0.25, false}),
                       doctest::Contains("raise the ridge (--ridge), or remove duplicate inputs"),
                       NumericalError);
  Matrix negative(1, 1);
  negative(0, 0) = -1;
  CHECK_THROWS_AS(solve(negative, random_matrix(1, 1, 1), {}), NumericalError);
  CHECK_THROWS_AS(solve(Matrix(3, 3), random_matrix(3, 1, 1), {}), NumericalError);
}

TEST_CASE("targets of any size are solved as those of size 1, and so is the residual") {
  const std::ptrdiff_t n = 5;
  Matrix k(n, n);
  for (std::ptrdiff_t i = 0; i < n; ++i)
    for (std::ptrdiff_t j = 0; j < n; ++j) k(i, j) = i == j ? 2 : 1.0 / static_cast<double>(1 + i + j);
  const std::vector<double> targets = {1, -2, 0.5, 3, 0.25};
  Matrix of_one = k;
  const RidgeSolution expected = solve_ridge(of_one.view(), {targets.data(), n, 1}, {1e-6, true});
  for (const int exponent : {-1000, -560, 560, 1000}) {
    CAPTURE(exponent);
    std::vector<double> scaled;
    for (const double target : targets) scaled.push_back(std::ldexp(target, exponent));
    Matrix matrix = k;
    const RidgeSolution solution = solve_ridge(matrix.view(), {scaled.data(), n, 1}, {1e-6, true});
    CHECK(solution.report.relative_residual == expected.report.relative_residual);
    for (std::ptrdiff_t i = 0; i < n; ++i)
      CHECK(solution.dual_coefficients(i, 0) == std::ldexp(expected.dual_coefficients(i, 0), exponent));
  }
}

TEST_CASE("a ridge that overflows and a matrix of zeros are called by their names") {
  const std::vector<double> targets = {1, 2};
  const auto message = [&](double diagonal, Ridge ridge) {
    Matrix k(2, 2);
    k(0, 0) = k(1, 1) = diagonal;
    try {
      solve_ridge(k.view(), {targets.data(), 2, 1}, ridge);
    } catch (const std::runtime_error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK(message(2.5, {1e308, true})
            .starts_with("the ridge, 1e+308 tr(K)/n with tr(K)/n = 2.5, overflows beside"));
  CHECK(message(1.7e308, {1e308, false}).starts_with("the ridge, 1e+308, overflows beside the Gram matrix"));
  CHECK(message(0, {1e-6, true}).find("the Gram matrix is zero") != std::string::npos);
  CHECK(message(0, {1e-6, true}).find("raise the ridge") == std::string::npos);
  CHECK(message(0, {0, false}).find("--ridge-absolute") != std::string::npos);
  CHECK(message(0, {1, false}).empty());
}

TEST_CASE("arguments that do not fit are refused") {
  constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
  const Matrix k = positive_definite(3, 1, 13);
  const Matrix y = random_matrix(3, 1, 14);
  CHECK_THROWS_WITH_AS(solve(Matrix(3, 4), y, {}), "the Gram matrix has shape (3, 4); it must be square",
                       InputError);
  CHECK_THROWS_WITH_AS(
      solve(k, random_matrix(4, 1, 1), {}),
      "the targets have shape (4, 1), but the Gram matrix has shape (3, 3); they must have as many rows",
      InputError);
  CHECK_THROWS_WITH_AS(solve(Matrix(0, 0), Matrix(0, 1), {}),
                       "the Gram matrix is empty; regression needs at least one row", InputError);
  CHECK_THROWS_WITH_AS(solve(k, Matrix(3, 0), {}),
                       "the targets have no columns; regression needs at least one output", InputError);
  CHECK_THROWS_WITH_AS(solve(k, y, {-1e-3, true}), "the ridge is -0.001; it must be finite and not negative",
                       InputError);
  CHECK_THROWS_AS(solve(k, y, {not_a_number, true}), InputError);
  Matrix bad_k = k;
  bad_k(1, 2) = not_a_number;
  CHECK_THROWS_WITH_AS(solve(bad_k, y, {}),
                       "the Gram matrix contains NaN at row 1, column 2 (counting from 0)", InputError);
  Matrix bad_y = y;
  bad_y(2, 0) = -std::numeric_limits<double>::infinity();
  CHECK_THROWS_WITH_AS(solve(k, bad_y, {}),
                       "the targets contain infinity at row 2, column 0 (counting from 0)", InputError);
  Matrix askew = k;
  askew(2, 0) += 0.5;
  CHECK_THROWS_WITH_AS(solve(askew, y, {}), doctest::Contains("the Gram matrix is not symmetric: "),
                       InputError);
}

TEST_CASE("targets of zero have the solution zero") {
  const RidgeSolution solution = solve(positive_definite(5, 1, 15), Matrix(5, 2), {});
  CHECK(as_eigen(solution.dual_coefficients).norm() == 0);
  CHECK(solution.report.relative_residual == 0);
}

TEST_CASE("progress of a solve grows to 1, and it can be cancelled") {
  const Matrix k = positive_definite(600, 0.1, 16);
  const Matrix y = random_matrix(600, 1, 17);
  for (const int threads : {1, 3}) {
    double last = 0;
    bool grows = true;
    solve(k, y, {}, {threads, [&](double fraction) {
                       grows &= fraction >= last;
                       last = fraction;
                       return true;
                     }});
    CHECK(grows);
    CHECK(last == doctest::Approx(1).epsilon(1e-9));
    int calls = 0;
    CHECK_THROWS_AS(solve(k, y, {}, {threads, [&](double) { return ++calls < 3; }}), Cancelled);
    CHECK(calls == 3);
  }
}

TEST_CASE("factorising leaves the strict upper triangle alone and L Lᵀ is the matrix") {
  const std::ptrdiff_t n = 530;
  const Matrix k = positive_definite(n, 0.01, 18);
  Matrix l = k;
  const Execution execution{2, {}};
  runtime::ProgressMeter progress(execution, 1);
  REQUIRE(runtime::factorise(l.view(), 2, progress).succeeded);
  int changed = 0;
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    for (std::ptrdiff_t j = i + 1; j < n; ++j) changed += static_cast<int>(l(i, j) != k(i, j));
  }
  CHECK(changed == 0);
  const RowMatrix lower = as_eigen(l).triangularView<Eigen::Lower>();
  CHECK((lower * lower.transpose() - as_eigen(k)).cwiseAbs().maxCoeff<Eigen::PropagateNaN>() < 1e-14);
}
