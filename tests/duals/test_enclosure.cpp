// Bounds on functions between the nodes of quadrature, and what they find there.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include "compiler/duals/numeric_function.hpp"
#include "compiler/elementary/enclosure.hpp"
#include "compiler/hermite/expansion.hpp"
#include "tests/support/networks.hpp"

using namespace ntkc;
using duals::NumericFunction;
using Complex = std::complex<double>;

namespace {

NumericFunction function(const std::string& text) {
  kernel_ir::Program program;
  const kernel_ir::NodeId phi = test::define(program, text);
  return {program, phi};
}

struct Analytic {
  std::string text;
  Complex (*value)(Complex);
};

const std::vector<Analytic> analytic = {
    {"tanh(z)", [](Complex z) { return std::tanh(z); }},
    {"1/(1 + exp(0 - z))", [](Complex z) { return 1.0 / (1.0 + std::exp(-z)); }},
    {"z*cos(3*z)/(2 + sin(z))", [](Complex z) { return z * std::cos(3.0 * z) / (2.0 + std::sin(z)); }},
    {"exp(0 - z^2) + z^3", [](Complex z) { return std::exp(-z * z) + z * z * z; }},
    {"sqrt(1 + z^2)", [](Complex z) { return std::sqrt(1.0 + z * z); }},
    {"log(3 + z)*(5 + z)^1.5", [](Complex z) { return std::log(3.0 + z) * std::pow(5.0 + z, 1.5); }},
    {"max(z, 0 - 2)*abs(z + 1)", [](Complex z) { return z * (z + 1.0); }}};

}  // namespace

TEST_CASE("what is said of a function in an ellipse bounds it there") {
  std::mt19937 random(3);
  const auto uniform = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  for (const Analytic& f : analytic) {
    CAPTURE(f.text);
    const elementary::Enclosure enclosure(function(f.text));
    int known = 0;
    for (int i = 0; i < 60; ++i) {
      const double low = uniform(-0.9, 2);
      const double high = low + std::pow(10, uniform(-3, 0.3));
      const double rho = uniform(1.2, 4);
      const double bound = enclosure.largest(low, high, rho);
      if (!std::isfinite(bound)) continue;
      ++known;
      for (int k = 0; k < 64; ++k) {
        const double angle = 2 * std::numbers::pi * k / 64;
        const Complex w = std::polar(rho, angle);
        const Complex z = (low + high) / 2 + (high - low) / 2 * (w + 1.0 / w) / 2.0;
        CHECK(std::abs(f.value(z)) <= bound * (1 + 1e-12));
      }
    }
    CHECK(known > 20);
  }
}

TEST_CASE("what is said of a function on a panel bounds it there, breaks included") {
  std::mt19937 random(4);
  for (const char* text :
       {"select_less(z, 0.3, tanh(z), 2)", "min(max(z, 0), 6)", "erf(z - 0.5)*sign(z)", "abs(z)^1.5",
        "1/(1 + abs(z))", "log(1 + exp(z))", "z*tanh(log(1 + exp(z)))", "sin(50*z)*exp(0 - abs(z))"}) {
    CAPTURE(text);
    const NumericFunction f = function(text);
    const elementary::Enclosure enclosure(f);
    for (int i = 0; i < 50; ++i) {
      const double low = std::uniform_real_distribution<double>(-3, 3)(random);
      const double high = low + std::pow(10, std::uniform_real_distribution<double>(-4, 0.5)(random));
      const double bound = enclosure.largest(low, high, 1);
      for (int k = 0; k <= 100; ++k) CHECK(std::fabs(f(low + (high - low) * k / 100)) <= bound);
    }
  }
  const elementary::Enclosure jump(function("select_less(z, 0.3, tanh(z), 2)"));
  CHECK(std::isinf(jump.largest(0, 1, 2)));
  CHECK(std::isfinite(jump.largest(0.3, 1, 2)));
  CHECK(std::isfinite(jump.largest(0, 0.3, 2)));
}

