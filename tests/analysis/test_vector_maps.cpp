// Recursions of several values made of one another, against closed forms and against networks of one value.
#include <doctest/doctest.h>

#include <Eigen/Eigenvalues>
#include <cmath>
#include <numbers>

#include "ntkc/analysis.hpp"
#include "ntkc/compiler.hpp"
#include "ntkc/eigen.hpp"
#include "ntkc/errors.hpp"
#include "tests/analysis/networks.hpp"

namespace ntkc::tests {
namespace {

using doctest::Approx;
using std::numbers::pi;

FixedPoint fixed_point(const std::string& text) { return find_fixed_point(Recursion(text)); }

Approx exactly(double value) { return Approx(value).epsilon(1e-9); }

const std::string joined = "(f |> dense) + (g |> dense)";
std::string two_values(const std::string& body, int depth = 6, const std::string& output = joined,
                       const std::string& entry = "2") {
  return "network two(w = 1.5, v = 0.8, b = 0.3)\ninput x : vector(16)\nf = x |> dense\n"
         "g = x |> dense(W_std = " +
         entry + ")\nrepeat " + std::to_string(depth) + " { t = f\n" + body + " }\noutput " + output + "\n";
}

/// erf: E[φ(u)φ(v)] and its derivative by c (Williams 1997) for equal variances.
double erf_dual(double q, double c) { return 2 / pi * std::asin(2 * c / (1 + 2 * q)); }
double erf_slope(double q, double c) { return 4 / pi / std::sqrt((1 + 2 * q) * (1 + 2 * q) - 4 * c * c); }

constexpr double w = 1.5, v = 0.8, b = 0.3;
const std::string coupled =
    "f = (f + g) |> erf |> dense(W_std = w, b_std = b)\ng = t |> erf |> dense(W_std = v)";

TEST_CASE("two values that are made of one another, against plain iteration of closed forms") {
  const FixedPoint point = fixed_point(two_values(coupled));
  REQUIRE(point.values.size() == 2);
  CHECK(point.values[0].name == "f");
  CHECK(point.values[1].name == "g");
  CHECK(point.values[0].entry_q == 1);
  CHECK(point.values[1].entry_q == 4);
  double q[2] = {1, 4};
  double c[2] = {0.5, 0.5};
  double before[2] = {};
  double last_step = 0;
  double ratio = 0;
  for (int i = 0; i < 300; ++i) {
    before[0] = c[0];
    before[1] = c[1];
    const double q_sum = q[0] + q[1];
    const double c_sum = c[0] + c[1];
    c[1] = v * v * erf_dual(q[0], c[0]);
    c[0] = w * w * erf_dual(q_sum, c_sum) + b * b;
    q[1] = v * v * erf_dual(q[0], q[0]);
    q[0] = w * w * erf_dual(q_sum, q_sum) + b * b;
    const double step = std::abs(c[0] - before[0]);
    if (i == 100) ratio = step / last_step;
    last_step = step;
  }
  for (const int i : {0, 1}) {
    CHECK(point.values[i].q == exactly(q[i]));
    CHECK(point.values[i].u == exactly(c[i] / q[i]));
  }
  const auto radius = [&](const double* at) {
    Eigen::Matrix2d slopes;
    slopes.row(0).setConstant(w * w * erf_slope(q[0] + q[1], at[0] + at[1]));
    slopes.row(1) << v * v * erf_slope(q[0], at[0]), 0;
    return slopes.eigenvalues().cwiseAbs().maxCoeff();
  };
  CHECK(point.phase == Phase::chaotic);
  CHECK(point.chi_1 == exactly(radius(q)));
  CHECK(point.chi_u == exactly(radius(c)));
  // Iterating c shrinks by this factor.
  CHECK(point.chi_u == Approx(ratio).epsilon(1e-6));
  REQUIRE(point.correlation_depth.has_value());
  CHECK(*point.correlation_depth == exactly(-1 / std::log(point.chi_u)));
  CHECK(*point.trainable_depth == exactly(-6 / std::log(point.chi_u)));
}

/// Values with the maps of one: each from itself, each from the other, or a value and what it is half-way.
TEST_CASE("several values that do what one does have its fixed point and slopes") {
  const std::string layer = " |> dense(W_std = w, b_std = b)";
  for (const char* activation : {"erf", "tanh"}) {
    for (const auto& [weight, bias] : {std::pair{"1.5", "0.3"}, {"0.8", "0.1"}}) {
      CAPTURE(activation);
      CAPTURE(weight);
      CompileOptions options;
      options.definitions = {{"w", weight}, {"b", bias}};
      const FixedPoint one = find_fixed_point(Recursion(deep_network(activation), options));
      const std::string apply = std::string(" |> ") + activation + layer;
      for (const std::string& body :
           {"f = f" + apply + "\ng = g" + apply, "f = g" + apply + "\ng = t" + apply}) {
        const FixedPoint both = find_fixed_point(Recursion(two_values(body), options));
        REQUIRE(both.values.size() == 2);
        for (const ValueLimit& value : both.values) {
          CHECK(*value.q == exactly(*one.values[0].q));
          CHECK(*value.u == Approx(*one.values[0].u).epsilon(1e-7));
        }
        CHECK(both.chi_1 == exactly(one.chi_1));
        CHECK(both.chi_u == Approx(one.chi_u).epsilon(1e-7));
        CHECK(std::abs(both.q_slope) == Approx(one.q_slope).epsilon(1e-7));
        CHECK(both.phase == one.phase);
        CHECK(*both.correlation_depth == Approx(*one.correlation_depth).epsilon(1e-6));
      }
    }
  }
}

TEST_CASE("several ReLU values: critical with the power law of one, vanishing, unbounded") {
  const auto crossed = [](const char* weight) {
    return fixed_point(two_values("f = g |> relu |> dense(W_std = " + std::string(weight) +
                                      ")\ng = t |> relu |> dense(W_std = " + weight + ")",
                                  6, joined, "1"));
  };
  const FixedPoint critical = crossed("sqrt(2)");
  CHECK(critical.phase == Phase::critical);
  CHECK(critical.chi_1 == exactly(1));
  REQUIRE(critical.power_law.has_value());
  CHECK(critical.power_law->exponent == Approx(2).epsilon(1e-6));
  CHECK(critical.power_law->coefficient.value() == Approx(9 * pi * pi / 2).epsilon(1e-5));
  const FixedPoint vanishing = crossed("1.2");
  CHECK(vanishing.phase == Phase::ordered);
  CHECK(vanishing.values[1].q == 0.0);
  CHECK(vanishing.growth == Approx(0.72).epsilon(1e-6));
  const FixedPoint unbounded = crossed("1.6");
  CHECK(unbounded.phase == Phase::unbounded);
  CHECK_FALSE(unbounded.values[0].q.has_value());
  CHECK(unbounded.growth == Approx(1.28).epsilon(1e-6));
  CHECK(unbounded.chi_1 == exactly(1.28));
  CHECK(unbounded.values[0].u == 1.0);
}

TEST_CASE("values that change places have no limit of their own") {
  CHECK_THROWS_WITH_AS(fixed_point(two_values("f = g |> relu |> dense(W_std = sqrt(2))\n"
                                              "g = t |> relu |> dense(W_std = sqrt(2))")),
                       "the variances of `two` have no limit: they go in circles", NumericalError);
}

TEST_CASE("two linear values grow by the golden ratio") {
  const FixedPoint point = fixed_point(two_values("f = (f + g) |> dense\ng = t |> dense"));
  CHECK(point.phase == Phase::unbounded);
  CHECK(point.growth == exactly(std::numbers::phi));
  CHECK(point.chi_1 == exactly(std::numbers::phi));
  CHECK_FALSE(point.values[0].u.has_value());
}

TEST_CASE("condition numbers of each value are those of its Gram matrix") {
  const std::string body =
      "f = (f + g) |> erf |> dense(W_std = 0.9, b_std = b)\ng = t |> erf |> dense(W_std = v, b_std = 0.2)";
  const Recursion recursion(two_values(body));
  constexpr int inputs = 8;
  const auto condition = [&](std::int64_t depth, const char* output, KernelKind kind) {
    const KernelFunctions kernel = compile(two_values(body, static_cast<int>(depth), output));
    const RowMatrix x = 4 * RowMatrix::Identity(inputs, 16);
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(gram(kernel, kind, x));
    return solver.eigenvalues()(inputs - 1) / solver.eigenvalues()(0);
  };
  for (const auto& [value, output] : {std::pair{0, "f"}, {1, "g"}}) {
    CAPTURE(output);
    const Conditioning found = find_conditioning(recursion, inputs, static_cast<std::size_t>(value));
    REQUIRE(found.f32.sigma.has_value());
    REQUIRE(found.f32.theta.has_value());
    CHECK(condition(*found.f32.sigma - 1, output, KernelKind::sigma) <= found.f32.limit);
    CHECK(condition(*found.f32.sigma, output, KernelKind::sigma) > found.f32.limit);
    CHECK(condition(*found.f32.theta - 1, output, KernelKind::theta) <= found.f32.limit);
    CHECK(condition(*found.f32.theta, output, KernelKind::theta) > found.f32.limit);
  }
}

}  // namespace
}  // namespace ntkc::tests
