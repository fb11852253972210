// Activations without a closed form, through the public interface.
#include <doctest/doctest.h>

#include <cmath>

#include "compiler/passes/pipeline.hpp"
#include "ntkc/compiler.hpp"
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
  for (const kernel_ir::Node& node : program.nodes()) result += node.terms.count;
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
      if (std::isnan(node.value)) return true;
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

TEST_CASE("terms grow with the inputs to serve and with the accuracy asked for") {
  const int usual = terms(expanded("tanh(z)"));
  CHECK(terms(expanded("tanh(z)", {.largest_input = 16})) > 3 * usual);
  CHECK(terms(expanded("tanh(z)", {.tolerance = 1e-6})) < usual / 2);
  const std::string text = show(network("tanh"), Stage::kernel_opt);
  CHECK(text.find("hermite_series(tanh; ") != std::string::npos);
  CHECK(text.find(" odd, nodes ") != std::string::npos);
  CHECK(text.find("remainder ") != std::string::npos);
}
