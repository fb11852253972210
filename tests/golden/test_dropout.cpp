// Dropout: what belongs to one sample is on the diagonal of a Gram matrix, whatever else is equal.
#include <doctest/doctest.h>

#include <cmath>

#include "ntkc/compiler.hpp"
#include "ntkc/gram.hpp"

using namespace ntkc;

namespace {

/// 70 samples, more than a group of lanes and a tile of 64; the last is equal to the first.
Matrix samples(std::ptrdiff_t size) {
  Matrix x(70, size);
  for (std::ptrdiff_t i = 0; i < 70; ++i) {
    for (std::ptrdiff_t k = 0; k < size; ++k)
      x(i, k) = std::sin(static_cast<double>((i == 69 ? 0 : i) * size + k) * 0.7) + 0.25;
  }
  return x;
}

constexpr KernelKind kinds[] = {KernelKind::sigma, KernelKind::theta};

}  // namespace

TEST_CASE("Dropout divides what a sample has with itself, and nothing else") {
  for (const char* input : {"vector(4)", "sequence(2, 2)"}) {
    const std::string end = std::string(input) == "vector(4)" ? "dense" : "global_avg_pool";
    const auto network = [&](const std::string& layer) {
      return compile("network n\ninput x : " + std::string(input) + "\noutput x |> dense" + layer + " |> " +
                     end + "\n");
    };
    const KernelFunctions plain = network("");
    const KernelFunctions with = network(" |> dropout(0.75)");
    const Matrix x = samples(4);
    for (const KernelKind kind : kinds) {
      const Matrix expected = gram(plain, kind, x);
      const Matrix k = gram(with, kind, x);
      std::vector<double> diagonal(70);
      gram_diagonal(with, kind, x.view(), diagonal.data());
      Matrix cross(70, 70);
      cross_gram<double>(with, kind, x.view(), x.view(), cross.view());
      for (std::ptrdiff_t i = 0; i < 70; ++i) {
        CHECK(k(i, i) > 1.05 * expected(i, i));
        CHECK(k(i, i) == diagonal[static_cast<std::size_t>(i)]);
        if (std::string(input) == "vector(4)" && kind == KernelKind::sigma)
          CHECK(std::fabs(k(i, i) * 0.75 - expected(i, i)) <= 1e-15 * expected(i, i));
        for (std::ptrdiff_t j = 0; j < 70; ++j) {
          const double unit = std::sqrt(expected(i, i) * expected(j, j));
          if (i != j) CHECK(std::fabs(k(i, j) - expected(i, j)) <= 1e-15 * unit);
          CHECK(std::fabs(cross(i, j) - expected(i, j)) <= 1e-15 * unit);
        }
      }
      // Equal inputs are two samples.
      CHECK(std::fabs(k(69, 0) - expected(0, 0)) <= 1e-15 * expected(0, 0));
      CHECK(k(0, 69) == k(69, 0));
    }
  }
}

TEST_CASE("Behind dropout an activation sees the smaller correlation, in single precision as well") {
  // E[relu(u)relu(v)] = √(qq') κ1(ρ)/2 at ρ = keep · 1: equal inputs.
  const std::string text =
      "network n(keep = 0.5)\ninput x : vector(4)\noutput x |> dense |> dropout(keep) |> dense |> relu\n";
  const Matrix x = samples(4);
  double q = 0;
  for (std::ptrdiff_t k = 0; k < 4; ++k) q += x(0, k) * x(0, k) / 4;
  const double rho = 0.5;
  const double pi = std::acos(-1.0);
  const double angle = std::acos(rho);
  const double expected = (q / 0.5) * (std::sin(angle) + (pi - angle) * rho) / (2 * pi);
  for (const Precision precision : {Precision::f64, Precision::f32}) {
    CompileOptions options;
    options.precision = precision;
    const KernelFunctions kernel = compile(text, options);
    double value = 0;
    if (precision == Precision::f64) {
      value = gram(kernel, KernelKind::sigma, x)(69, 0);
    } else {
      BasicMatrix<float> k(70, 70);
      gram<float>(kernel, KernelKind::sigma, x.view(), k.view());
      value = static_cast<double>(k(69, 0));
      CHECK(std::fabs(static_cast<double>(k(69, 69)) - q) <= 1e-6 * q);
    }
    CHECK(std::fabs(value - expected) <= (precision == Precision::f64 ? 1e-14 : 1e-6) * q);
  }
}
