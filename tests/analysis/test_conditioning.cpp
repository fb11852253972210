// Condition numbers by depth against eigenvalues of Gram matrices of compiled networks.
#include <doctest/doctest.h>

#include <Eigen/Eigenvalues>
#include <cmath>
#include <numbers>

#include "ntkc/analysis.hpp"
#include "ntkc/compiler.hpp"
#include "ntkc/eigen.hpp"
#include "tests/analysis/networks.hpp"

namespace ntkc::tests {
namespace {

constexpr int inputs = 8;

CompileOptions with(const std::string& w, const std::string& b) {
  CompileOptions options;
  options.definitions = {{"w", w}, {"b", b}};
  return options;
}

double condition_at(const std::string& activation, int depth, const CompileOptions& options,
                    KernelKind kind) {
  const KernelFunctions kernel = compile(deep_network(activation, depth), options);
  const RowMatrix x = 4 * RowMatrix::Identity(inputs, 16);  // |x|² = 16 = d
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(gram(kernel, kind, x));
  return solver.eigenvalues()(inputs - 1) / solver.eigenvalues()(0);
}

TEST_CASE("the condition number passes 1/ε of f32 at the depth that is said") {
  struct Case {
    const char* activation;
    const char* w;
    const char* b;
  };
  for (const Case& network :
       {Case{"erf", "1", "0.3"}, Case{"relu", "1.2", "0.1"}, Case{"erf", "1.1", "0.4"}}) {
    CAPTURE(network.activation);
    const CompileOptions options = with(network.w, network.b);
    const Recursion recursion(deep_network(network.activation), options);
    const Conditioning conditioning = find_conditioning(recursion, inputs);
    const double limit = conditioning.f32.limit;
    CHECK(limit == 8388608);
    REQUIRE(conditioning.f32.sigma.has_value());
    const int sigma = static_cast<int>(*conditioning.f32.sigma);
    CHECK(condition_at(network.activation, sigma - 1, options, KernelKind::sigma) <= limit);
    CHECK(condition_at(network.activation, sigma, options, KernelKind::sigma) > limit);
    REQUIRE(conditioning.f32.theta.has_value());
    const int theta = static_cast<int>(*conditioning.f32.theta);
    CHECK(condition_at(network.activation, theta - 1, options, KernelKind::theta) <= limit);
    CHECK(condition_at(network.activation, theta, options, KernelKind::theta) > limit);
    // In the ordered phase 1 - u falls by χ₁ per iteration: from one limit to the other in a known time.
    const double xi = *find_fixed_point(recursion).correlation_depth;
    REQUIRE(conditioning.f64.sigma.has_value());
    const double between = xi * std::log(conditioning.f64.limit / limit);
    CHECK(std::abs(static_cast<double>(*conditioning.f64.sigma - sigma) - between) <= 1.5);
  }
}

TEST_CASE("critical ReLU: Σ follows the power law, Θ stays well conditioned") {
  const CompileOptions options = with("sqrt(2)", "0");
  const Recursion recursion(deep_network("relu"), options);
  const Conditioning conditioning = find_conditioning(recursion, inputs);
  REQUIRE(conditioning.f32.sigma.has_value());
  // Condition number n/(1 - u), 1 - u = 9π²/(2L²), up to terms of relative order log(L)/L.
  const double depth = std::sqrt(conditioning.f32.limit * 4.5 / inputs) * std::numbers::pi;
  CHECK(static_cast<double>(*conditioning.f32.sigma) == doctest::Approx(depth).epsilon(0.02));
  CHECK_FALSE(conditioning.f64.theta.has_value());
}

TEST_CASE("the chaotic phase never becomes singular") {
  const Recursion recursion(deep_network("erf"), with("2", "0.3"));
  const Conditioning conditioning = find_conditioning(recursion);
  CHECK(conditioning.settled);
  CHECK_FALSE(conditioning.f32.sigma.has_value());
  CHECK_FALSE(conditioning.f32.theta.has_value());
}

TEST_CASE("1 - u by depth is that of the network") {
  const CompileOptions options = with("1.5", "0.2");
  const Recursion recursion(deep_network("erf"), options);
  const std::vector<double> distances = follow_correlation(recursion, 0.25, 4);
  REQUIRE(distances.size() == 5);
  const KernelFunctions kernel = compile(deep_network("erf", 4), options);
  RowMatrix x = RowMatrix::Zero(2, 16);
  x(0, 0) = 4;
  x(1, 0) = 1;
  x(1, 1) = std::sqrt(15);
  const RowMatrix k = gram(kernel, KernelKind::sigma, x);
  CHECK(distances[4] == doctest::Approx(1 - k(0, 1) / k(0, 0)).epsilon(1e-12));
}

}  // namespace
}  // namespace ntkc::tests
