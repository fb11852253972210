// Fixed points and slopes against closed forms and the literature.
#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "ntkc/analysis.hpp"
#include "ntkc/errors.hpp"
#include "tests/analysis/networks.hpp"

namespace ntkc::tests {
namespace {

using doctest::Approx;
using std::numbers::pi;

FixedPoint fixed_point(const std::string& text, const std::string& w, const std::string& b) {
  CompileOptions options;
  options.definitions = {{"w", w}, {"b", b}};
  return find_fixed_point(Recursion(text, options));
}

Approx exactly(double value) { return Approx(value).epsilon(1e-9); }

TEST_CASE("ReLU is critical at w = sqrt(2), b = 0") {
  // Hayou et al. 2019, proposition 1 and section 3.2; He et al. 2015. The constant of 1 - u follows from the
  // first term of the arc-cosine kernel: 1 - u' = (1 - u) - (2√2/3π) (1 - u)^(3/2).
  const FixedPoint point = fixed_point(deep_network("relu"), "sqrt(2)", "0");
  CHECK(point.phase == Phase::critical);
  CHECK(point.values[0].entry_q == exactly(2));
  CHECK(point.values[0].q == exactly(2));
  CHECK(point.every_q);
  CHECK(point.chi_1 == exactly(1));
  CHECK(point.values[0].u == 1.0);
  CHECK_FALSE(point.correlation_depth.has_value());
  CHECK_FALSE(point.trainable_depth.has_value());
  REQUIRE(point.power_law.has_value());
  CHECK(point.power_law->exponent == Approx(2).epsilon(1e-5));
  CHECK(point.power_law->coefficient == Approx(9 * pi * pi / 2).epsilon(1e-4));
}

TEST_CASE("ReLU with a smaller w is ordered, with a larger one unbounded") {
  const FixedPoint ordered = fixed_point(deep_network("relu"), "1.2", "0.1");
  CHECK(ordered.phase == Phase::ordered);
  CHECK(ordered.values[0].q == exactly(0.01 / (1 - 0.72)));
  CHECK(ordered.chi_1 == exactly(0.72));
  CHECK(ordered.q_slope == exactly(0.72));
  CHECK(ordered.values[0].u == 1.0);
  CHECK(ordered.correlation_depth == exactly(-1 / std::log(0.72)));
  CHECK(ordered.q_depth == exactly(-1 / std::log(0.72)));
  CHECK(ordered.trainable_depth == exactly(-6 / std::log(0.72)));
  const FixedPoint vanishing = fixed_point(deep_network("relu"), "1.2", "0");
  CHECK(vanishing.phase == Phase::ordered);
  CHECK(vanishing.values[0].q == 0.0);
  CHECK(vanishing.growth == exactly(0.72));
  const FixedPoint unbounded = fixed_point(deep_network("relu"), "1.6", "0");
  CHECK(unbounded.phase == Phase::unbounded);
  CHECK_FALSE(unbounded.values[0].q.has_value());
  CHECK(unbounded.growth == exactly(1.28));
  CHECK(unbounded.chi_1 == exactly(1.28));
  CHECK(unbounded.values[0].u == 1.0);
  // A bias at w = sqrt(2) adds to q each time: no fixed point either, though gradients are kept.
  const FixedPoint linear = fixed_point(deep_network("relu"), "sqrt(2)", "0.1");
  CHECK(linear.phase == Phase::unbounded);
  CHECK(linear.chi_1 == exactly(1));
  CHECK_FALSE(linear.power_law.has_value());
}

/// erf: Q(q) = w² (2/π) asin(2q/(1+2q)) + b², χ₁ = w² (4/π)/√(1+4q) (Williams 1997 and its derivative).
double erf_variance(double w, double b, double q) {
  return w * w * 2 / pi * std::asin(2 * q / (1 + 2 * q)) + b * b;
}
double erf_slope(double w, double q) { return w * w * 4 / pi / std::sqrt(1 + 4 * q); }

TEST_CASE("erf: fixed points by plain iteration of the closed form") {
  for (const double w : {0.5, 0.95, 1.2, 1.5, 3.0})
    for (const double b : {0.0, 0.2, 1.0}) {
      CAPTURE(w);
      CAPTURE(b);
      double q = 1;
      for (int i = 0; i < 20000; ++i) q = erf_variance(w, b, q);
      const FixedPoint point = fixed_point(deep_network("erf"), std::to_string(w), std::to_string(b));
      REQUIRE(point.values[0].q.has_value());
      CHECK(std::abs(*point.values[0].q - q) < 1e-10);
      CHECK(point.chi_1 == exactly(erf_slope(w, q)));
      CHECK(point.phase == (point.chi_1 < 1 ? Phase::ordered : Phase::chaotic));
      // dQ/dq = w² (2/π) · 2/((1+2q) √(1+4q))
      CHECK(point.q_slope == Approx(w * w * 4 / pi / ((1 + 2 * q) * std::sqrt(1 + 4 * q))).epsilon(1e-8));
    }
}

TEST_CASE("erf: the chaotic fixed point of the correlation solves C(u) = u q") {
  const FixedPoint point = fixed_point(deep_network("erf"), "2", "0.3");
  REQUIRE(point.values[0].q.has_value());
  const double q = *point.values[0].q;
  const auto next = [q](double u) { return (4 * 2 / pi * std::asin(2 * q * u / (1 + 2 * q)) + 0.09) / q; };
  double u = 0.5;
  for (int i = 0; i < 2000; ++i) u = next(u);
  CHECK(point.phase == Phase::chaotic);
  CHECK(point.values[0].u == exactly(u));
  const double slope = (next(u + 1e-5) - next(u - 1e-5)) / 2e-5;
  CHECK(point.chi_u == Approx(slope).epsilon(1e-8));
  CHECK(point.correlation_depth == Approx(-1 / std::log(slope)).epsilon(1e-6));
  // Without a bias, inputs become orthogonal: u* = 0.
  CHECK(fixed_point(deep_network("erf"), "2", "0").values[0].u == 0.0);
}

TEST_CASE("the network of the recursion may be residual, nested or not repeated at all") {
  const FixedPoint residual = fixed_point(
      "network r(w = 1, b = 0)\ninput x : vector(4)\nh = x |> dense\n"
      "repeat 4 { h = h + (h |> relu |> dense(W_std = w, b_std = b)) }\noutput h\n",
      "1", "0");
  CHECK(residual.phase == Phase::unbounded);
  CHECK(residual.growth == exactly(1.5));
  CHECK(residual.chi_1 == exactly(1.5));
  CHECK_FALSE(residual.correlation_depth.has_value());
  const FixedPoint nested = fixed_point(
      "network r(w = 1, b = 0)\ninput x : vector(4)\nh = x |> dense\n"
      "repeat 4 { repeat 2 { h = h |> erf |> dense(W_std = w, b_std = b) } }\noutput h\n",
      "1.3", "0.1");
  const FixedPoint single = fixed_point(deep_network("erf"), "1.3", "0.1");
  CHECK(nested.values[0].q == exactly(*single.values[0].q));
  CHECK(nested.chi_1 == exactly(single.chi_1 * single.chi_1));
  CHECK(nested.values[0].u == Approx(*single.values[0].u).epsilon(1e-8));
}

TEST_CASE("the count of the repeat makes no difference") {
  const auto of_count = [](const std::string& count, const std::string& body) {
    return fixed_point("network r(w = 1, b = 0)\ninput x : vector(4)\nh = x\nrepeat " + count +
                           " { h = h |> " + body + " }\noutput h\n",
                       "sqrt(2)", "0.1");
  };
  for (const char* const body :
       {"dense(W_std = w, b_std = b) |> gelu", "dense(W_std = w, b_std = b) |> erf |> dense"}) {
    const FixedPoint expected = of_count("7", body);
    for (const int count : {1, 2, 3}) {
      const FixedPoint point = of_count(std::to_string(count), body);
      CHECK(point.iterations == count);
      CHECK(point.phase == expected.phase);
      CHECK(point.chi_1 == expected.chi_1);
      CHECK(point.values[0].entry_q == expected.values[0].entry_q);
      CHECK(point.values[0].q == expected.values[0].q);
      CHECK(point.values[0].u == expected.values[0].u);
    }
  }
  // In a block, and behind another one, whose count does make a difference.
  const FixedPoint in_block = fixed_point(
      "def deep(x, n, w, b) {\nh = x\nrepeat n { h = h |> erf |> dense(W_std = w, b_std = b) }\nreturn h\n}\n"
      "network r(w = 1, b = 0)\ninput x : vector(4)\noutput deep(deep(x |> dense, 2, w, b), 1, w, b)\n",
      "1.3", "0.1");
  CHECK(in_block.iterations == 1);
  CHECK(in_block.values[0].q == exactly(*fixed_point(deep_network("erf"), "1.3", "0.1").values[0].q));
  for (const char* const none :
       {"output x |> dense |> erf |> dense", "h = x |> dense\nrepeat 0 { h = h |> dense }\noutput h"})
    CHECK_THROWS_WITH_AS(
        fixed_point(std::string("network r(w = 1, b = 0)\ninput x : vector(4)\n") + none + "\n", "1", "0"),
        doctest::Contains("it has no `repeat`"), InputError);
}

TEST_CASE("residual networks of bounded units approach u* by a power of the depth") {
  // q' = q + w² + b² and c' = q u + w² (2/π) asin(u) + b² for large q: erf and tanh become sign.
  for (const char* activation : {"erf", "tanh"}) {
    CAPTURE(activation);
    const std::string text =
        "network r(w = 1, b = 0)\ninput x : vector(4)\nh = x |> dense\n"
        "repeat 4 { h = h + (h |> " +
        std::string(activation) + " |> dense(W_std = w, b_std = b)) }\noutput h\n";
    const FixedPoint plain = fixed_point(text, "1", "0");
    CHECK(plain.phase == Phase::unbounded);
    CHECK(plain.growth == Approx(1).epsilon(1e-6));
    CHECK(plain.values[0].u == 0.0);
    REQUIRE(plain.power_law.has_value());
    CHECK(plain.power_law->exponent == Approx(1 - 2 / pi).epsilon(1e-3));
    CHECK_FALSE(plain.power_law->coefficient.has_value());
    const FixedPoint biased = fixed_point(text, "1", "1");
    const auto rate = [](double u) { return (2 / pi * std::asin(u) + 1) / 2 - u; };
    double u = 0;
    for (int i = 0; i < 1000; ++i) u += rate(u);
    CHECK(*biased.values[0].u == Approx(u).epsilon(1e-3));
    REQUIRE(biased.power_law.has_value());
    CHECK(biased.power_law->exponent == Approx(1 - 1 / pi / std::sqrt(1 - u * u)).epsilon(1e-2));
  }
}

TEST_CASE("linear networks keep every correlation") {
  const FixedPoint point = fixed_point(deep_network("identity"), "1", "0");
  CHECK(point.phase == Phase::critical);
  CHECK_FALSE(point.values[0].u.has_value());
  CHECK_FALSE(point.power_law.has_value());
}

TEST_CASE("of several carried values the one is followed that the others are made of") {
  // `g` is what `h` was, `s` a sum of all: neither has a part in what becomes of `h`.
  const std::string several =
      "network deep(w = 1, b = 0)\ninput x : vector(16)\ng = x |> dense\ns = x |> dense\n"
      "h = x |> dense(W_std = w, b_std = b)\n"
      "repeat 5 { s = s + 0.5 * (g |> dense)\n g = h\n h = h |> erf |> dense(W_std = w, b_std = b) }\n"
      "output (h |> dense) + (g |> dense) + s\n";
  for (const auto& [w, b] : {std::pair{"1.5", "0.3"}, std::pair{"0.8", "0.1"}}) {
    const FixedPoint alone = fixed_point(deep_network("erf"), w, b);
    const FixedPoint among = fixed_point(several, w, b);
    CHECK(among.values[0].entry_q == alone.values[0].entry_q);
    CHECK(among.values[0].q == alone.values[0].q);
    CHECK(among.chi_1 == alone.chi_1);
    CHECK(among.values[0].u == alone.values[0].u);
    CHECK(among.phase == alone.phase);
  }
}

TEST_CASE("what depends on more than a repeat carries is refused with the reason") {
  const auto message = [](const std::string& text) {
    try {
      const Recursion recursion(text, {}, "f.arch");
    } catch (const InputError& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  CHECK(message("network fed\ninput x : vector(4)\nh = x |> dense\n"
                "repeat 4 { h = (h |> erf |> dense) + (x |> dense) }\noutput h\n") ==
        "f.arch: `fed` cannot be analysed: the body of its `repeat` reads a value from outside, so that the "
        "next iteration would depend on more than the last");
  CHECK_THROWS_AS(Recursion("network n\ninput x : vector(3)\noutput x |> relu\n"), CompileError);
}

TEST_CASE("activations that have no kernel are refused, constants beyond double precision too") {
  for (const char* activation : {"gaussian(1, 0.1)", "leaky_relu(1e200)"}) {
    CAPTURE(activation);
    CHECK_THROWS_AS(Recursion(deep_network(activation)), CompileError);
  }
}

TEST_CASE("kernels that overflow are a numerical failure") {
  CHECK_THROWS_AS(fixed_point(deep_network("relu"), "1e120", "0"), NumericalError);
}

}  // namespace
}  // namespace ntkc::tests
