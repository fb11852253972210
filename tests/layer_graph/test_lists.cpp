// Lists: constants in brackets, where they may stand, and as arguments.
#include <doctest/doctest.h>

#include "tests/layer_graph/elaborated.hpp"

namespace ntkc::layer_graph {
namespace {

const std::string head = "network n\ninput x : vector(3)\ng = x |> dense\n";

TEST_CASE("A list is an argument as it is, and so are its numbers one by one") {
  const std::string expected = R"(network n
%0 x = input : vector(3)
%1 g = dense(%0) : vector(inf) gaussian
%2 = polynomial(%1, c0 = 1, c1 = 0, c2 = 0.5) : vector(inf)
output %2
)";
  for (const std::string call :
       {"polynomial([1, 0, 0.5])", "polynomial(c = [1, 0, 0.5])", "polynomial(1, 0, 0.5)"}) {
    CAPTURE(call);
    CHECK(graph_of(head + "output g |> " + call + "\n") == expected);
  }
  CHECK(graph_of(head + "output g |> polynomial(c = 2)\n").find("polynomial(%1, c0 = 2)") !=
        std::string::npos);
}

TEST_CASE("Names, parameters of blocks, activations and networks, `if` and -D hold lists") {
  const std::string text = R"(network n(c = [1, 0, 0.5], w = 2.0, big = true)
input x : vector(3)
activation p(z, c = [0, w]) = polynomial(z, c)
def f(h, c = [0, 1.5]) { return h |> dense |> polynomial(c) }
k = if big then c else [1, 2 * w]
h = f(x) |> f(c = k) |> dense |> p |> dense |> p([3, 4])
repeat 3 {
  d = [1, 2]
  h = h |> dense |> polynomial(d)
}
output h
)";
  const auto activations = [&](const Definitions& definitions) {
    std::string found;
    const LayerGraph graph = elaborate_text(text, definitions).graph.value();
    for (const Node& node : graph.nodes) {
      const auto* activation = std::get_if<ActivationNode>(&node.node);
      if (activation != nullptr) found += print_scalar(graph, activation->function) + "\n";
    }
    return found;
  };
  CHECK(activations({}) == "1.5*z\n1 + 0.5*z^2\nw*z\n3 + 4*z\n1 + 2*z\n");
  CHECK(activations({{"c", "[7, 8]"}}) == "1.5*z\n7 + 8*z\nw*z\n3 + 4*z\n1 + 2*z\n");
  CHECK(activations({{"big", "false"}}) == "1.5*z\n1 + 2*w*z\nw*z\n3 + 4*z\n1 + 2*z\n");
  CHECK(mistakes_of(text, {{"c", "3"}, {"w", "[1]"}}) ==
        R"(<-D c>:1:1: parameter `c` is a list, got the integer 3 [type-mismatch] at <3>
  1:11: the parameter is here at <c>
<-D w>:1:1: parameter `w` is a number, got the list [1] [type-mismatch] at <[1]>
  1:28: the parameter is here at <w>
)");
}

TEST_CASE("A list that a repeat binds anew is the same list if its numbers are") {
  const std::string text = head + "c = [1, 2]\nrepeat 5 {\n  g = g |> polynomial(c) |> dense\n  c = ";
  CHECK(graph_of(text + "[1, 2]\n}\noutput g\n").find("loop 5") != std::string::npos);
  CHECK(mistakes_of(text + "[c0, 2]\n}\noutput g\n").find("unknown name `c0`") != std::string::npos);
  // From the second iteration on it is another list, and then stays.
  CHECK(graph_of(text + "[1, 3]\n}\noutput g\n").find("loop 4") != std::string::npos);
}

