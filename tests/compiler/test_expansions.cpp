// Activations without a closed form, through the public interface.
#include <doctest/doctest.h>

#include <cmath>

#include "compiler/passes/pipeline.hpp"
#include "ntkc/compiler.hpp"
#include "ntkc/eigen.hpp"
#include "tests/support/networks.hpp"

using namespace ntkc;

namespace {

std::string network(const std::string& activation) {
  return "activation kinked(z) = abs(z)^1.5\nnetwork n\ninput x : vector(3)\noutput x |> dense(W_std = 1.5) "
         "|> " +
         activation + " |> dense\n";
}

std::vector<std::string> warnings_of(const std::string& activation, CompileOptions options = {}) {
  std::vector<std::string> kinds;
  options.on_warning = [&](const RenderedDiagnostic& warning) { kinds.push_back(warning.kind); };
  static_cast<void>(compile(network(activation), options));
  return kinds;
}

/// The terms of all series of a program.
int terms(const kernel_ir::Program& program) {
  int result = 0;
  for (const kernel_ir::Node& node : program.nodes()) {
    if (node.operation == kernel_ir::Operation::hermite_series) result += program.expansion(node).terms.count;
  }
  return result;
}

kernel_ir::Program expanded(const std::string& activation, const passes::ExpansionOptions& options = {}) {
  return passes::run(test::build({{{1, 0, activation}}}, 1), {.expansions = options});
}

}  // namespace

TEST_CASE("an expansion that falls short of the tolerance is told") {
  CHECK(warnings_of("tanh").empty());
  CHECK(warnings_of("swish").empty());
  CHECK(warnings_of("elu").empty());  // has a closed form
  CHECK(warnings_of("hard_tanh").empty());
  CHECK(warnings_of("kinked") == std::vector<std::string>{"inexact-dual"});
  CHECK(warnings_of("kinked", {.tolerance = 0.01}).empty());
}

TEST_CASE("functions that are not square-integrable have no finite remainder, reported as infinite-dual") {
  const auto has_infinite = [](const std::string& activation) {
    const kernel_ir::Program program = expanded(activation);
    for (const kernel_ir::Node& node : program.nodes()) {
      if (node.operation == kernel_ir::Operation::hermite_series &&
          std::isnan(program.expansion(node).remainder))
        return true;
    }
    return false;
  };
  CHECK(has_infinite("exp(z*z)"));
  CHECK(has_infinite("exp(0.01*z*z)"));
  CHECK(has_infinite("1/(1 + z)"));
  CHECK(has_infinite("sqrt(abs(z))"));  // its derivative
  CHECK_FALSE(has_infinite("abs(z)*z"));
  CHECK_FALSE(has_infinite("tanh(z)"));
}

TEST_CASE("activations without a kernel are refused at their place, Sigma asks nothing of the derivative") {
  const auto told = [](const std::string& text, CompileOptions options = {}) {
    std::string result;
    for (const RenderedDiagnostic& diagnostic : check(text, options)) {
      if (!diagnostic.error) continue;
      result += std::to_string(diagnostic.place.line) + ":" + std::to_string(diagnostic.place.column) + " " +
                diagnostic.kind + ": " + diagnostic.message + "\n";
    }
    return result;
  };
  CHECK(told(network("gaussian(1, 0.01)")) ==
        "4:35 infinite-dual: `gaussian` grows too fast: its square has no mean over a Gaussian variable of "
        "large variance\n");
  const auto with = [](const std::string& layers) {
    return "network n(r = 0.5)\ninput x : vector(3)\nactivation power(z, p) = abs(z)^p + z\noutput x |> " +
           layers + " |> dense\n";
  };
  const std::string refused =
      "3:12 infinite-dual: the square of the derivative of `power` has no integral around z = 0, which Theta "
      "needs\n";
  CHECK(told(with("dense |> power(r)")) == refused);
  CHECK(told(with("dense |> power(r) |> dense(frozen = true) |> power(r)")) == refused);
  CHECK(told(with("dense |> power(r)"), {.theta = false}).empty());
  CHECK(told(with("dense(frozen = true) |> power(r)")).empty());
  CHECK(told(with("dense(lr = 0) |> power(r)")).empty());
  CHECK(told(with("dense |> power(r)"), {.definitions = {{"r", "1.5"}}}).empty());
  const std::string loop =
      "network n\ninput x : vector(3)\nactivation root(z) = sqrt(abs(z))\nh = x |> dense(frozen = true)\n"
      "repeat 3 { h = h |> root |> dense }\noutput h\n";
  CHECK(told(loop).starts_with("3:12 infinite-dual: the square of the derivative"));
  CHECK_THROWS_AS(static_cast<void>(compile(loop)), CompileError);
  CHECK_NOTHROW(static_cast<void>(compile(loop, {.theta = false})));
}

