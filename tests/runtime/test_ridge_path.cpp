// The choice of a ridge: against solutions for each, and where nothing can be chosen.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "ntkc/errors.hpp"
#include "ntkc/ridge_path.hpp"
#include "tests/runtime/fake_kernels.hpp"

using namespace ntkc;
using namespace ntkc::test;

namespace {

/// x xᵀ/columns of a random n × columns matrix: of rank `columns` at most.
Matrix gram_of_rank(std::ptrdiff_t n, std::ptrdiff_t columns, unsigned seed) {
  const Matrix x = random_matrix(n, columns, seed);
  Matrix k(n, n);
  for (std::ptrdiff_t i = 0; i < n; ++i)
    for (std::ptrdiff_t j = 0; j <= i; ++j) {
      double sum = 0;
      for (std::ptrdiff_t c = 0; c < columns; ++c) sum += x(i, c) * x(j, c);
      k(i, j) = k(j, i) = sum / static_cast<double>(columns);
    }
  return k;
}

RidgePath judge(Matrix k, const Matrix& targets, const RidgeSearch& search, const Execution& execution = {}) {
  return judge_ridges(k.view(), targets.view(), search, execution);
}

double root_mean_square(const Matrix& values) {
  double sum = 0;
  for (std::ptrdiff_t i = 0; i < values.rows() * values.columns(); ++i)
    sum += values.data()[i] * values.data()[i];
  return std::sqrt(sum / static_cast<double>(values.rows() * values.columns()));
}

}  // namespace

TEST_CASE("each ridge of a path has the leave-one-out error that its own solution has") {
  const Matrix k = gram_of_rank(60, 100, 1);
  const Matrix targets = random_matrix(60, 3, 2);
  const RidgePath path = judge(k, targets, {{1e-4, 1e-2, 1, 100}});
  REQUIRE(path.judgements.size() == 4);
  double least = HUGE_VAL;
  for (const RidgeJudgement& judgement : path.judgements) {
    Matrix copy = k;
    const RidgeSolution solution = solve_ridge(copy.view(), targets.view(), {judgement.ridge, false});
    const double expected = root_mean_square(solution.leave_one_out);
    CHECK(judgement.leave_one_out == doctest::Approx(expected).epsilon(1e-9));
    least = std::min(least, expected);
  }
  CHECK(path.judgements[path.best].leave_one_out == doctest::Approx(least).epsilon(1e-9));
  CHECK(std::ranges::is_sorted(path.judgements, {}, &RidgeJudgement::ridge));
  // More ridge, fewer degrees of freedom.
  CHECK(std::ranges::is_sorted(path.judgements, std::greater<>(),
                               &RidgeJudgement::effective_degrees_of_freedom));
  CHECK(path.judgements.front().effective_degrees_of_freedom < 60);
}

TEST_CASE("criteria choose each by itself, and noise asks for more ridge") {
  const Matrix k = gram_of_rank(80, 400, 3);
  const Matrix noise = random_matrix(80, 1, 4);
  for (const RidgeCriterion criterion :
       {RidgeCriterion::leave_one_out, RidgeCriterion::generalized_cross_validation,
        RidgeCriterion::marginal_likelihood}) {
    RidgeSearch search = RidgeSearch::usual();
    search.criterion = criterion;
    Matrix smooth(80, 1);  // in the span of the leading features
    for (std::ptrdiff_t i = 0; i < 80; ++i)
      for (std::ptrdiff_t j = 0; j < 80; ++j) smooth(i, 0) += k(i, j) * noise(j, 0);
    const RidgePath of_noise = judge(k, noise, search);
    const RidgePath of_smooth = judge(k, smooth, search);
    CHECK(of_noise.judgements[of_noise.best].ridge > of_smooth.judgements[of_smooth.best].ridge);
    const auto cost = [&](const RidgeJudgement& each) {
      return criterion == RidgeCriterion::leave_one_out                  ? each.leave_one_out
             : criterion == RidgeCriterion::generalized_cross_validation ? each.generalized_cross_validation
                                                                         : -each.log_marginal_likelihood;
    };
    for (const RidgeJudgement& each : of_noise.judgements)
      if (!each.is_below_rounding) CHECK(cost(of_noise.judgements[of_noise.best]) <= cost(each));
  }
}

TEST_CASE("ridges below rounding are told, and not chosen") {
  const Matrix k = gram_of_rank(40, 5, 5);
  const Matrix targets = random_matrix(40, 1, 6);
  const RidgePath path = judge(k, targets, {{0, 1e-300, 1e-18, 1e-3, 1}});
  CHECK(path.judgements[0].is_below_rounding);
  CHECK(path.judgements[2].is_below_rounding);
  CHECK_FALSE(path.judgements[3].is_below_rounding);
  CHECK(path.best >= 3);
  CHECK_THROWS_WITH_AS(judge(k, targets, {{0, 1e-20}}), doctest::Contains("rounding"), NumericalError);
  // Where no eigenvalue is small, 0 is a ridge like others.
  Matrix identity(4, 4);
  for (std::ptrdiff_t i = 0; i < 4; ++i) identity(i, i) = 2;
  CHECK_FALSE(judge(identity, random_matrix(4, 1, 7), {{0, 1}}).judgements[0].is_below_rounding);
}

TEST_CASE("targets of any scale, and any number of threads") {
  const Matrix k = gram_of_rank(50, 60, 8);
  const Matrix targets = random_matrix(50, 2, 9);
  const RidgePath path = judge(k, targets, RidgeSearch::usual(), {.threads = 1});
  const RidgePath threaded = judge(k, targets, RidgeSearch::usual(), {.threads = 3});
  for (std::size_t i = 0; i < path.judgements.size(); ++i) {
    CHECK(path.judgements[i].leave_one_out == threaded.judgements[i].leave_one_out);
    CHECK(path.judgements[i].log_marginal_likelihood == threaded.judgements[i].log_marginal_likelihood);
  }
  for (const int exponent : {-900, 900}) {
    Matrix scaled = targets;
    for (std::ptrdiff_t i = 0; i < 100; ++i) scaled.data()[i] = std::ldexp(targets.data()[i], exponent);
    const RidgePath other = judge(k, scaled, RidgeSearch::usual());
    CHECK(other.best == path.best);
    CHECK(other.judgements[other.best].leave_one_out ==
          std::ldexp(path.judgements[path.best].leave_one_out, exponent));
  }
}

TEST_CASE("what is no matrix, no target or no ridge is refused") {
  const Matrix k = gram_of_rank(5, 9, 10);
  const Matrix targets = random_matrix(5, 1, 11);
  CHECK_THROWS_AS(judge(k, targets, {{}}), InputError);
  CHECK_THROWS_AS(judge(k, targets, {{-1}}), InputError);
  CHECK_THROWS_AS(judge(k, targets, {{HUGE_VAL}}), InputError);
  CHECK_THROWS_AS(judge(k, random_matrix(4, 1, 12), {{1}}), InputError);
  CHECK_THROWS_AS(judge(Matrix(), Matrix(), {{1}}), InputError);
  Matrix wrong = targets;
  wrong(3, 0) = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH_AS(judge(k, wrong, {{1}}), doctest::Contains("row 3"), InputError);
  CHECK_THROWS_AS(judge(k, targets, {{1, 2}}, {.progress = [](double) { return false; }}), Cancelled);
}
