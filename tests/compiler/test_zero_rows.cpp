// Where an input is zero its variance is 0 up to the first bias: the kernel is φ(0) E[φ(v)], and exactly 0 if
// φ(0) = 0, however φ is written and whatever is before it.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "ntkc/compiler.hpp"
#include "ntkc/gram.hpp"

using namespace ntkc;

namespace {

/// φ behind every layer that combines values.
std::string network(const std::string& phi) {
  return fmt::format(
      "activation f(z) = {}\n"
      "network n\n"
      "input x : vector(3)\n"
      "h = x |> dense\n"
      "s = h + 0.5 * (h |> relu |> dense)\n"
      "c = concat(h |> relu, s |> abs) |> dense\n"
      "p = (h |> relu) * (h |> dense |> erf) |> dense\n"
      "r = h\n"
      "repeat 3 {{ r = r + 0.5 * (r |> f |> dense) }}\n"
      "output concat(h |> f, s |> f, c |> f, p |> f, r |> f) |> dense\n",
      phi);
}

const double inputs[] = {1, 0.5, -0.3, 0, 0, 0, 2, -1, 0.7, 0, 0, 0};

template <typename T>
BasicMatrix<T> gram_of(const std::string& text, KernelKind kind) {
  CompileOptions options;
  options.precision = sizeof(T) == sizeof(double) ? Precision::f64 : Precision::f32;
  options.sigma = kind == KernelKind::sigma;
  options.theta = kind == KernelKind::theta;
  BasicMatrix<T> k(4, 4);
  gram<T>(compile(text, options), kind, {inputs, 4, 3}, k.view());
  return k;
}

template <typename T>
void check_zero(const std::string& phi, KernelKind kind) {
  CAPTURE(phi);
  const BasicMatrix<T> k = gram_of<T>(network(phi), kind);
  for (const std::ptrdiff_t zero : {1, 3}) {
    for (std::ptrdiff_t j = 0; j < 4; ++j) {
      CHECK(k(zero, j) == 0);
      CHECK(k(j, zero) == 0);
    }
  }
  CHECK(k(0, 0) > 0);
}

}  // namespace

TEST_CASE("a zero row has a kernel of exactly 0 behind every layer, if the activation vanishes at 0") {
  for (const char* phi : {"where(z < 0, exp(z) - 1, z)", "1 - exp(-abs(z))", "max(min(z, 1), -1)",
                          "where(z > 0, z, exp(z) - 1) + 0.1*relu(z - 1)", "sign(z)", "z*cos(z)"})
    check_zero<double>(phi, KernelKind::sigma);
  for (const char* phi : {"where(z < 0, exp(z) - 1, z)", "1 - exp(-abs(z))"})
    check_zero<float>(phi, KernelKind::sigma);
  for (const char* phi : {"where(z < 0, exp(z) - 1, z)", "tanh(z)"})
    check_zero<double>(phi, KernelKind::theta);
}

TEST_CASE("a zero row has the kernel φ(0) E[φ(v)] otherwise") {
  struct Case {
    const char* phi;
    double (*function)(double);
  };
  const Case cases[] = {{"exp(-abs(z))", [](double z) { return std::exp(-std::abs(z)); }},
                        {"where(z > 1, 1, 0.25)", [](double z) { return z > 1 ? 1 : 0.25; }},
                        {"max(z - 1, -2)", [](double z) { return std::max(z - 1, -2.0); }},
                        {"cos(z)", [](double z) { return std::cos(z); }}};
  for (const auto& [phi, function] : cases) {
    const double at_zero = function(0);
    CAPTURE(phi);
    const Matrix k =
        gram_of<double>(fmt::format("activation f(z) = {}\nnetwork n\ninput x : vector(3)\nh = x |> dense\n"
                                    "output (h + 0.5 * (h |> relu |> dense)) |> f\n",
                                    phi),
                        KernelKind::sigma);
    CHECK(k(1, 1) == doctest::Approx(at_zero * at_zero).epsilon(1e-14));
    CHECK(k(1, 3) == k(1, 1));
    // E[φ(v)] of v ~ N(0, q), by the trapezoidal rule.
    const double q = (1 + 0.25 + 0.09) / 3 * (1 + 0.25 / 2);
    double mean = 0;
    constexpr int steps = 50000;
    for (int i = 0; i <= steps; ++i) {
      const double t = -12 + 24.0 * i / steps;
      const double value = function(std::sqrt(q) * t);
      mean += value * std::exp(-t * t / 2) * 24.0 / steps / std::sqrt(2 * std::acos(-1.0));
    }
    CHECK(k(0, 1) == doctest::Approx(at_zero * mean).epsilon(2e-4));
  }
}
