// Θ comes out of one generic differentiation; the textbook recursions stand here, as tests of it.
#include <doctest/doctest.h>
#include <quadmath.h>

#include <cmath>

#include "compiler/derivation/derive.hpp"
#include "compiler/diagnostics/render.hpp"
#include "compiler/layer_graph/elaborate.hpp"
#include "grammar/parser.hpp"
#include "tests/support/networks.hpp"

using namespace ntkc;
using kernel_ir::Program;
using kernel_ir::Quad;

namespace {

layer_graph::LayerGraph elaborate(const std::string& body, const std::string& parametrization,
                                  bool all_depths) {
  SourceManager sources;
  DiagnosticList diagnostics;
  const auto source = sources.add(
      "test.arch", "network test(w = 1.25, b = 0.5, zero = 0)\nparametrization = " + parametrization +
                       "\ninput x : vector(3)\n" + body + "\n");
  const auto file = grammar::parse(sources, source, diagnostics);
  REQUIRE(file.has_value());
  auto graph = layer_graph::elaborate(*file, {}, diagnostics, {.all_depths = all_depths});
  INFO(text_of(render(diagnostics, sources)));
  REQUIRE(graph.has_value());
  return std::move(*graph);
}

Program derive(const std::string& body, const std::string& parametrization = "ntk") {
  Program program =
      derivation::differentiate(derivation::derive_sigma(elaborate(body, parametrization, false)));
  CHECK(kernel_ir::verify(program) == "");
  return program;
}

/// Σ and Θ at a pair; (Σ, Θ, q, q') of the textbook recursions below.
struct Kernel {
  Quad sigma = 0;
  Quad theta = 0;
  Quad q = 0;
  Quad q2 = 0;
};

Kernel input(const test::InputPair& pair) {
  const auto covariance = kernel_ir::input_covariance(pair.x, pair.y);
  return {covariance.cross, 0, covariance.first, covariance.second};
}

/// Σ' = W²Σ + b², Θ' = W²Θ + s Σ' (Jacot et al. 2018, Theorem 1; s is the learning rate of the layer).
Kernel dense(Kernel k, Quad w, Quad b, Quad rate = 1) {
  const Quad sigma = w * w * k.sigma + b * b;
  return {sigma, w * w * k.theta + rate * sigma, w * w * k.q + b * b, w * w * k.q2 + b * b};
}

/// Θ' = W²Θ + s (nΣ + [bias]) (Sohl-Dickstein et al. 2020, eq. 5); Σ' as under NTK.
Kernel standard_dense(Kernel k, Quad w, Quad b, Quad units, bool bias, Quad rate = 1) {
  Kernel result = dense(k, w, b, 0);
  result.theta += rate * (units * k.sigma + (bias ? 1 : 0));
  return result;
}

Kernel activate(Kernel k, const std::string& activation) {
  const kernel_ir::Function phi = test::parse_function(activation).function();
  const auto pair = kernel_ir::evaluate_dual(phi, k.q, k.q2, k.sigma);
  return {pair.value, k.theta * pair.derivative, kernel_ir::evaluate_dual(phi, k.q, k.q, k.q).value,
          kernel_ir::evaluate_dual(phi, k.q2, k.q2, k.q2).value};
}

Kernel relu(Kernel k) { return activate(k, test::relu); }

/// Branches of different weights: Σ = a²Σ_a + b²Σ_b, and so Θ.
Kernel sum(Kernel a, Kernel b, Quad s = 1, Quad t = 1) {
  return {s * s * a.sigma + t * t * b.sigma, s * s * a.theta + t * t * b.theta, s * s * a.q + t * t * b.q,
          s * s * a.q2 + t * t * b.q2};
}

template <typename Expected>
void check(const std::string& body, Expected expected, const std::string& parametrization = "ntk") {
  const Program program = derive(body, parametrization);
  std::mt19937_64 random(11);
  for (const auto& pair : test::input_pairs(random, 3)) {
    const Kernel reference = expected(input(pair));
    const auto values = kernel_ir::interpret(program, kernel_ir::input_covariance(pair.x, pair.y));
    const double scale =
        std::fabs(static_cast<double>(reference.theta)) + std::fabs(static_cast<double>(reference.sigma));
    CHECK_MESSAGE(std::fabs(static_cast<double>(values[0] - reference.sigma)) <= 1e-30 * scale, pair.kind);
    CHECK_MESSAGE(std::fabs(static_cast<double>(values[1] - reference.theta)) <= 1e-30 * scale, pair.kind);
  }
}

constexpr Quad half = Quad(1) / 2;
constexpr Quad w = Quad(5) / 4;

}  // namespace

