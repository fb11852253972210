// Kernels that were once wrong and said to be exact, or refused, with values found otherwise.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "ntkc/compiler.hpp"
#include "ntkc/expansion_remainder.hpp"
#include "ntkc/gram.hpp"
#include "tests/support/pair_moment.hpp"

using namespace ntkc;

namespace {

struct Computed {
  Matrix k;
  double stated = 0;  ///< the most that a row's table says
};

Computed compute(const std::string& text, KernelKind kind, const std::vector<double>& inputs,
                 double tolerance = 1e-12) {
  const MatrixView<const double> x = {inputs.data(), static_cast<std::ptrdiff_t>(inputs.size()) / 3, 3};
  CompileOptions options;
  options.sigma = kind == KernelKind::sigma;
  options.theta = kind == KernelKind::theta;
  options.tolerance = tolerance;
  options.largest_input = std::max(4.0, largest_input(x, "x"));
  const KernelFunctions kernel = compile(text, options);
  Computed result = {Matrix(x.rows, x.rows), expansion_remainder(kernel, x)};
  gram<double>(kernel, kind, x, result.k.view());
  return result;
}

std::string network(const std::string& phi, const std::string& layers = "x |> dense |> f |> dense") {
  return fmt::format("activation f(z) = {}\nnetwork n\ninput x : vector(3)\noutput {}\n", phi, layers);
}

/// x with |x|²/3 = q.
std::vector<double> input_of(double q) { return {std::sqrt(3 * q), 0, 0}; }

}  // namespace

TEST_CASE("bounded functions made of unbounded pieces are right at large inputs") {
  // Σ(x, x) = 1 - ∫ (1 - z²) p(z) over [-1, 1] = 1 - 4/(3 σ √(2π)) + O(σ⁻³), Σ(x, y) = (2/π) asin ρ + O(σ⁻²).
  const std::vector<double> inputs = {1e8, 0, 0, 3e7, 4e7, 0};
  const Computed found = compute(network("max(min(z, 1), -1)"), KernelKind::sigma, inputs);
  CHECK(found.stated < 1e-13);
  const auto variance = [](double size) {
    return 1 - 4 / (3 * size / std::sqrt(3) * std::sqrt(2 * std::numbers::pi));
  };
  CHECK(std::fabs(found.k(0, 0) - variance(1e8)) < 1e-13);
  CHECK(std::fabs(found.k(1, 1) - variance(5e7)) < 1e-13);
  CHECK(std::fabs(found.k(0, 1) - 2 / std::numbers::pi * std::asin(0.6)) < 1e-13);
}

TEST_CASE("small inputs beside large ones are right whatever accuracy is asked for") {
  // With 1e-8 the expansions are short, and E[f²] by a rule that was made for the large inputs: it had an error of 2e-3
  // at q = 0, where one interval of it takes the whole reach.
  const std::vector<std::pair<std::string, double (*)(double)>> functions = {
      {"1/(1 + exp(-z))", [](double z) { return 1 / (1 + std::exp(-z)); }},
      {"tanh(z) + 0.5", [](double z) { return std::tanh(z) + 0.5; }},
      {"log(1 + exp(z))", [](double z) { return std::max(z, 0.0) + std::log1p(std::exp(-std::fabs(z))); }}};
  const std::vector<double> variances = {0, 1e-300, 1e-12, 1e-6, 1e-4, 1e-3, 0.01, 0.1, 60};
  std::vector<double> inputs;
  for (const double q : variances) {
    const std::vector<double> row = input_of(q);
    inputs.insert(inputs.end(), row.begin(), row.end());
  }
  double worst = 0;
  for (const auto& [text, f] : functions) {
    for (const double tolerance : {1e-12, 1e-8}) {
      const Computed found = compute(network(text), KernelKind::sigma, inputs, tolerance);
      for (std::size_t i = 0; i < variances.size(); ++i) {
        long double exact = 0;
        for (int k = -9 * 64; k <= 9 * 64; ++k) {
          const double t = k / 64.0;
          const double value = f(std::sqrt(variances[i]) * t);
          exact += value * value * std::exp(-t * t / 2) / 64 / std::sqrt(2 * std::numbers::pi);
        }
        const auto at = static_cast<std::ptrdiff_t>(i);
        const double error = std::fabs(found.k(at, at) / static_cast<double>(exact) - 1);
        INFO(text << ", q = " << variances[i] << ", tolerance " << tolerance << ": off by " << error);
        CHECK(error <= std::max(2 * tolerance, 1e-13));
        if (tolerance < 1e-10) worst = std::max(worst, error);
      }
    }
  }
  MESSAGE("largest error with 1e-12: " << worst);
}