TEST_CASE("Lists that are none: empty, of mixed types, of ragged rows") {
  CHECK(mistakes_of(head + R"(a = []
b = [1, true]
c = [1, [2]]
d = [[1], [2, 3]]
e = [[[1]]]
f = [g]
h = [1, y, sqrt(-1)]
output g
)") == R"(4:5: a list has at least one number, got none [argument-out-of-range] at <[]>
5:9: a list holds numbers, or lists of numbers as the rows of a matrix, got the boolean true [type-mismatch] at <true>
6:9: a list holds numbers or rows of a matrix, not both, got the list [2] [type-mismatch] at <[2]>
  6:6: the first is the integer 1 at <1>
7:11: the rows of a matrix have the same length, got 1 and 2 numbers [shape-mismatch] at <[2, 3]>
  7:6: the first is the list [1] at <[1]>
8:6: a list holds numbers, or lists of numbers as the rows of a matrix, got a matrix of 1 x 1 numbers [type-mismatch] at <[[1]]>
9:6: a list holds numbers, got a network value [not-constant] at <g>
  help: `concat(a, b)` joins network values
10:9: unknown name `y` [unknown-name] at <y>
10:12: `sqrt(-1)` has no finite value [arithmetic-error] at <sqrt>
)");
}

TEST_CASE("Nothing is computed with lists") {
  CHECK(mistakes_of(head + R"(a = [1, 2] + 3
b = -[1]
c = [1] == [1]
d = sqrt([1])
e = 2 * [[1, 2], [3, 4]]
f = [2] * g
h = if [1] then 1 else 2
repeat [1, 2, 3, 4, 5, 6, 7] { k = g }
activation l(z) = where([1], z, 2)
activation m(z) = [z]
output [1] |> dense
)") == R"(4:12: `+` needs a number, got the list [1, 2] [type-mismatch] at <+>
5:6: `-` needs a number, got the list [1] [type-mismatch] at <[1]>
6:9: `==` needs a number, got the list [1] [type-mismatch] at <==>
7:5: `sqrt` needs a number, got the list [1] [type-mismatch] at <sqrt>
8:7: `*` needs a number, got a matrix of 2 x 2 numbers [type-mismatch] at <*>
9:5: a network value is scaled by a number, got the list [2] [type-mismatch] at <[2]>
10:8: a condition is a boolean, got the list [1] [type-mismatch] at <[1]>
11:8: the count of a `repeat` is an integer, got a list of 7 numbers [type-mismatch] at <[1, 2, 3, 4, 5, 6, 7]>
12:19: `where` needs a condition such as `z > 0`, got the list [1] [type-mismatch] at <where>
13:19: activation `m` gives a number, this is the list […] [type-mismatch] at <[z]>
14:8: `dense` is applied to a network value, got the list [1] [type-mismatch] at <[1]>
)");
}

TEST_CASE("Arguments that want a list, and those that do not") {
  std::string long_list = "[0";
  for (int i = 0; i < 33; ++i) long_list += ", 1";
  CHECK(mistakes_of(head + "a = " + long_list + R"(]
b = g |> polynomial(a)
c = g |> polynomial([[1, 2]])
d = g |> polynomial([1], 2)
e = g |> polynomial(c = [1], 2)
f = g |> polynomial(1, c = [1])
h = g |> polynomial(1, true, g)
i = g |> polynomial
j = x |> dense(W_std = [1])
output g
)") == R"(5:21: `c` has at most 33 numbers, got 34 [argument-out-of-range] at <a>
6:21: `c` is a list of numbers, got a matrix of 1 x 2 numbers [type-mismatch] at <[[1, 2]]>
7:21: `c` is made of numbers, got the list [1] [type-mismatch] at <[1]>
8:30: `c` is given twice [duplicate-argument] at <2>
  8:21: the first is here at <c>
9:24: `c` is given twice [duplicate-argument] at <c>
  9:21: the first is here at <1>
10:24: `c` is made of numbers, got the boolean true [type-mismatch] at <true>
10:30: `c` is made of constants, got a network value [not-constant] at <g>
11:10: `polynomial` needs its argument `c`, the coefficients, from the constant one on [missing-argument] at <polynomial>
  help: write `polynomial(c = …)`
12:24: `W_std` is a number, got the list [1] [type-mismatch] at <[1]>
)");
}

TEST_CASE("The numbers of a list are counted before it is built: list-too-long") {
  ElaborationLimits limits;
  limits.list_numbers = 6;
  const std::string text = head + "r = [1, 2, 3]\nm = [r, r]\n";
  CHECK(mistakes_of(text + "output g\n", {}, limits) == "");
  CHECK(mistakes_of(text + "k = [r, r, r]\noutput g\n", {}, limits) ==
        "6:5: a list of 9 numbers, the limit is 6 [list-too-long] at <[r, r, r]>\n");
}

TEST_CASE("A list as an argument of a layer is printed as it may be written") {
  const LayerGraph graph = elaborate_text(
                               "network n(w = 2.0)\ninput x : vector(3)\n"
                               "output x |> dense(W_std = w, b_std = 3)\n")
                               .graph.value();
  const auto& layer = std::get<LayerNode>(graph.nodes[graph.output].node);
  const ScalarId w = std::get<ScalarId>(argument(layer, "W_std"));
  const ScalarId three = std::get<ScalarId>(argument(layer, "b_std"));
  CHECK(print_argument(graph, ListArgument{.numbers = {w, three, w}}) == "[w, 3, w]");
  CHECK(print_argument(graph, ListArgument{.numbers = {w, three, three, w}, .rows = 2}) ==
        "[[w, 3], [3, w]]");
  CHECK(print_argument(graph, ListArgument{.numbers = {w, three}, .rows = 2}) == "[[w], [3]]");
}

}  // namespace
}  // namespace ntkc::layer_graph