TEST_CASE("a dense layer") {
  check("output x |> dense(W_std = w, b_std = b)", [](Kernel k) { return dense(k, w, half); });
}

TEST_CASE("the recursion of Jacot et al. for each activation") {
  const std::pair<const char*, std::string> cases[] = {
      {"relu", test::relu},
      {"abs", "abs(z)"},
      {"leaky_relu(0.25)", test::piecewise_linear("0.25", "1")},
      {"erf", "erf(z)"},
      {"gelu", "0.5*z*(1 + erf(z/sqrt(2)))"},
      {"sin", "sin(z)"},
      {"cos", "cos(z)"}};
  for (const auto& [name, activation] : cases) {
    CAPTURE(name);
    check("output x |> dense(W_std = w, b_std = b) |> " + std::string(name) + " |> dense(W_std = w)",
          [&](Kernel k) { return dense(activate(dense(k, w, half), activation), w, 0); });
  }
}

TEST_CASE("identity changes nothing") {
  check("output x |> dense(W_std = w) |> identity |> dense(b_std = b)",
        [](Kernel k) { return dense(dense(k, w, 0), 1, half); });
}

TEST_CASE("a repeat is a loop in the kernel, with one body whatever its count") {
  const std::string body = " { h = h |> relu |> dense(W_std = w, b_std = b) }\noutput h";
  check("h = x |> dense\nrepeat 7" + body, [](Kernel k) {
    k = dense(k, 1, 0);
    for (int i = 0; i < 7; ++i) k = dense(relu(k), w, half);
    return k;
  });
  CHECK(derive("h = x |> dense\nrepeat 7" + body).size() ==
        derive("h = x |> dense\nrepeat 10000" + body).size());
}

TEST_CASE("nested repeats") {
  check(
      "h = x |> dense\nrepeat 3 { h = h |> erf |> dense(b_std = b)\nrepeat 2 { h = h |> relu |> dense(W_std "
      "= w) } }\noutput h",
      [](Kernel k) {
        k = dense(k, 1, 0);
        for (int i = 0; i < 3; ++i) {
          k = dense(activate(k, "erf(z)"), 1, half);
          for (int j = 0; j < 2; ++j) k = dense(relu(k), w, 0);
        }
        return k;
      });
}

TEST_CASE("a residual sum adds both kernels") {
  check("h = x |> dense(W_std = w)\noutput h + (h |> relu |> dense(b_std = b))", [](Kernel k) {
    const Kernel h = dense(k, w, 0);
    return sum(h, dense(relu(h), 1, half));
  });
}

TEST_CASE("a residual block in a repeat") {
  check("h = x |> dense(W_std = w)\nrepeat 5 { h = h + 0.5 * (h |> relu |> dense(b_std = b)) }\noutput h",
        [](Kernel k) {
          k = dense(k, w, 0);
          for (int i = 0; i < 5; ++i) k = sum(k, dense(relu(k), 1, half), 1, half);
          return k;
        });
}

TEST_CASE("the kernel of a product is the product, its tangent follows the product rule") {
  const auto product = [](Kernel a, Kernel b) {
    return Kernel{a.sigma * b.sigma, a.theta * b.sigma + a.sigma * b.theta, a.q * b.q, a.q2 * b.q2};
  };
  check("h = x |> dense(W_std = w)\noutput (2 * h) * (h |> relu |> dense(b_std = b)) |> dense",
        [&](Kernel k) {
          const Kernel h = dense(k, w, 0);
          const Kernel both = product(h, dense(relu(h), 1, half));
          return dense(sum(both, both, 2, 0), 1, 0);
        });
  check("h = x |> dense\nrepeat 4 { h = h * (x |> dense(b_std = b)) }\noutput h", [&](Kernel k) {
    Kernel h = dense(k, 1, 0);
    for (int i = 0; i < 4; ++i) h = product(h, dense(k, 1, half));
    return h;
  });
}