TEST_CASE("narrow bumps are seen, wherever they are") {
  // e^(-(k(z - c))²) has a closed form with the factor e^(-k²c²), which was 0 in any arithmetic: the bump was not there.
  struct Case {
    std::string phi;
    double q;
    double k;  ///< g(z) = height e^(-(k(z - c))²), and the rest: smooth at its width
    double c;
    double (*rest)(double z);
    double (*rest_slope)(double z);
    double height;
  };
  const auto zero = [](double) { return 0.0; };
  const Case cases[] = {
      {"sin(3.6*z) + 0.2*exp(-(32629*(z + 2.3))^2)", 1.51, 32629, -2.3,
       [](double z) { return std::sin(3.6 * z); }, [](double z) { return 3.6 * std::cos(3.6 * z); }, 0.2},
      {"exp(-(36717*(z - 0.1))^2)*tanh(8690*(z - 1.5))", 22.1, 36717, 0.1, zero, zero, -1},
      {"cos(z) + exp(-(100*(z - 1))^2)", 1, 100, 1, [](double z) { return std::cos(z); },
       [](double z) { return -std::sin(z); }, 1}};
  for (const Case& each : cases) {
    INFO(each.phi);
    const auto density = [&](double z) {
      return std::exp(-z * z / (2 * each.q)) / std::sqrt(2 * std::numbers::pi * each.q);
    };
    double square = 0;
    double slope_square = 0;
    for (int i = -6000; i <= 6000; ++i) {  // of the rest
      const double step = 10 * std::sqrt(each.q) / 6000;
      const double z = i * step;
      square += step * density(z) * each.rest(z) * each.rest(z);
      slope_square += step * density(z) * each.rest_slope(z) * each.rest_slope(z);
    }
    for (int i = -1600; i <= 1600; ++i) {  // of the bump, and of both
      const double v = i / 200.0;
      const double z = each.c + v / each.k;
      const double g = each.height * std::exp(-v * v);
      const double g_slope = -2 * v * each.k * g;
      const double step = 1 / (200 * each.k);
      square += step * density(z) * g * (2 * each.rest(z) + g);
      slope_square += step * density(z) * g_slope * (2 * each.rest_slope(z) + g_slope);
    }
    const auto check = [&](KernelKind kind, double expected) {
      try {
        const Computed found = compute(network(each.phi), kind, input_of(each.q));
        const double error = std::fabs(found.k(0, 0) / expected - 1);
        CHECK_MESSAGE(error <= found.stated + 1e-10,
                      found.k(0, 0) << " for " << expected << ", stated " << found.stated);
      } catch (const NumericalError& error) {
        MESSAGE("refused: " << std::string(error.what()));
        CHECK(std::string(error.what()).find("may be off by") != std::string::npos);
      }
    };
    check(KernelKind::sigma, square);
    check(KernelKind::theta, square + each.q * slope_square);
  }
}

TEST_CASE("one-sided exponentials are right where their exponents are beyond what a double resolves") {
  // E[e^(-2|z|)] = √(2/π)/(2σ) (1 - 1/(4σ²) …)
  const double q = 1e13;
  const Computed found = compute(network("exp(-abs(z))"), KernelKind::sigma, input_of(q));
  const double expected = 1 / std::sqrt(2 * std::numbers::pi * q);
  CHECK(std::fabs(found.k(0, 0) / expected - 1) <= found.stated + 1e-13);
  CHECK(found.stated < 1e-10);
}

TEST_CASE("elu of inputs of size 10,000 does not overflow") {
  const Computed found = compute(network("where(z < 0, exp(z) - 1, z)"), KernelKind::sigma, {1e4, 0, 0});
  // q/2 + E[(e^z - 1)²; z < 0], which is ½ - 2 c + c', c = E[e^z; z < 0] = (1 - 1/q)/√(2πq), c' half of that.
  const double q = 1e8 / 3;
  const double c = 1 / std::sqrt(2 * std::numbers::pi * q);
  const double expected = q / 2 + 0.5 - 1.5 * c;
  CHECK(found.stated < 1e-11);
  CHECK(std::fabs(found.k(0, 0) / expected - 1) <= found.stated);
}

