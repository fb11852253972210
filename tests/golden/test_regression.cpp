// Kernel regression and gradient flow on given matrices against 40-digit references (README.md beside this
// file). Of what the file holds, this version computes the means, the flow and the largest learning rate.
#include <doctest/doctest.h>

#include <Eigen/Dense>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "ntkc/eigen.hpp"
#include "ntkc/posterior.hpp"
#include "ntkc/regression.hpp"
#include "ntkc/ridge_path.hpp"
#include "simulator/training/linear_dynamics.hpp"
#include "tests/support/errors.hpp"

using namespace ntkc;
using nlohmann::json;

namespace {

double number(const json& text) { return std::strtod(text.get<std::string>().c_str(), nullptr); }

RowMatrix matrix(const json& rows) {
  RowMatrix result(rows.size(), rows[0].size());
  for (Eigen::Index i = 0; i < result.rows(); ++i) {
    for (Eigen::Index j = 0; j < result.cols(); ++j)
      result(i, j) = number(rows[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)]);
  }
  return result;
}

/// The largest entry of |actual - expected|, NaN if there is one.
double largest_error(const RowMatrix& actual, const RowMatrix& expected) {
  double worst = 0;
  for (Eigen::Index i = 0; i < expected.rows(); ++i) {
    for (Eigen::Index j = 0; j < expected.cols(); ++j)
      worst = test::larger_error(worst, std::abs(actual(i, j) - expected(i, j)));
  }
  return worst;
}

constexpr double u = std::numeric_limits<double>::epsilon() / 2;

/// k(x, X)(K + λI)⁻¹Y against `expected`. With A = K + λI, n × n, the α of Cholesky's method has an error of
/// at most (3n + 1)u tr(A) ‖A⁻¹‖‖α‖ (tests/runtime/residual_bound.hpp), and tr(A) ‖A⁻¹‖ <= n κ₁(A), of which
/// the report has an estimate, almost always within a factor of 3.
void check_mean(const RowMatrix& kernel, const RowMatrix& targets, double ridge, const RowMatrix& expected) {
  const Eigen::Index n = targets.rows();
  RowMatrix k = kernel.topLeftCorner(n, n);
  const RidgeSolution solution = solve_ridge(view(k), view(targets), {ridge, false});
  CHECK(solution.report.rank == n);
  const RowMatrix cross = kernel.bottomLeftCorner(kernel.rows() - n, n);
  const RowMatrix alpha = to_eigen(solution.dual_coefficients);
  const auto size = static_cast<double>(n);
  const double condition = 3 / solution.report.reciprocal_condition;
  CHECK(largest_error(cross * alpha, expected) <=
        (3 * size + 2) * u * size * condition * cross.norm() * alpha.norm());
}

}  // namespace

TEST_CASE("ridge regression on given matrices matches 40-digit references") {
  std::ifstream lines(NTKC_SOURCE_DIR "/tests/golden/regression.jsonl");
  int cases = 0;
  for (std::string line; std::getline(lines, line); ++cases) {
    const json c = json::parse(line);
    CAPTURE(cases);
    const RowMatrix theta = matrix(c["theta"]);
    const RowMatrix targets = matrix(c["Y"]);
    const double ridge = number(c["lambda"]);
    check_mean(theta, targets, ridge, matrix(c["ridge_mean"]));
    check_mean(theta, targets, 0, matrix(c["ridgeless_mean"]));
    check_mean(matrix(c["sigma"]), targets, ridge, matrix(c["nngp_mean"]));
  }
  CHECK(cases == 24);
}

TEST_CASE("judgements of ridges on given matrices match 40-digit references") {
  std::ifstream lines(NTKC_SOURCE_DIR "/tests/golden/regression.jsonl");
  double worst = 0;
  for (std::string line; std::getline(lines, line);) {
    const json c = json::parse(line);
    CAPTURE(c["id"].get<int>());
    const RowMatrix targets = matrix(c["Y"]);
    const double ridge = number(c["lambda"]);
    const Eigen::Index n = targets.rows();
    const auto judged = [&](const char* kernel) {
      RowMatrix k = matrix(c[kernel]).topLeftCorner(n, n);
      const RidgePath path = judge_ridges(
          view(k), view(targets), {{ridge / 10, ridge, 10 * ridge}, false, RidgeCriterion::leave_one_out});
      REQUIRE(path.judgements.size() == 3);
      return path.judgements[1];
    };
    const RidgeJudgement theta = judged("theta");
    double gcv = 0;
    for (const json& output : c["gcv"]) gcv += number(output) / static_cast<double>(targets.cols());
    double evidence = 0;
    for (const json& output : c["nngp_log_marginal_likelihood"]) evidence += number(output);
    const RowMatrix residual = matrix(c["loo_residual"]);
    const double leave_one_out = residual.norm() / std::sqrt(static_cast<double>(residual.size()));
    const auto check = [&](double found, double expected) {
      const double error = std::abs(found / expected - 1);
      CHECK(error <= 1e-10);
      worst = test::larger_error(worst, error);
    };
    check(theta.generalized_cross_validation, gcv);
    check(theta.leave_one_out, leave_one_out);
    check(theta.effective_degrees_of_freedom, number(c["effective_dof"]));
    check(judged("sigma").log_marginal_likelihood, evidence);
  }
  MESSAGE("largest relative error: " << worst);
}