TEST_CASE("the kernel of values side by side is their average by width") {
  // Three parts of four are h.
  const auto average = [](Kernel h, Kernel other) {
    return Kernel{(3 * h.sigma + other.sigma) / 4, (3 * h.theta + other.theta) / 4, (3 * h.q + other.q) / 4,
                  (3 * h.q2 + other.q2) / 4};
  };
  check("h = x |> dense(W_std = w)\noutput concat(h, h |> relu, h, h) |> dense", [&](Kernel k) {
    const Kernel h = dense(k, w, 0);
    return dense(average(h, relu(h)), 1, 0);
  });
  check("h = x |> dense(width = 9, W_std = w)\noutput concat(h, x)",
        [&](Kernel k) { return average(dense(k, w, 0), k); });
}

TEST_CASE("a multiple s h has s squared times the kernels, and like branches add first") {
  check("h = x |> dense(W_std = w)\noutput h + 0.5 * h - 2 * h", [](Kernel k) {
    const Kernel h = dense(k, w, 0);
    return sum(h, h, -half, 0);
  });
}

TEST_CASE("a frozen layer has no seed, a learning rate scales it") {
  check("output x |> dense(W_std = w) |> relu |> dense(frozen = true)",
        [](Kernel k) { return dense(relu(dense(k, w, 0)), 1, 0, 0); });
  check("output x |> dense(frozen = true) |> relu |> dense(lr = 0.25, b_std = b)",
        [](Kernel k) { return dense(relu(dense(k, 1, 0, 0)), 1, half, Quad(1) / 4); });
}

TEST_CASE("layers that differ only in what they train stay apart though their covariances are one node") {
  check("output (x |> dense(W_std = w)) + (x |> dense(W_std = w, frozen = true))",
        [](Kernel k) { return sum(dense(k, w, 0), dense(k, w, 0, 0)); });
}

TEST_CASE("a network without trainable parameters has the tangent kernel 0") {
  check("output x |> dense(frozen = true)", [](Kernel k) { return dense(k, 1, 0, 0); });
}

TEST_CASE("the two-layer network with frozen outputs is x.x' (pi - arccos u)/(2 pi)") {
  const Program program = derive("output x |> dense(W_std = sqrt(3)) |> relu |> dense(frozen = true)");
  std::mt19937_64 random(3);
  for (const auto& pair : test::input_pairs(random, 3)) {
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      xy += pair.x[i] * pair.y[i];
      xx += pair.x[i] * pair.x[i];
      yy += pair.y[i] * pair.y[i];
    }
    const double u = xx * yy > 0 ? std::max(-1.0, std::min(1.0, xy / std::sqrt(xx * yy))) : 0;
    const double pi = std::acos(-1.0);
    const double theta =
        static_cast<double>(kernel_ir::interpret(program, kernel_ir::input_covariance(pair.x, pair.y))[1]);
    CHECK(theta == doctest::Approx(xy * (pi - std::acos(u)) / (2 * pi)).epsilon(1e-7));
  }
}

TEST_CASE("Standard parametrization: the seed counts the units in front, and 1 for a bias") {
  check(
      "output x |> dense(W_std = w, b_std = b, width = 16) |> relu |> dense(W_std = w, b_std = zero, width = "
      "8, lr = 0.5)"
      " |> relu |> dense(bias = true)",
      [](Kernel k) {
        k = relu(standard_dense(k, 1.25, 0.5, 3, true));
        k = relu(standard_dense(k, 1.25, 0, 16, false, 0.5));
        return standard_dense(k, 1, 0, 8, true);
      },
      "standard");
}