TEST_CASE("functions whose value at 0 is a difference keep their digits at small inputs") {
  // E[elu(z)²] = q - √(2/π) q^(3/2) + 7/8 q² - …, E[(1 - e^(-|z|))²] = q - 2 √(2/π) q^(3/2) + 7/4 q² - …
  struct Case {
    const char* phi;
    double third;
    double fourth;
  };
  const double root = std::sqrt(2 / std::numbers::pi);
  for (const auto& [phi, third, fourth] :
       {Case{"where(z < 0, exp(z) - 1, z)", root, 7.0 / 8}, {"1 - exp(-abs(z))", 2 * root, 7.0 / 4}}) {
    CAPTURE(phi);
    for (const double q : {1e-8, 1e-12, 1e-18, 1e-22}) {
      CAPTURE(q);
      const double size = std::sqrt(3 * q);
      const Computed found =
          compute(network(phi), KernelKind::sigma, {size, 0, 0, 0.6 * size, 0.8 * size, 0});
      const double expected = q * (1 - third * std::sqrt(q) + fourth * q);
      CHECK(std::fabs(found.k(0, 0) / expected - 1) < 1e-11);
      // Nearly linear, or |z|: E[|u||v|] = (2/π) q (√(1 - ρ²) + ρ asin ρ).
      const double pair = third < 1 ? 0.6 : 2 / std::numbers::pi * (0.8 + 0.6 * std::asin(0.6));
      CHECK(std::fabs(found.k(0, 1) / (q * pair) - 1) < 4 * std::sqrt(q) + 1e-13);
      CHECK(found.stated < 1e-3);
    }
  }
}

TEST_CASE("thresholds of tiny size are those at 0") {
  for (const char* phi : {"relu(z - 1e-200)", "relu(z - 1e-22)"}) {
    const Computed found = compute(network(phi), KernelKind::sigma, {1, 2, 2});
    CHECK(found.k(0, 0) == doctest::Approx(1.5).epsilon(1e-14));
  }
}

TEST_CASE("functions with features beside √q are as good as stated, or refused") {
  struct Case {
    const char* text;
    double (*value)(double);
    double q;
    std::vector<double> places;
  };
  const Case cases[] = {
      {"max(1/(1 + exp(-z)), 0.1)",
       [](double z) { return std::max(1 / (1 + std::exp(-z)), 0.1); },
       200,
       {-std::log(9.0)}},
      {"tanh(exp(-abs(z^2)))", [](double z) { return std::tanh(std::exp(-z * z)); }, 225, {}},
      {"erf(sin(log(1 + z^2)))", [](double z) { return std::erf(std::sin(std::log1p(z * z))); }, 225, {}},
      {"log(1 + abs(log(1 + z^2))^2)",
       [](double z) { return std::log1p(std::pow(std::log1p(z * z), 2)); },
       225,
       {}},
      {"tanh(z) + 1 - tanh(5000*(z - 0.3))^2",
       [](double z) { return std::tanh(z) + 1 - std::pow(std::tanh(5000 * (z - 0.3)), 2); },
       1,
       {0.3}}};
  for (const auto& [text, value, q, places] : cases) {
    CAPTURE(text);
    std::vector<double> all = places;
    for (const double place : places) {  // PairMoment refines to 1/64
      for (double step = 1e-6; step < 0.1; step *= 1.5) {
        all.push_back(place + step);
        all.push_back(place - step);
      }
    }
    const test::PairMoment moment(all);
    const double expected = moment.mean([&f = value](double z) { return f(z) * f(z); }, 0, std::sqrt(q));
    try {
      const Computed found = compute(network(text), KernelKind::sigma, input_of(q));
      CHECK(std::fabs(found.k(0, 0) / expected - 1) <= found.stated + 1e-11);
    } catch (const NumericalError& error) {
      CHECK(std::string(error.what()).find("may be off by") != std::string::npos);
    }
  }
}

TEST_CASE("equal inputs have the kernel of the diagonal behind jumps, to the last bit") {
  struct Case {
    const char* phi;
    const char* next;
  };
  for (const auto& [phi, next] : {Case{"where(z > 0.5, z, 0)", "abs"},
                                  {"where(z > 0.5, z, 0)", "hard_tanh"},
                                  {"where(abs(z) > 0.5, z, 0)", "relu"},
                                  {"where(z > 1, 1, 0.25)", "step"},
                                  {"where(z > 1, 1, 0.25)", "selu"}}) {
    CAPTURE(phi);
    CAPTURE(next);
    for (const KernelKind kind : {KernelKind::sigma, KernelKind::theta}) {
      const Matrix k = compute(network(phi, fmt::format("x |> dense |> f |> dense |> {} |> dense", next)),
                               kind, {1, 0.5, -0.3, 1, 0.5, -0.3, 0.2, 1, 2})
                           .k;
      CHECK(k(0, 1) == k(0, 0));
      CHECK(k(1, 1) == k(0, 0));
    }
  }
}
