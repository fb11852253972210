// The layers as the layer graph knows them: what they say of themselves fits together.
#include <doctest/doctest.h>

#include <algorithm>

#include "compiler/layer_graph/layers/weights.hpp"
#include "compiler/layer_graph/operands.hpp"
#include "tests/layer_graph/elaborated.hpp"

namespace ntkc::layer_graph {
namespace {

TEST_CASE("A layer that is applied by its name to one value has a rule for shapes, and no other has") {
  for (const LayerKind kind : layer_kinds) {
    const LayerTraits& layer = traits(kind);
    const bool is_applied = layer.builtin && layer.builtin->kind == BuiltinKind::layer;
    CHECK((layer.shape != nullptr) == is_applied);
    if (layer.builtin) CHECK(&info(kind) == find_builtin(layer.builtin->name));
  }
}

TEST_CASE("A layer that draws weights has their arguments, and no other has a bias") {
  for (const LayerKind kind : layer_kinds) {
    const LayerTraits& layer = traits(kind);
    if (!layer.builtin) continue;
    const auto& parameters = layer.builtin->parameters;
    if (!layer.draws_weights) CHECK(std::ranges::none_of(parameters, &BuiltinParameter::is_bias));
    if (!layer.draws_weights) continue;
    for (const BuiltinParameter& wanted : weight_parameters())
      CHECK(std::ranges::count(parameters, wanted.name, &BuiltinParameter::name) == 1);
  }
}

TEST_CASE("A layer draws weights, is linear or multiplies; and a choice has something to choose") {
  for (const LayerKind kind : layer_kinds) {
    const LayerTraits& layer = traits(kind);
    CHECK(int{layer.draws_weights} + int{layer.linear_in != nullptr} + int{layer.multiplies} <= 1);
    if (!layer.builtin) continue;
    for (const BuiltinParameter& parameter : layer.builtin->parameters) {
      if (parameter.type == ParameterType::choice) CHECK(!parameter.choices.empty());
      if (parameter.type == ParameterType::boolean) CHECK(parameter.choices.empty());
    }
  }
}

TEST_CASE("What a node reads is what is written: operands, and the values of loops") {
  const LayerGraph graph = elaborate_text(R"(network n
input x : vector(3)
a = x |> dense
b = x |> dense
repeat 3 { a = 2 * (a |> erf |> dense) + b }
output concat(a * (x |> dense), a |> relu)
)")
                               .graph.value();
  std::size_t loops = 0;
  for (const Node& node : graph.nodes) {
    const std::vector<NodeId> operands = operands_of(node);
    const std::vector<NodeId> parts = parts_of(graph, node);
    if (const auto* argument = std::get_if<LoopArgumentNode>(&node.node)) {
      CHECK(operands.empty());
      CHECK(parts == std::vector<NodeId>{1, graph.regions[argument->body].results[0]});
    } else if (std::holds_alternative<LoopResultNode>(node.node)) {
      CHECK(operands.empty());
      CHECK(parts.size() == 1);
      ++loops;
    } else {
      CHECK(parts == operands);
    }
  }
  CHECK(loops == 1);
  Node sum;
  sum.node = SumNode{{{0, 4}, {0, 7}}};
  visit_operands(sum, [](NodeId& operand) { operand += 10; });
  CHECK(operands_of(sum) == std::vector<NodeId>{14, 17});
}

TEST_CASE("The learning rate is that of layers with trained weights") {
  const LayerGraph graph =
      elaborate_text(
          "network n\ninput x : vector(3)\noutput x |> dense(lr = 0.25) |> relu |> dense(frozen = true)\n")
          .graph.value();
  const auto rate = learning_rate(graph.nodes[1]);
  REQUIRE(rate.has_value());
  CHECK(graph.scalars[*rate].value == 0.25);
  CHECK_FALSE(learning_rate(graph.nodes[0]));
  CHECK_FALSE(learning_rate(graph.nodes[2]));
  CHECK_FALSE(learning_rate(graph.nodes[3]));
}

}  // namespace
}  // namespace ntkc::layer_graph