TEST_CASE("Biases that start at 0 and are trained: the recursion of Geifman et al. and of scikit-ntk") {
  // Σ' = W²Σ, Θ' = W²Θ + Σ' + β², with x·x'/d in front.
  const auto zero_bias = [](Kernel k, Quad w_std, Quad beta) {
    Kernel result = dense(k, w_std, 0);
    result.theta += beta * beta;
    return result;
  };
  check("h = x |> dense(b_lr = b^2)\nrepeat 3 { h = h |> relu |> dense(W_std = w, b_lr = b^2) }\noutput h",
        [&](Kernel k) {
          k = zero_bias(k, 1, half);
          for (int i = 0; i < 3; ++i) k = zero_bias(relu(k), w, half);
          return k;
        });
  // Start and learning rate apart, beside that of the weights; b_lr = lr b_std² is the default.
  check("output x |> dense(W_std = w, b_std = b, b_lr = 3, lr = 0.5)", [](Kernel k) {
    Kernel result = dense(k, w, half, 0);
    result.theta += half * w * w * k.sigma + 3;
    return result;
  });
  check("output x |> dense(b_std = b, lr = 3, b_lr = 3 * b^2) |> relu |> dense(b_std = b, b_lr = zero)",
        [](Kernel k) {
          k = relu(dense(k, 1, half, 3));
          Kernel result = dense(k, 1, half, 0);
          result.theta += k.sigma;
          return result;
        });
  check(
      "output x |> dense(b_lr = 0.5, width = 16) |> relu |> dense(b_std = b, b_lr = 2, lr = 0.5)",
      [](Kernel k) {
        k = standard_dense(k, 1, 0, 3, false);
        k.theta += half;
        k = relu(k);
        k = standard_dense(k, 1, half, 16, false, half);
        k.theta += 2;
        return k;
      },
      "standard");
}

TEST_CASE(
    "Standard parametrization: widths are carried through loops, sums and multiples, frozen adds nothing") {
  check(
      "h = x |> dense(width = 8)\nrepeat 3 { h = 0.5 * h + (h |> relu |> dense(W_std = w, width = 8)) }\n"
      "output h |> relu |> dense(b_std = b, frozen = true)",
      [](Kernel k) {
        k = standard_dense(k, 1, 0, 3, false);
        for (int i = 0; i < 3; ++i) k = sum(k, standard_dense(relu(k), 1.25, 0, 8, false), 0.5);
        return dense(relu(k), 1, 0.5, 0);
      },
      "standard");
}

TEST_CASE("CNTK: x.x' is not divided, each dual is divided by E[phi(z)^2] of a standard normal z") {
  check(
      "output x |> dense |> relu |> dense(W_std = w, lr = 0.5) |> erf |> dense",
      [](Kernel k) {
        const auto normalized = [](Kernel dual, Quad square) {
          return Kernel{dual.sigma / square, dual.theta / square, dual.q / square, dual.q2 / square};
        };
        k = dense({3 * k.sigma, 0, 3 * k.q, 3 * k.q2}, 1, 0);
        k = dense(normalized(relu(k), half), w, 0, half);
        // E[erf(z)²] = (2/π) asin(2/3)
        return dense(normalized(activate(k, "erf(z)"), 2 / acosq(Quad(-1)) * asinq(Quad(2) / 3)), 1, 0);
      },
      "cntk");
}

TEST_CASE("CNTK: the kernels of Arora et al. are those under NTK with W_std^2 = d, then 2") {
  const Program cntk = derive("output x |> dense |> relu |> dense |> relu |> dense", "cntk");
  const Program ntk = derive(
      "output x |> dense(W_std = 3^0.5) |> relu |> dense(W_std = 2^0.5) |> relu |> dense(W_std = 2^0.5)");
  std::mt19937_64 random(5);
  for (const auto& pair : test::input_pairs(random, 3)) {
    const auto at = kernel_ir::input_covariance(pair.x, pair.y);
    const auto expected = kernel_ir::interpret(ntk, at);
    const auto values = kernel_ir::interpret(cntk, at);
    // Nearly parallel inputs: an angle of a rounded correlation keeps half of the digits.
    const double scale = std::sqrt(static_cast<double>(at.first * at.second)) + 1e-300;
    for (std::size_t i = 0; i < 2; ++i)
      CHECK(std::fabs(static_cast<double>(values[i] - expected[i])) <= 1e-15 * scale);
  }
}

