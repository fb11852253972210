// Products and concats: their graphs, which of them are refused, and what the first iteration of a loop is
// excused for.
#include <doctest/doctest.h>

#include "tests/layer_graph/elaborated.hpp"

namespace ntkc::layer_graph {
namespace {

const std::string head = "network n\ninput x : vector(3)\n";

TEST_CASE("A product leaves its multiples outside") {
  CHECK(graph_of(head + R"(a = x |> dense |> relu
b = (x |> dense(width = 5)) - (a |> dense)
output (2 * a) * b * (0.5 * (x |> dense))
)") == R"(network n
%0 x = input : vector(3)
%1 = dense(%0) : vector(inf) gaussian
%2 a = relu(%1) : vector(inf)
%3 = dense(%0, width = 5) : vector(5) gaussian
%4 = dense(%2) : vector(inf) gaussian
%5 b = %3 - %4 : vector(5) gaussian
%6 = %2*%5 : vector(5)
%7 = dense(%0) : vector(inf) gaussian
%8 = %6*%7 : vector(5)
output %8
)");
}

TEST_CASE("Factors are independent if no unit of theirs is made of the same weights") {
  for (const char* body : {
           "h = x |> dense\noutput h * (h |> relu |> dense)",
           "h = x |> dense\noutput relu(h) * (h |> dense |> relu)",
           "output x * (x |> dense)",
           "a = x |> dense\nb = x |> dense\noutput (a + b) * (x |> dense |> relu)",
           "h = x |> dense\nrepeat 3 { h = h * (h |> dense |> relu) |> dense }\noutput h",
           // The value carried was made by the same layer, with other weights.
           "h = x |> dense\nrepeat 3 { d = x |> dense\nh = h * d |> dense }\noutput h",
           "d = x |> dense\nh = x |> dense\nrepeat 3 { e = x |> dense\nh = d * e |> dense\nd = e }\noutput h",
       }) {
    INFO(body);
    CHECK(elaborate_text(head + body + "\n").diagnostics == "");
  }
}

TEST_CASE("Factors that are made of the same units are refused") {
  for (const char* body : {
           "output x * x",
           "h = x |> dense\noutput h * h",
           "h = x |> dense\noutput h * relu(h)",
           "h = x |> dense\nk = x |> dense\noutput (h + k) * relu(h)",
           "h = x |> dense\noutput concat(h, x |> dense) * relu(h)",
           "a = x |> dense\nb = x |> dense\noutput (a * b) * a",
           "h = x |> dense\nk = h\nrepeat 3 { h = h * k\nk = x |> dense\nh = 2 * h |> dense }\noutput h * h",
           "d = x |> dense\nh = x |> dense\nrepeat 3 { h = d * h |> dense\nd = h }\noutput h",
       }) {
    INFO(body);
    CHECK(mistakes_of(head + body + "\n").find("[dependent-branches]") != std::string::npos);
  }
}

TEST_CASE("A product is uncorrelated with what does not hold one of its fresh factors") {
  CHECK(
      elaborate_text(head + "h = x |> dense\noutput h + (h |> dense) * (h |> dense |> erf)\n").diagnostics ==
      "");
  CHECK(
      mistakes_of(head + "h = x |> dense\noutput h + (h |> dense |> erf) * (h |> dense |> erf)\n") ==
      R"(4:10: the branches of this sum are not independent: the mean of their product need not be 0, so their kernels do not add [dependent-branches] at <+>
  4:8: one branch at <h>
  4:12: the other, which depends on the same values at <(h |> dense |> erf) * (h |> dense |> erf)>
  help: end one of the branches in a `dense` of its own
)");
}

TEST_CASE("Values are joined along their channels") {
  CHECK(graph_of(head + R"(a = x |> dense(width = 4)
b = 2 * a |> relu
output a |> relu |> concat(b, x, axis = channels) |> dense
)") == R"(network n
%0 x = input : vector(3)
%1 a = dense(%0, width = 4) : vector(4) gaussian
%2 = 2*%1 : vector(4) gaussian
%3 b = relu(%2) : vector(4)
%4 = relu(%1) : vector(4)
%5 = concat(%4, %3, %0, axis = channels) : vector(11)
%6 = dense(%5) : vector(inf) gaussian
output %6
)");
}

TEST_CASE("The parts of a concat are as wide as they state, or all alike") {
  const auto graph = elaborate_text(head + "a = x |> dense(width = 9)\noutput concat(a, x)\n").graph.value();
  CHECK(channel_fractions(graph, std::get<ConcatNode>(graph.nodes[graph.output].node)) ==
        std::vector<double>{0.75, 0.25});
  const auto alike = elaborate_text(head + "a = x |> dense\noutput concat(a, a, a, a)\n").graph.value();
  CHECK(channel_fractions(alike, std::get<ConcatNode>(alike.nodes[alike.output].node)) ==
        std::vector<double>{0.25, 0.25, 0.25, 0.25});
}

TEST_CASE("Mistakes in products and concats") {
  CHECK(mistakes_of_body(R"(
a = x |> dense
b = (x |> dense(width = 3)) * (x |> dense(width = 4))
c = concat(a)
d = concat(a, 2)
e = concat(a, x)
f = concat(a, a, axs = channels)
g = concat(a, a, axis = channels, axis = channels)
h = concat(a, a, axis = 0)
i = concat(a, a, axis = "rows")
j = concat(a, a) |> relu
k = a * (x |> dense) |> relu
l = a * (a |> relu |> dense) + concat
output a
)") == R"(4:29: factors of different shapes: `vector(3)` and `vector(4)` [shape-mismatch] at <*>
  4:11: the shape of `vector(3)` comes from here at <dense(width = 3)>
  4:37: the shape of `vector(4)` comes from here at <dense(width = 4)>
5:5: `concat` joins at least two values, got 1 [missing-argument] at <concat>
  help: write `concat(a, b, axis = channels)`
6:15: `concat` joins network values, got the integer 2 [type-mismatch] at <2>
7:5: `concat` averages kernels by width, and some of the values state theirs, others do not [unknown-width] at <concat(a, x)>
  7:12: this is `vector(inf) gaussian` at <a>
  7:15: this is `vector(3)` at <x>
  help: state the `width` of all of them, or of none: then they are equally wide
8:18: `concat` has no argument `axs`, did you mean `axis`? [unknown-argument] at <axs>
9:35: `axis` is given twice [duplicate-argument] at <axis>
  9:18: the first is here at <axis>
10:25: a value of type `vector(inf) gaussian` has no axis 0 of positions [argument-out-of-range] at <0>
  help: write `axis = channels`
11:25: a text is not a value [type-mismatch] at <"rows">
  help: texts name files: `import "blocks.arch"`, `aggregate("adjacency.csv")`
12:21: `relu` needs a Gaussian value of mean zero, got a `concat` [non-gaussian-input] at <relu>
  12:5: a `concat` comes from here at <concat(a, a)>
  help: put a `dense` between
13:25: `relu` needs a Gaussian value of mean zero, got a product [non-gaussian-input] at <relu>
  13:5: a product comes from here at <a * (x |> dense)>
  help: put a `dense` between
14:32: `concat` is a combination of values, not a value [type-mismatch] at <concat>
  help: apply it: `h |> concat`
)");
}

TEST_CASE("An activation made in a loop from what is outside is uncorrelated with what the loop carries") {
  CHECK(graph_of(head + R"(a = x |> dense
h = x |> dense
repeat 4 { h = h + (a |> relu) |> dense }
output h
)") == R"(network n
%0 x = input : vector(3)
%1 a = dense(%0) : vector(inf) gaussian
%2 h = dense(%0) : vector(inf) gaussian
%3 = loop 4 {
  %4 h = carried(%2) : vector(inf) gaussian
  %5 = relu(%1) : vector(inf)
  %6 = %4 + %5 : vector(inf)
  %7 h = dense(%6) : vector(inf) gaussian
  next(%7)
}
%8 h = result(%3, 0) : vector(inf) gaussian
output %8
)");
}

TEST_CASE("What a loop made before is in the ancestry of what it makes of that") {
  CHECK(mistakes_of(head + R"(h = x |> dense
repeat 4 { h = h + (h |> dense |> relu) |> dense }
output h
)") != "");
  CHECK(mistakes_of(head + R"(h = x |> dense
k = x |> dense
repeat 4 { h = h + (k |> relu) |> dense
 k = h |> relu |> dense }
output h
)") != "");
  CHECK(mistakes_of(head + R"(h = x |> dense
k = x |> dense
repeat 4 {
  repeat 3 { h = h + (k |> relu) |> dense }
  k = h
}
output h
)") != "");
  CHECK(elaborate_text(head + R"(h = x |> dense
repeat 4 {
  k = x |> dense
  repeat 3 { h = h + (k |> relu) |> dense }
}
output h
)")
            .diagnostics == "");
}

TEST_CASE("A first iteration that is to blame is written out") {
  CHECK(graph_of(head + R"(a = x |> dense
h = a
repeat 4 { h = h + a |> relu |> dense }
output h
)") == R"(network n
%0 x = input : vector(3)
%1 a = dense(%0) : vector(inf) gaussian
%2 = 2*%1 : vector(inf) gaussian
%3 = relu(%2) : vector(inf)
%4 h = dense(%3) : vector(inf) gaussian
%5 = loop 3 {
  %6 h = carried(%4) : vector(inf) gaussian
  %7 = %6 + %1 : vector(inf) gaussian
  %8 = relu(%7) : vector(inf)
  %9 h = dense(%8) : vector(inf) gaussian
  next(%9)
}
%10 h = result(%5, 0) : vector(inf) gaussian
output %10
)");
  // In the second iteration, too, h is a: k lags behind.
  const std::string text = head + R"(a = x |> dense
h = a
k = a
repeat 9 { h = k + a |> relu |> dense
 k = h }
output h
)";
  CHECK(graph_of(text).find("loop 8") != std::string::npos);
  // Where writing out does not help, the mistake is told as it was.
  CHECK(
      mistakes_of(head + "h = x |> dense\na = h\nrepeat 4 { h = relu(a) + a |> dense }\noutput h\n") ==
      R"(5:24: the branches of this sum are not independent: the mean of their product need not be 0, so their kernels do not add [dependent-branches] at <+>
  5:16: one branch at <relu(a)>
  5:26: the other, which depends on the same values at <a>
  help: end one of the branches in a `dense` of its own
)");
}

}  // namespace
}  // namespace ntkc::layer_graph
