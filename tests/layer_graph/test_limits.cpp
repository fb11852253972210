// Networks of any depth, and the limits.
#include <doctest/doctest.h>

#include "tests/layer_graph/elaborated.hpp"

namespace ntkc::layer_graph {
namespace {

const std::string head = "network n\ninput x : vector(3)\n";

std::string repeated(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

TEST_CASE("A loop of depth 10000 has as many nodes as one of depth 10") {
  const auto nodes = [](const std::string& depth) {
    return elaborate_text(head + "h = x\nrepeat " + depth + " { h = h |> dense |> relu }\noutput h\n")
        .graph.value()
        .nodes.size();
  };
  CHECK(nodes("10000") == nodes("10"));
}

TEST_CASE("A pipe of 20000 stages is elaborated") {
  const auto graph = elaborate_text(head + "output x" + repeated(" |> dense |> relu", 10000) + "\n").graph;
  CHECK(graph.value().nodes.size() == 20001);
}

TEST_CASE("A sum of 10000 like summands is one multiple") {
  const auto graph =
      elaborate_text(head + "h = x |> dense\noutput h" + repeated(" + 0.5*h", 10000) + "\n").graph;
  CHECK(graph.value().nodes.size() == 3);
  const auto& sum = std::get<SumNode>(graph.value().nodes.at(2).node);
  CHECK(graph.value().scalars.at(sum.terms.at(0).coefficient).value == 5001);
}

TEST_CASE("A residual network of 5000 blocks written out has two terms a sum") {
  const auto graph = elaborate_text(head + "h = x |> dense\n" +
                                    repeated("h = h + (h |> relu |> dense)\n", 5000) + "output h\n")
                         .graph;
  CHECK(graph.value().nodes.size() == 2 + 3 * 5000);
  for (const Node& node : graph.value().nodes) {
    if (const auto* sum = std::get_if<SumNode>(&node.node)) CHECK(sum->terms.size() == 2);
  }
}

TEST_CASE("More than 1024 different summands are refused") {
  const std::string mistakes = mistakes_of(head + "output x" + repeated(" + (x |> dense)", 1024) + "\n");
  CHECK(mistakes.find("a sum of more than 1024 different values [sum-too-long] at <+>") != std::string::npos);
}

TEST_CASE("The limit on layers is the caller's") {
  const std::string text = head + "h = x\nrepeat 5 { h = h |> dense |> relu }\noutput h\n";
  CHECK(mistakes_of(text, {}, {.expanded_layers = 10}) == "");
  CHECK(mistakes_of(text, {}, {.expanded_layers = 9}) ==
        "4:30: more than 9 layers, with every `repeat` written out [limit-exceeded] at <relu>\n");
}

TEST_CASE("Peeling nested loops ends at its own limit") {
  // Each level is tried and then written out once, which doubles the bodies of the level below.
  const auto nested = [](int levels) {
    return head + "h = x\n" + repeated("repeat 2 { ", levels) + "h = h |> dense |> relu" +
           repeated(" }", levels) + "\noutput h\n";
  };
  CHECK(mistakes_of(nested(10)) == "");
  const std::string mistakes = mistakes_of(nested(18));
  CHECK(mistakes.find("blocks and first iterations of `repeat`s, written out, are more than ") !=
        std::string::npos);
  ElaborationLimits limits;
  limits.written_out = 100;
  CHECK(mistakes_of(nested(10), {}, limits).find("[expansion-too-large]") != std::string::npos);
}

TEST_CASE("Long expressions in blocks that are applied often are counted") {
  std::string text = head + "def b0(h) {\n  s = 1.5" + repeated(" + 1.5", 2000) +
                     "\n  return h |> relu |> dense(W_std = s)\n}\n";
  for (int i = 1; i <= 6; ++i) {
    const std::string before = " |> b" + std::to_string(i - 1);
    text += "def b" + std::to_string(i) + "(h) { return h" + before + before + " }\n";
  }
  text += "output x |> dense |> b6\n";
  CHECK(mistakes_of(text) == "");
  ElaborationLimits limits;
  limits.written_out = 1000;
  const std::string mistakes = mistakes_of(text, {}, limits);
  CHECK(mistakes.find("parts of expressions [expansion-too-large]") != std::string::npos);
  CHECK(mistakes.find("[expansion-too-large]") == mistakes.rfind("[expansion-too-large]"));
}

TEST_CASE("A constant that shares its parts is printed by value where its expression is long") {
  const std::string text = "network n(w = 1.0)\ninput x : vector(3)\ns = w\n" +
                           repeated("s = s + s * w\n", 30) + "output x |> dense(W_std = s)\n";
  CHECK(graph_of(text).find("W_std = 1073741824)") != std::string::npos);
}

TEST_CASE("Ids are topological and regions name their loops") {
  const LayerGraph graph = elaborate_text(head +
                                          "h = x\nrepeat 4 { repeat 3 { h = h |> dense |> relu }\n"
                                          "k = h |> dense\nh = k + (h |> dense) |> relu }\noutput h\n")
                               .graph.value();
  for (RegionId id = 0; id < graph.regions.size(); ++id) {
    const Region& region = graph.regions[id];
    CHECK(region.loop.has_value() == (id != 0));
    if (region.loop) CHECK(std::get<LoopNode>(graph.nodes.at(*region.loop).node).body == id);
    CHECK(region.arguments.size() == region.results.size());
    for (std::size_t i = 0; i < region.arguments.size(); ++i) {
      CHECK(graph.nodes[region.arguments[i]].type == graph.nodes[region.results[i]].type);
    }
    for (const NodeId node : region.nodes) {
      CHECK(graph.nodes.at(node).region == id);
      if (const auto* layer = std::get_if<LayerNode>(&graph.nodes[node].node)) CHECK(layer->operand < node);
    }
  }
}

}  // namespace
}  // namespace ntkc::layer_graph