TEST_CASE("What the layers contribute sums to Theta, and each part is Theta with the others frozen") {
  const auto body = [](const std::string& first, const std::string& looped, const std::string& last) {
    return "a = x |> dense(W_std = w" + first + ")\nh = a\nrepeat 3 { h = h + (h |> relu |> dense(b_std = b" +
           looped + ")) }\noutput h |> erf |> dense(W_std = 0.5" + last + ")";
  };
  const std::string frozen = ", frozen = true";
  const auto graph = elaborate(body("", "", ""), "ntk", false);
  CHECK(derivation::trainable_layers(graph) == std::vector<std::string>{"a", "dense[1]", "dense[2]"});
  const Program program = derivation::differentiate(derivation::derive_sigma(graph), 3);
  REQUIRE(kernel_ir::verify(program) == "");
  REQUIRE(program.planes("Theta_by_layer") == 3);
  const std::vector<Program> alone = {derive(body("", frozen, frozen)), derive(body(frozen, "", frozen)),
                                      derive(body(frozen, frozen, ""))};
  std::mt19937_64 random(5);
  for (const auto& pair : test::input_pairs(random, 3)) {
    const auto input = kernel_ir::input_covariance(pair.x, pair.y);
    const auto values = kernel_ir::interpret(program, input);  // Sigma, Theta, then the layers
    const auto close = [&](Quad a, Quad b) { return std::fabs(static_cast<double>(a - b)) <= 1e-30; };
    CHECK(close(values[1], values[2] + values[3] + values[4]));
    for (std::size_t layer = 0; layer < 3; ++layer) {
      CHECK(close(values[2 + layer], kernel_ir::interpret(alone[layer], input)[1]));
    }
  }
}

TEST_CASE("All depths in one program are the programs of each depth") {
  const auto body = [](int depth) {
    return "h = x\ng = x\nrepeat " + std::to_string(depth) +
           " { g = h\n h = h |> dense(W_std = w, b_std = b) |> relu }\nz = h |> dense |> erf\n"
           "output (z |> dense(lr = 0.5)) + (g |> dense)";
  };
  for (const int depth : {1, 2, 5}) {
    const Program program =
        derivation::differentiate(derivation::derive_sigma(elaborate(body(depth), "ntk", true)));
    REQUIRE(kernel_ir::verify(program) == "");
    REQUIRE(program.planes("Sigma") == depth);
    REQUIRE(program.planes("Theta") == depth);
    CHECK(kernel_ir::verify(kernel_ir::parse(kernel_ir::print(program))) == "");
    std::mt19937_64 random(5);
    for (const auto& pair : test::input_pairs(random, 3)) {
      const auto input = kernel_ir::input_covariance(pair.x, pair.y);
      const auto planes = kernel_ir::interpret_planes(program, input);
      for (std::size_t root = 0; root < program.roots.size(); ++root) {
        for (std::size_t i = 0; i < planes[root].size(); ++i) {
          const auto d = static_cast<int>(program.roots[root].plane) + static_cast<int>(i) + 1;
          const auto expected = kernel_ir::interpret(derive(body(d)), input);
          const Quad reference = expected[program.roots[root].name == "Sigma" ? 0 : 1];
          CHECK(std::fabs(static_cast<double>(planes[root][i] - reference)) <= 1e-30);
        }
      }
    }
  }
}

TEST_CASE("Depths of a loop that does not depend on what it carries are equal planes") {
  const Program program = derivation::differentiate(derivation::derive_sigma(
      elaborate("h = x\nrepeat 4 { h = x |> dense }\noutput h |> dense", "ntk", true)));
  CHECK(kernel_ir::verify(program) == "");
  CHECK(program.planes("Theta") == 4);
}