TEST_CASE("sigmoids far out need no small panels") {
  for (const char* text : {"tanh(z)", "1/(1 + exp(0 - z))", "log(1 + exp(z))", "z*tanh(log(1 + exp(z)))"}) {
    CAPTURE(text);
    const elementary::Enclosure enclosure(function(text));
    for (const double z : {-64.0, 32.0}) CHECK(enclosure.largest(z, z + 32, 2.4) < 200);
  }
}

namespace {

hermite::Plan plan(const NumericFunction& f, double sigma) {
  const elementary::Enclosure enclosure(f);
  return hermite::plan(f, {.sigmas = {sigma, sigma / 2}, .bound = [&](double low, double high, double rho) {
                             return enclosure.largest(low, high, rho);
                           }});
}

/// E[f(σt)g(σt)] by Gauss-Legendre on panels that shrink towards a place.
template <typename F, typename G>
double mean_product(const F& f, const G& g, double sigma, double place) {
  std::vector<double> edges = {place};
  for (double step = 1e-7; step < 30 * sigma; step *= 1.3) {
    edges.push_back(place + step);
    edges.push_back(place - step);
  }
  std::ranges::sort(edges);
  const hermite::Quadrature unit = hermite::unit_legendre(20);
  double sum = 0;
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
    const double width = edges[i + 1] - edges[i];
    for (std::size_t k = 0; k < unit.nodes.size(); ++k) {
      const double z = edges[i] + width * unit.nodes[k];
      sum += width * unit.weights[k] * f(z) * g(z) * std::exp(-z * z / (2 * sigma * sigma));
    }
  }
  return sum / (sigma * std::sqrt(2 * std::numbers::pi));
}

}  // namespace

TEST_CASE("a feature that falls between all nodes is seen") {
  const NumericFunction narrow = function("tanh(z) + 1 - tanh(50000*(z - 0.3))^2");
  for (const double sigma : {0.7, 31.0}) {
    CAPTURE(sigma);
    const hermite::Plan found = plan(narrow, sigma);
    const double square = mean_product(narrow, narrow, sigma, 0.3);
    CHECK(hermite::mean_square(narrow, sigma, found.mean) == doctest::Approx(square).epsilon(1e-12));
    double kept = 0;
    for (const double a : hermite::coefficients(narrow, sigma, found.terms)) kept += a * a;
    CHECK(found.remainder >= std::fabs(square - kept) / square);
    CHECK(found.remainder < 1e-2);
  }
}

TEST_CASE("a feature that leaves f² as it is is seen in the coefficients") {
  // A bump of width 1e-5 that goes to -1 and back: f² is 1 but for its flanks.
  const NumericFunction bump = function("tanh(1e6*(z - 0.3))*tanh(1e6*(z - 0.3001))");
  const double sigma = 0.7;
  const hermite::Plan found = plan(bump, sigma);
  const double mean = mean_product(bump, [](double) { return 1.0; }, sigma, 0.3);
  const std::vector<double> a = hermite::coefficients(bump, sigma, found.terms);
  CHECK(found.remainder >= std::fabs(a[0] - mean));
}

TEST_CASE("what is smooth is exact over a wide range of sizes") {
  for (const char* text : {"tanh(z)", "log(1 + exp(z))", "z/(1 + exp(0 - z))", "z*tanh(log(1 + exp(z)))",
                           "1/(1 + z^2)", "erf(z)*exp(0 - z^2)"}) {
    CAPTURE(text);
    const NumericFunction f = function(text);
    for (const double low : {0.5, 1e-3, 1e-6, 1e-8}) {
      const elementary::Enclosure enclosure(f);
      const hermite::Plan found = hermite::plan(
          f, {.sigmas = {1, std::sqrt(low), low},
              .bound = [&](double a, double b, double rho) { return enclosure.largest(a, b, rho); }});
      CAPTURE(low);
      CHECK(found.unseen == 0);
      CHECK(found.remainder <= 1e-12);
    }
  }
}
