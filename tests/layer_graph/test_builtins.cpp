// The table of built-ins and the search for misspelt names.
#include <doctest/doctest.h>

#include <cmath>
#include <set>
#include <string>

#include "compiler/diagnostics/suggestion.hpp"
#include "compiler/layer_graph/builtins.hpp"
#include "compiler/layer_graph/layer_graph.hpp"
#include "grammar/parser.hpp"
#include "tests/layer_graph/elaborated.hpp"

namespace ntkc::layer_graph {
namespace {

TEST_CASE("The table is found by layer and by name") {
  std::set<std::string_view> names;
  for (const BuiltinInfo& builtin : builtins()) {
    CHECK((builtin.kind == BuiltinKind::activation) != builtin.layer.has_value());
    if (builtin.layer) CHECK(&info(*builtin.layer) == &builtin);
    CHECK(find_builtin(builtin.name) == &builtin);
    CHECK(names.insert(builtin.name).second);
    CHECK_FALSE(builtin.formula.empty());
  }
  CHECK(find_builtin("nothing") == nullptr);
}

TEST_CASE("No built-in and no parameter of one is a keyword, and each parameter says what it is for") {
  for (const BuiltinInfo& builtin : builtins()) {
    for (const std::string_view keyword : grammar::keywords()) CHECK(builtin.name != keyword);
    for (const BuiltinParameter& parameter : builtin.parameters) {
      for (const std::string_view keyword : grammar::keywords()) CHECK(parameter.name != keyword);
      CHECK_FALSE(parameter.purpose.empty());
      CHECK_FALSE((parameter.optional && parameter.default_value));
    }
  }
}

/// φ at z, through the language: an activation applied to a number.
double value_at(const std::string& call) {
  const auto graph =
      elaborate_text("network n(w = 2)\ninput x : vector(3)\noutput (" + call + ") * (x |> dense)\n").graph;
  REQUIRE(graph.has_value());
  const auto& sum = std::get<SumNode>(graph->nodes[graph->output].node);
  return graph->scalars[sum.terms.at(0).coefficient].value;
}

TEST_CASE("The definitions of the built-in activations, at numbers worked out by hand") {
  CHECK(value_at("exp(2, 0.5)") == doctest::Approx(2.718281828459045).epsilon(1e-15));
  CHECK(value_at("leaky_relu(-3, 0.2)") == doctest::Approx(-0.6).epsilon(1e-15));
  CHECK(value_at("ab_relu(-3, 2, 5)") == -6);
  CHECK(value_at("ab_relu(3, a = 2, b = 5)") == 15);
  CHECK(value_at("sign(-3)") == -1);
  CHECK(value_at("3 * step(2)") == 3);
  CHECK(value_at("2 + step(-2)") == 2);
  CHECK(value_at("monomial(-2, 3)") == -8);
  CHECK(value_at("rectified_monomial(2.5, 2)") == 6.25);
  CHECK(value_at("polynomial(2, 1, 10, 100)") == 421);
  CHECK(value_at("hermite(2, 3)") == doctest::Approx((8 - 6) / std::sqrt(6.0)).epsilon(1e-15));
  CHECK(value_at("hermite(2, 4)") == doctest::Approx((16 - 24 + 3) / std::sqrt(24.0)).epsilon(1e-15));
  CHECK(value_at("gaussian(0.5)") == doctest::Approx(std::exp(-0.25)).epsilon(1e-15));
  CHECK(value_at("gaussian(0.5, 3, b = -2)") == doctest::Approx(3 * std::exp(-0.5)).epsilon(1e-15));
  CHECK(value_at("gabor(0.5)") == doctest::Approx(std::exp(-0.25) * std::sin(0.5)).epsilon(1e-15));
  CHECK(value_at("sinusoid(0.5, 2, 3, 4)") == doctest::Approx(2 * std::sin(5.5)).epsilon(1e-15));
  CHECK(value_at("rbf(0.25, 2)") ==
        doctest::Approx(std::sqrt(2) * std::sin(0.5 + std::acos(-1) / 4)).epsilon(1e-15));
  CHECK(value_at("sigmoid_like(0.0)") == 0.5);
  CHECK(value_at("sigmoid(0.0)") == 0.5);
  CHECK(value_at("softplus(0.0)") == doctest::Approx(std::log(2.0)).epsilon(1e-15));
  CHECK(value_at("swish(1.0, 2)") == doctest::Approx(1 / (1 + std::exp(-2.0))).epsilon(1e-15));
  CHECK(value_at("mish(1.0)") == doctest::Approx(std::tanh(std::log(1 + std::exp(1.0)))).epsilon(1e-15));
  CHECK(value_at("elu(-1.0, 3)") == doctest::Approx(3 * std::expm1(-1.0)).epsilon(1e-15));
  CHECK(value_at("selu(2.0)") == doctest::Approx(2 * 1.0507009873554805).epsilon(1e-15));
  CHECK(value_at("hard_tanh(-3.0)") == -1);
  CHECK(value_at("max(w, 3) - min(w, 3)") == 1);
}

TEST_CASE("Applied to a network value an activation is its function of z") {
  const auto graph =
      elaborate_text(
          "network n(w = 2)\ninput x : vector(3)\noutput x |> dense |> leaky_relu(alpha = w / 4) |> dense\n")
          .graph;
  REQUIRE(graph.has_value());
  for (const Node& node : graph->nodes) {
    if (const auto* activation = std::get_if<ActivationNode>(&node.node)) {
      CHECK(print_scalar(*graph, activation->function) == "max(z, 0) + w/4*min(z, 0)");
      CHECK(activation->name == "leaky_relu");
      CHECK(print_scalar(*graph, activation->arguments.at(0).second) == "w/4");
    }
  }
}

TEST_CASE("The arguments of a layer are read by name") {
  LayerNode layer{
      .kind = LayerKind::dense, .operand = 0, .arguments = {ScalarId{7}, ScalarId{8}, {}, true, ScalarId{9}}};
  CHECK(std::get<ScalarId>(argument(layer, "b_std")) == 8);
  CHECK(std::get<bool>(argument(layer, "frozen")));
  CHECK(std::holds_alternative<std::monostate>(argument(layer, "width")));
}

TEST_CASE("The closest name is suggested, if it is close") {
  const std::vector<std::string_view> names = {"relu", "leaky_relu", "dense", "erf", "s"};
  CHECK(closest_name("rleu", names) == "relu");
  CHECK(closest_name("Relu", names) == "relu");
  CHECK(closest_name("leakyrelu", names) == "leaky_relu");
  CHECK(closest_name("dens", names) == "dense");
  CHECK(closest_name("conv", names) == "");
  CHECK(closest_name("t", names) == "");
  CHECK(closest_name(std::string(100000, 'r'), names) == "");
  CHECK(did_you_mean("efr", names) == ", did you mean `erf`?");
  CHECK(did_you_mean("softplus", names) == "");
}

}  // namespace
}  // namespace ntkc::layer_graph
