// What the document prints is evaluated and compared with what the compiler computes.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "compiler/derivation/derive.hpp"
#include "compiler/diagnostics/diagnostic_list.hpp"
#include "compiler/kernel_ir/interpreter.hpp"
#include "compiler/layer_graph/builtins.hpp"
#include "compiler/layer_graph/elaborate.hpp"
#include "compiler/passes/pipeline.hpp"
#include "grammar/parser.hpp"
#include "ntkc/compiler.hpp"
#include "tests/latex/activations.hpp"
#include "tests/latex/reader.hpp"
#include "tests/support/errors.hpp"

using namespace ntkc;
using kernel_ir::InputCovariance;
using kernel_ir::Quad;

namespace {

/// The parameters of all networks below, and their values.
const std::map<std::string, double> parameters = {{"alpha", 0.3}, {"beta", 0.7}, {"p", 0.4}};

/// The dual of an activation and its derivative times c.
std::string network(const std::string& definition, const std::string& activation) {
  return definition +
         "network one(alpha = 0.3, beta = 0.7, p = 0.4)\ninput x : vector(2)\noutput x |> dense |> " +
         activation + " |> dense(frozen = true)\n";
}

kernel_ir::Program expanded(const std::string& source) {
  SourceManager sources;
  DiagnosticList diagnostics;
  const auto file = grammar::parse(sources, sources.add("test.arch", source), diagnostics);
  REQUIRE(file.has_value());
  const auto graph = layer_graph::elaborate(*file, {}, diagnostics);
  REQUIRE(graph.has_value());
  return passes::expand(passes::bind_parameters(derivation::differentiate(derivation::derive_sigma(*graph))));
}

/// Whether the document has a formula; the largest relative difference from the kernel, in `worst`.
bool compare(const std::string& source, double& worst) {
  const std::string document = show(source, Stage::latex);
  const std::size_t activations = document.find("\\section*{The activations}");
  if (activations == std::string::npos) return false;
  test::Equations equations(document.substr(activations));
  if (document.find("Mehler's formula \\cite{daniely2016}:\n\\begin{align*}\n  a_k") != std::string::npos)
    return false;
  for (const auto& [name, value] : parameters) {
    equations.set(name.size() > 1 ? "\\" + name : name, value);
  }
  const kernel_ir::Program kernel = expanded(source);
  worst = 0;
  for (const auto& [q, q2, u] : {std::array{1.0, 1.0, 0.5}, {0.5, 2.0, -0.75}, {1.5, 0.25, 0.125}}) {
    const double c = u * std::sqrt(q * q2);
    const auto at = [&](double a, double b, double ab) {
      const auto roots = kernel_ir::interpret(kernel, InputCovariance{Quad(a), Quad(b), Quad(ab)});
      return std::array{static_cast<double>(roots.at(0)), static_cast<double>(roots.at(1)) / ab};
    };
    const auto expected = at(q, q2, c);
    const auto first = at(q, q, q);
    const auto second = at(q2, q2, q2);
    const std::array actual = {equations.evaluate("value", q, q2, c), equations.evaluate("slope", q, q2, c)};
    for (std::size_t i = 0; i < 2; ++i) {
      const double scale = std::sqrt(first.at(i) * second.at(i));
      const double difference = std::fabs(actual.at(i) - expected.at(i)) / (scale != 0 ? scale : 1);
      if (!(difference < 1e-12))
        MESSAGE(source << (i == 0 ? "value " : "slope ") << "q " << q << " q' " << q2 << " c " << c << ": "
                       << actual.at(i) << " for " << expected.at(i));
      worst = test::larger_error(worst, difference);
    }
  }
  return true;
}

void check_formula(const std::string& definition, const std::string& activation) {
  CAPTURE(definition);
  CAPTURE(activation);
  double worst = 1;
  REQUIRE(compare(network(definition, activation), worst));
  CHECK(worst < 1e-12);
}

}  // namespace

TEST_CASE("the formula printed of every built-in activation is its kernel") {
  // Those that no closed form is known of.
  const std::vector<std::string_view> expanded = {"tanh", "sigmoid", "softplus", "swish", "silu", "mish"};
  int formulas = 0;
  for (const layer_graph::BuiltinInfo& activation : layer_graph::builtins()) {
    if (activation.kind != layer_graph::BuiltinKind::activation || activation.name == "identity") continue;
    const std::string call = test::application(activation);
    CAPTURE(call);
    double worst = 1;
    const bool is_expanded = std::ranges::find(expanded, activation.name) != expanded.end();
    CHECK(compare(network("", call), worst) == !is_expanded);
    if (is_expanded) continue;
    CHECK(worst < 1e-12);
    ++formulas;
  }
  CHECK(formulas > 20);
}

TEST_CASE("the formula printed is the kernel, parameters as symbols") {
  for (const char* activation :
       {"leaky_relu(alpha)", "ab_relu(-alpha, beta)", "step", "sign", "rectified_monomial(1)",
        "rectified_monomial(2)", "rectified_monomial(5)", "monomial(4)", "rbf(beta)",
        "sinusoid(1, beta, alpha)", "sinusoid(2, 1, 0)", "exp(alpha)", "gaussian(alpha, -beta)",
        "polynomial([0, 1, alpha])", "hermite(6)", "elu(alpha)", "selu", "hard_tanh", "gabor"}) {
    check_formula("", activation);
  }
}

TEST_CASE("the formula printed of a normal form is the kernel") {
  for (const char* function : {"min(max(z, 0), 6)",
                               "where(z > 1, 2*z - 1, z)",
                               "exp(-abs(z))",
                               "relu(z) + exp(0.25*z)",
                               "z*cos(z)",
                               "abs(z)*exp(-0.5*z^2)",
                               "exp(0.5*z)*erf(z)",
                               "relu(z) + 0.1*sin(3*z)",
                               "relu(z)^2 + sin(3*z)",
                               "abs(z) + z*sin(2*z)",
                               "z^2*erf(z) + sin(2*z)",
                               "gelu(z) + p*abs(z)",
                               "exp(p*z)*cos(2*z)",
                               "z*exp(p*z)*sin(beta*z)",
                               "z^2*erf(z)",
                               "z^2*erf(z) + max(z - 0.5, 0)^2",
                               "max(z, 0.5)*exp(-0.5*z^2) + erf(2*z)",
                               "z*exp(0.5*z)*erf(p*z)",
                               "z*exp(-p*z^2)",
                               "exp(p*z - beta*z^2) + relu(z)",
                               "where(z < p, p*z, exp(-z))",
                               "max(abs(z) - p, 0)",
                               "z*abs(z)*exp(alpha*z)",
                               "erf(z) + sign(z)*z^2",
                               "where(z < -1, 0, where(z > 1, 1, 0.5*z^3 + z))",
                               "exp(-abs(z - 1))",
                               "z^3*exp(-z^2) + z^2*cos(2*z)",
                               "sin(z)*exp(-z^2) + cos(3*z)*exp(-0.5*z^2)",
                               "1.7580993408473766*z*exp(p*z) + 2.0507009873554805*relu(z - 1.23456789)",
                               "z*erf(z)*exp(-p*z^2) + relu(z)"}) {
    check_formula(fmt::format("activation phi(z, p, alpha, beta) = {}\n", function), "phi(p, alpha, beta)");
  }
}
