// Closed forms whose terms are larger than their sum, on inputs of all sizes that people have: right, or
// refused with a figure; in f32 too, where pairs are then evaluated in f64.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "ntkc/compiler.hpp"
#include "ntkc/expansion_remainder.hpp"
#include "ntkc/gram.hpp"

using namespace ntkc;
using doctest::Approx;

namespace {

KernelFunctions compiled(const std::string& phi, Precision precision, KernelKind kind) {
  CompileOptions options;
  options.precision = precision;
  options.sigma = kind == KernelKind::sigma;
  options.theta = kind == KernelKind::theta;
  return compile(
      fmt::format("activation f(z) = {}\nnetwork n\ninput x : vector(1)\noutput x |> dense |> f |> dense\n",
                  phi),
      options);
}

/// Rows of one number.
template <typename T>
BasicMatrix<T> gram_at(const KernelFunctions& kernel, KernelKind kind, const std::vector<double>& x) {
  const auto n = static_cast<std::ptrdiff_t>(x.size());
  BasicMatrix<T> k(n, n);
  gram<T>(kernel, kind, {x.data(), n, 1}, k.view());
  return k;
}

/// E[f(u)] of u ~ N(0, q), by the midpoint rule after u = sinh s, on both sides of u = 1, where f may jump.
template <typename Function>
double mean(double q, Function f) {
  const double end = std::asinh(13 * std::sqrt(q));
  const double jump = std::min(std::asinh(1.0), end);
  constexpr int steps = 50000;
  double sum = 0;
  const auto add = [&](double low, double high) {
    for (int i = 0; i < steps; ++i) {
      const double s = low + (high - low) * (i + 0.5) / steps;
      const double u = std::sinh(s);
      sum += (high - low) / steps * f(u) * std::exp(-u * u / (2 * q)) * std::cosh(s);
    }
  };
  add(-end, jump);
  add(jump, end);
  return sum / std::sqrt(2 * std::acos(-1.0) * q);
}

struct Case {
  const char* phi;
  double (*function)(double);
};
const Case cases[] = {
    {"max(min(z, 1), -1)", [](double z) { return std::clamp(z, -1.0, 1.0); }},
    {"min(max(z, 0), 6)", [](double z) { return std::clamp(z, 0.0, 6.0); }},
    {"where(z < 0, exp(z) - 1, z)", [](double z) { return z < 0 ? std::expm1(z) : z; }},
    {"exp(-abs(z))", [](double z) { return std::exp(-std::abs(z)); }},
    {"where(z > 1, exp(-z), 0.3)", [](double z) { return z > 1 ? std::exp(-z) : 0.3; }},
    {"relu(z - 1e-200)", [](double z) { return std::max(z, 0.0); }},
    {"abs(z + 1e-22)", [](double z) { return std::abs(z); }},
};

}  // namespace

TEST_CASE("variances are right for inputs of all sizes in both precisions, or refused") {
  for (const auto& [phi, function] : cases) {
    CAPTURE(phi);
    const KernelFunctions single = compiled(phi, Precision::f32, KernelKind::sigma);
    const KernelFunctions kernel = compiled(phi, Precision::f64, KernelKind::sigma);
    int refused = 0;
    for (const double size : {1e-3, 0.1, 1.0, 30.0, 3e3, 1e5, 1e6, 1e8}) {
      CAPTURE(size);
      const double q = size * size;
      const double expected = mean(q, [&](double z) { return function(z) * function(z); });
      try {
        const double stated = expansion_remainder(kernel, {&size, 1, 1});
        const double wide = gram_at<double>(kernel, KernelKind::sigma, {size})(0, 0);
        const double narrow = gram_at<float>(single, KernelKind::sigma, {size})(0, 0);
        CHECK(wide == Approx(expected).epsilon(1e-7 + 2 * stated));
        CHECK(narrow == Approx(expected).epsilon(1e-6 + 2 * stated));
      } catch (const NumericalError& error) {
        CHECK(std::string(error.what()).find("may be off by up to") != std::string::npos);
        CHECK(size > 1e5);
        ++refused;
      }
    }
    CHECK(refused <= 2);
  }
}

TEST_CASE("Theta of large inputs in f32 agrees with that in f64") {
  for (const auto& [phi, function] : cases) {
    CAPTURE(phi);
    const KernelFunctions single = compiled(phi, Precision::f32, KernelKind::theta);
    const KernelFunctions kernel = compiled(phi, Precision::f64, KernelKind::theta);
    const std::vector<double> x = {1e-3, 0.5, -3, 100, 3000, -1e4};
    const Matrix k = gram_at<double>(kernel, KernelKind::theta, x);
    const BasicMatrix<float> narrow = gram_at<float>(single, KernelKind::theta, x);
    for (std::ptrdiff_t i = 0; i < 6; ++i) {
      for (std::ptrdiff_t j = 0; j < 6; ++j) {
        const double scale = std::sqrt(k(i, i) * k(j, j));
        CHECK(std::abs(static_cast<double>(narrow(i, j)) - k(i, j)) < 1e-6 * scale);
      }
    }
  }
}

TEST_CASE("elu of large inputs is a ReLU with a little more, not an overflow") {
  const KernelFunctions kernel = compiled("where(z < 0, exp(z) - 1, z)", Precision::f64, KernelKind::sigma);
  for (const double size : {1e4, 1e5, 1e6})
    CHECK(gram_at<double>(kernel, KernelKind::sigma, {size})(0, 0) ==
          Approx(size * size / 2 + 0.5).epsilon(1e-10));
}