TEST_CASE("variances on given matrices match 40-digit references, and the definition") {
  std::ifstream lines(NTKC_SOURCE_DIR "/tests/golden/regression.jsonl");
  double worst = 0;
  for (std::string line; std::getline(lines, line);) {
    const json c = json::parse(line);
    CAPTURE(c["id"].get<int>());
    const RowMatrix theta = matrix(c["theta"]);
    const RowMatrix sigma = matrix(c["sigma"]);
    const double ridge = number(c["lambda"]);
    const Eigen::Index n = matrix(c["Y"]).rows();
    const Eigen::Index m = sigma.rows() - n;
    const RowMatrix covariance = matrix(c["nngp_cov"]);
    const auto part = [&](const RowMatrix& k) { return RowMatrix(k.topLeftCorner(n, n)); };
    const auto cross = [&](const RowMatrix& k) { return RowMatrix(k.bottomLeftCorner(m, n)); };
    std::vector<double> prior;
    for (Eigen::Index i = n; i < sigma.rows(); ++i) prior.push_back(sigma(i, i));
    RowMatrix of_sigma = part(sigma);
    const RowMatrix cross_sigma = cross(sigma);
    const std::vector<double> variance = posterior_variance(view(of_sigma), ridge, view(cross_sigma), prior);
    for (Eigen::Index i = 0; i < m; ++i) {
      const double found = variance[static_cast<std::size_t>(i)];
      CHECK(found >= 0);
      CHECK(found <= prior[static_cast<std::size_t>(i)]);
      worst =
          test::larger_error(worst, std::abs(found - covariance(i, i)) / prior[static_cast<std::size_t>(i)]);
    }
    RowMatrix of_theta = part(theta);
    const RowMatrix cross_theta = cross(theta);
    const RowMatrix own_sigma = part(sigma);
    const std::vector<double> ensemble = ensemble_variance(view(of_theta), ridge, view(cross_theta),
                                                           view(own_sigma), view(cross_sigma), prior);
    const RowMatrix a = cross(theta) * (part(theta) + ridge * RowMatrix::Identity(n, n)).inverse();
    const RowMatrix expected = sigma.bottomRightCorner(m, m) + a * own_sigma * a.transpose() -
                               a * cross_sigma.transpose() - cross_sigma * a.transpose();
    for (Eigen::Index i = 0; i < m; ++i)
      worst = test::larger_error(
          worst, std::abs(ensemble[static_cast<std::size_t>(i)] - expected(i, i)) / expected(i, i));
  }
  MESSAGE("largest error: " << worst);
  CHECK(worst <= 1e-11);
}

TEST_CASE("gradient flow on given matrices matches 40-digit references") {
  std::ifstream lines(NTKC_SOURCE_DIR "/tests/golden/regression.jsonl");
  int times = 0;
  for (std::string line; std::getline(lines, line);) {
    const json c = json::parse(line);
    CAPTURE(c["id"].get<int>());
    const RowMatrix theta = matrix(c["theta"]);
    const RowMatrix targets = matrix(c["Y"]);
    const Eigen::MatrixXd start = Eigen::MatrixXd::Zero(theta.rows(), targets.cols());
    const simulator::LinearDynamics dynamics(theta, targets, start, c["N"].get<double>());
    CHECK(dynamics.largest_rate() == doctest::Approx(number(c["max_learning_rate"])).epsilon(1e-14).scale(0));
    for (const json& at : c["flow"]) {
      ++times;
      const RowMatrix f = dynamics.outputs(simulator::Dynamics::flow, number(c["eta"]), number(at["t"]));
      RowMatrix expected(theta.rows(), targets.cols());
      expected << matrix(at["train_mean"]), matrix(at["test_mean"]);
      // The eigenvalues have errors of some n u ‖Θ‖, and f changes with them by η t/N of that.
      const double time = number(c["eta"]) * number(at["t"]) / c["N"].get<double>();
      const auto size = static_cast<double>(targets.rows());
      CHECK(largest_error(f, expected) <= 10 * size * u * (1 + time * theta.norm()) * targets.norm());
    }
  }
  CHECK(times == 24 * 5);
}