TEST_CASE("an infinite value of the derivative at a point is no reason, an infinite mean of its square is") {
  // φ = |z|^0.75: φ'² = 0.5625 |z|^-0.5 has a mean. At x = x' of |x|² = 3: Θ = E[φ²] + E[φ'²].
  std::string warning;
  CompileOptions options;
  options.on_warning = [&](const RenderedDiagnostic& diagnostic) { warning = diagnostic.message; };
  KernelFunctions kernel = compile(
      "network n\ninput x : vector(3)\nactivation f(z) = abs(z)^0.75\noutput x |> dense |> f |> dense\n",
      options);
  CHECK(warning.find("leaves out up to 1.5e-01") != std::string::npos);
  RowMatrix rows(2, 3);
  rows << 1, 1, 1, 0, 0, 0;
  CHECK_THROWS_AS(gram(kernel, KernelKind::theta, rows), NumericalError);  // unless that much is accepted
  kernel.tolerance = 0.2;
  const RowMatrix theta = gram(kernel, KernelKind::theta, rows);
  const double root_pi = std::sqrt(std::acos(-1.0));
  const double expected = std::pow(2, 0.75) * std::tgamma(1.25) / root_pi +
                          0.5625 * std::pow(2, -0.25) * std::tgamma(0.25) / root_pi;
  CHECK(std::fabs(theta(0, 0) - expected) < 0.15 * expected);
  CHECK(std::isfinite(theta(0, 1)));
  CHECK(std::isfinite(theta(1, 1)));
  CHECK(check(network("swish(1000000)")).at(0).kind == "inexact-dual");
}

TEST_CASE("constants of activations beyond double precision are told at the activation") {
  for (const char* activation : {"leaky_relu(1e200)", "exp(1e200)", "sinusoid(1e200, 1, 0)"}) {
    const auto list = check(network(activation));
    INFO(activation);
    REQUIRE(list.size() == 1);
    CHECK(list[0].kind == "arithmetic-error");
    CHECK(list[0].place.line == 4);
    CHECK(list[0].place.column == 35);
    CHECK_THROWS_AS(static_cast<void>(compile(network(activation))), CompileError);
  }
  const std::string zero =
      "network n\nparametrization = cntk\ninput x : vector(3)\n"
      "output x |> dense |> ab_relu(0, 0) |> dense\n";
  const auto list = check(zero);
  REQUIRE(list.size() == 1);
  CHECK(list[0].help == "its parameters are too large, or it is zero everywhere");
}

TEST_CASE("check tells of expansions that fall short, as compile does") {
  const auto list = check(
      "network n\ninput x : vector(3)\nactivation bend(z) = abs(z)^1.5\noutput x |> dense |> bend |> "
      "dense\n");
  REQUIRE(list.size() == 1);
  CHECK(list[0].kind == "inexact-dual");
  CHECK(!list[0].error);
}

TEST_CASE("terms grow with the inputs to serve and with the accuracy asked for") {
  const int usual = terms(expanded("tanh(z)"));
  CHECK(terms(expanded("tanh(z)", {.largest_input = 16})) > 3 * usual);
  CHECK(terms(expanded("tanh(z)", {.tolerance = 1e-6})) < usual / 2);
  const std::string text = show(network("tanh"), Stage::kernel_opt);
  CHECK(text.find("hermite_series(tanh; ") != std::string::npos);
  CHECK(text.find(" odd, nodes ") != std::string::npos);
  CHECK(text.find("remainder ") != std::string::npos);
}
