// The maps against machine code and quadrature.
#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "compiler/analysis/maps.hpp"
#include "ntkc/analysis.hpp"
#include "ntkc/compiler.hpp"
#include "ntkc/eigen.hpp"
#include "tests/analysis/networks.hpp"

namespace ntkc::tests {
namespace {

using doctest::Approx;

CompileOptions with(const std::string& w, const std::string& b) {
  CompileOptions options;
  options.definitions = {{"w", w}, {"b", b}};
  options.on_warning = [](const RenderedDiagnostic&) {};
  return options;
}

TEST_CASE("iterated maps are the kernels of the compiled network, for every kind of activation") {
  constexpr int depth = 4;
  // Whose dual takes Dawson's integral.
  const std::string kinked_wave = "activation kinked_wave(z) = relu(z)^2 + sin(3 * z)\n";
  for (const char* activation : {"identity",
                                 "relu",
                                 "leaky_relu(0.2)",
                                 "abs",
                                 "step",
                                 "monomial(2)",
                                 "rectified_monomial(2)",
                                 "erf",
                                 "gelu",
                                 "exp(0.2)",
                                 "gaussian",
                                 "gabor",
                                 "sin",
                                 "cos",
                                 "rbf",
                                 "tanh",
                                 "sigmoid",
                                 "softplus",
                                 "swish",
                                 "mish",
                                 "elu",
                                 "selu",
                                 "hard_tanh",
                                 "kinked_wave"}) {
    CAPTURE(activation);
    const CompileOptions options = with("0.9", "0.2");
    const auto network = [&](int iterations) {
      std::string text = deep_network(activation, iterations);
      if (text.find("kinked_wave") != std::string::npos) text.insert(text.find("input"), kinked_wave);
      return text;
    };
    const Recursion recursion(network(5), options);
    const KernelFunctions kernel = compile(network(depth), options);
    for (const double start : {-0.5, 0.25, 1 - 1e-9}) {
      analysis::StateWithTheta at = recursion.maps().enter(1 - start);
      for (int i = 0; i < depth; ++i) at = recursion.maps().iterate(at);
      RowMatrix x = RowMatrix::Zero(2, 16);
      x(0, 0) = 4;
      x(1, 0) = 4 * start;
      x(1, 1) = 4 * std::sqrt((1 - start) * (1 + start));
      const RowMatrix sigma = gram(kernel, KernelKind::sigma, x);
      const RowMatrix theta = gram(kernel, KernelKind::theta, x);
      CHECK(std::abs(at.state.c()[0] - sigma(0, 1)) <= 1e-11 * sigma(0, 0));
      CHECK(at.state.q[0] == Approx(sigma(0, 0)).epsilon(1e-11));
      CHECK(std::abs(at.theta[0] - theta(0, 1)) <= 1e-10 * theta(0, 0));
    }
  }
}

/// E[f(√q t)²] by the trapezoidal rule, which converges exponentially.
template <typename Function>
double mean_square(const Function& f, double q) {
  double sum = 0;
  constexpr double step = 1e-3;
  for (double t = -12; t <= 12; t += step) {
    const double value = f(std::sqrt(q) * t);
    sum += std::exp(-t * t / 2) * value * value;
  }
  return sum * step / std::sqrt(2 * std::numbers::pi);
}

TEST_CASE("expansions serve the fixed point wherever it is") {
  // For inputs with |x|²/d up to 4 they would be good to four digits at q = 31.
  const double w = 6;
  double q = 30;
  for (int i = 0; i < 100; ++i) q = w * w * mean_square([](double z) { return std::tanh(z); }, q) + 0.09;
  const FixedPoint point = find_fixed_point(Recursion(deep_network("tanh"), with("6", "0.3")));
  CHECK(*point.values[0].q == Approx(q).epsilon(1e-10));
  const auto slope = [](double z) { return 1 / (std::cosh(z) * std::cosh(z)); };
  CHECK(point.chi_1 == Approx(w * w * mean_square(slope, q)).epsilon(1e-9));
  CHECK(point.remainder < 1e-9);
  const FixedPoint far = find_fixed_point(Recursion(deep_network("tanh"), with("25", "0.3")));
  CHECK(far.chi_1 == Approx(625 * mean_square(slope, *far.values[0].q)).epsilon(1e-9));
  CHECK(far.remainder < 1e-9);
  // Where they fall short it is said.
  const std::string wave = "activation f(z) = sin(4*z)*tanh(z)\n" + deep_network("f");
  const FixedPoint wavy = find_fixed_point(Recursion(wave, with("60", "0.3")));
  const auto slope_of_wave = [](double z) {
    return 4 * std::cos(4 * z) * std::tanh(z) + std::sin(4 * z) / (std::cosh(z) * std::cosh(z));
  };
  const double error = std::abs(wavy.chi_1 / (3600 * mean_square(slope_of_wave, *wavy.values[0].q)) - 1);
  MESSAGE("off by " << error << ", stated " << wavy.remainder);
  CHECK(error > 1e-6);
  CHECK(wavy.remainder > error);
}

TEST_CASE("activations that tend to ReLU have its limits") {
  for (const char* activation : {"relu", "gelu", "softplus", "swish", "mish", "elu"}) {
    CAPTURE(activation);
    const FixedPoint point = find_fixed_point(Recursion(deep_network(activation), with("1.6", "0.2")));
    CHECK(point.phase == Phase::unbounded);
    CHECK(point.growth == Approx(1.28).epsilon(1e-4));
    CHECK(point.chi_1 == Approx(1.28).epsilon(1e-6));
    CHECK(point.values[0].u == 1.0);
    REQUIRE(point.power_law.has_value());
    CHECK(point.power_law->exponent == Approx(2).epsilon(1e-3));
  }
}

TEST_CASE("powers make q shrink and grow faster than by any factor") {
  const FixedPoint grows = find_fixed_point(Recursion(deep_network("monomial(2)"), with("1.5", "0.3")));
  CHECK(grows.phase == Phase::unbounded);
  CHECK(std::isinf(grows.growth));
  // E[u²v²] = q² (1 + 2u²): u' = (1 + 2u²)/3 has the fixed points 1/2 and 1.
  CHECK(*grows.values[0].u == Approx(0.5).epsilon(1e-9));
  CHECK(*grows.correlation_depth == Approx(-1 / std::log(2.0 / 3)).epsilon(1e-9));
  const FixedPoint shrinks = find_fixed_point(Recursion(deep_network("monomial(3)"), with("0.2", "0")));
  CHECK(shrinks.values[0].q == 0.0);
  CHECK(shrinks.growth == 0);
  // E[u³v³] = q³ (9u + 6u³): u' = (3u + 2u³)/5 has the slope 3/5 at its fixed point 0.
  CHECK(*shrinks.values[0].u == Approx(0));
  CHECK(*shrinks.correlation_depth == Approx(-1 / std::log(0.6)).epsilon(1e-6));
}

}  // namespace
}  // namespace ntkc::tests
