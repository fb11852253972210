// Positions and channels: what each layer and combination makes of them, and where they do not fit.
#include <doctest/doctest.h>

#include "compiler/diagnostics/diagnostic_list.hpp"
#include "compiler/layer_graph/shapes.hpp"
#include "tests/layer_graph/elaborated.hpp"

namespace ntkc::layer_graph {
namespace {

const std::string sequence = "network n\ninput x : sequence(8, 3)\n";
const std::string image = "network n\ninput x : image(4, 6, 3)\n";

TEST_CASE("Positions go through dense, activations, sums, products, blocks and repeats") {
  CHECK(graph_of("network n(length = 8)\ninput x : sequence(length, 3)\n"
                 R"(
def block(h) { return h + 0.5 * (h |> relu |> dense(width = 16)) }
h = x |> dense(width = 16)
repeat 4 { h = block(h) }
gate = x |> dense(width = 16) |> sigmoid
output h * gate |> dense
)") == R"(network n(length = 8)
%0 x = input : sequence(8, 3)
%1 h = dense(%0, width = 16) : sequence(8, 16) gaussian
%2 = loop 4 {
  %3 h = carried(%1) : sequence(8, 16) gaussian
  %4 = relu(%3) : sequence(8, 16)
  %5 = dense(%4, width = 16) : sequence(8, 16) gaussian
  %6 h = %3 + 0.5*%5 : sequence(8, 16) gaussian
  next(%6)
}
%7 h = result(%2, 0) : sequence(8, 16) gaussian
%8 = dense(%0, width = 16) : sequence(8, 16) gaussian
%9 gate = sigmoid(%8) : sequence(8, 16)
%10 = %7*%9 : sequence(8, 16)
%11 = dense(%10) : sequence(8, inf) gaussian
output %11
)");
}

TEST_CASE("A concat joins channels, or positions along an axis") {
  CHECK(graph_of(image + R"(a = x |> dense
b = x |> dense
below = concat(a, b, axis = 0)
beside = concat(a, below |> relu |> dense |> concat(x |> dense, axis = 0), axis = 0)
c = concat(a |> relu, b |> relu, axis = channels)
output concat(beside, c |> dense, below |> relu |> dense, axis = 0)
)")
            .find("image(28, 6, inf) gaussian") != std::string::npos);
  CHECK(graph_of(image + "a = x |> dense(width = 5)\noutput concat(x |> dense, a, axis = 1)\n") ==
        R"(network n
%0 x = input : image(4, 6, 3)
%1 a = dense(%0, width = 5) : image(4, 6, 5) gaussian
%2 = dense(%0) : image(4, 6, inf) gaussian
%3 = concat(%2, %1, axis = 1) : image(4, 12, 5) gaussian
output %3
)");
  for (const std::string axis : {"positions", "0", "2 - 2"}) {
    CAPTURE(axis);
    const std::string text = sequence + "output concat(x |> dense, x |> dense, axis = " + axis + ")\n";
    CHECK(graph_of(text).find("concat(%1, %2, axis = 0) : sequence(16, inf) gaussian") != std::string::npos);
  }
  // What is not Gaussian before is not after.
  CHECK(graph_of(sequence + "output concat(x |> dense, x |> dense |> relu, axis = positions)\n")
            .find("axis = 0) : sequence(16, inf)\n") != std::string::npos);
  CHECK(graph_of(sequence + "output concat(x, x, axis = channels)\n").find(": sequence(8, 6)\n") !=
        std::string::npos);
}

TEST_CASE("Shapes that do not fit are told with where each comes from") {
  CHECK(mistakes_of(sequence + R"(a = x |> dense(width = 4)
b = a |> relu
c = x |> dense(width = 5)
repeat 3 { c = c |> relu |> dense(width = 5) }
d = b + c
long = concat(a |> relu |> dense(width = 4), x |> dense, axis = positions)
e = 2 * long + b
f = long * a
k = concat(long, a, axis = channels)
output b
)") == R"(7:7: summands of different shapes: `sequence(8, 4)` and `sequence(8, 5)` [shape-mismatch] at <+>
  3:10: the shape of `sequence(8, 4)` comes from here at <dense(width = 4)>
  6:29: the shape of `sequence(8, 5)` comes from here at <dense(width = 5)>
9:14: summands of different shapes: `sequence(16, 4)` and `sequence(8, 4)` [shape-mismatch] at <+>
  8:8: the shape of `sequence(16, 4)` comes from here at <concat(a |> relu |> dense(width = 4), x |> dense, axis = positions)>
  2:1: the shape of `sequence(8, 4)` comes from here at <input x : sequence(8, 3)>
10:10: factors of different shapes: `sequence(16, 4)` and `sequence(8, 4)` [shape-mismatch] at <*>
  8:8: the shape of `sequence(16, 4)` comes from here at <concat(a |> relu |> dense(width = 4), x |> dense, axis = positions)>
  2:1: the shape of `sequence(8, 4)` comes from here at <input x : sequence(8, 3)>
11:18: values of different positions: `sequence(16, 4) gaussian` and `sequence(8, 4) gaussian` [shape-mismatch] at <a>
  8:8: the shape of `sequence(16, 4)` comes from here at <concat(a |> relu |> dense(width = 4), x |> dense, axis = positions)>
  2:1: the shape of `sequence(8, 4)` comes from here at <input x : sequence(8, 3)>
)");
}

TEST_CASE("Values that cannot be joined along positions") {
  CHECK(
      mistakes_of(image + R"(a = x |> dense(width = 4)
tall = concat(a, x |> dense, axis = 0)
b = concat(tall, x |> dense, axis = 1)
c = concat(x |> dense, a, x |> dense(width = 5), axis = 1)
d = concat(a, a, axis = 1)
e = concat(a, a |> relu, axis = 0)
f = concat(a, x |> dense, axis = positions)
g = concat(a, x |> dense, axis = 2)
h = concat(a, x |> dense, axis = chanels)
i = concat(a, x |> dense, axis = true)
k = concat(a, x |> dense, axis = -1)
j = concat(a, x |> dense, axis = "rows")
output a
)") ==
      R"(5:18: values that do not fit along axis 1: `image(8, 6, 4)` and `image(4, 6, inf)` [shape-mismatch] at <x |> dense>
  4:8: the shape of `image(8, 6, 4)` comes from here at <concat(a, x |> dense, axis = 0)>
  2:1: the shape of `image(4, 6, inf)` comes from here at <input x : image(4, 6, 3)>
6:27: values that do not fit along axis 1: `image(4, 12, 4)` and `image(4, 6, 5)` [shape-mismatch] at <x |> dense(width = 5)>
  3:10: the shape of `image(4, 6, 4)` comes from here at <dense(width = 4)>
  6:32: the shape of `image(4, 6, 5)` comes from here at <dense(width = 5)>
7:15: the values that are joined along positions are not independent: the mean of their product need not be 0, so their kernels do not add [dependent-branches] at <a>
  7:12: one branch at <a>
  7:15: the other, which depends on the same values at <a>
  help: end one of the branches in a `dense` of its own
8:15: the values that are joined along positions are not independent: the mean of their product need not be 0, so their kernels do not add [dependent-branches] at <a |> relu>
  8:12: one branch at <a>
  8:15: the other, which depends on the same values at <a |> relu>
  help: end one of the branches in a `dense` of its own
9:34: a value of type `image(4, 6, 4) gaussian` has 2 axes of positions [argument-out-of-range] at <positions>
  help: write `axis = 0` to join one below the other, `axis = 1` side by side
10:34: a value of type `image(4, 6, 4) gaussian` has no axis 2 of positions [argument-out-of-range] at <2>
  help: axes of positions are counted from 0: `axis = 0` is the height, `axis = 1` the width
11:34: unknown axis `chanels`, did you mean `channels`? [unknown-name] at <chanels>
  help: write `axis = channels` or `axis = positions`
12:34: `axis` is `channels`, `positions` or an integer, got the boolean true [type-mismatch] at <true>
13:34: `axis` is at least 0, got -1 [argument-out-of-range] at <-1>
14:34: a text is not a value [type-mismatch] at <"rows">
  help: texts name files: `import "blocks.arch"`, `aggregate("adjacency.csv")`
)");
  CHECK(mistakes_of("network n\ninput x : vector(3)\noutput concat(x, x |> dense, axis = positions)\n") ==
        R"(3:37: a value of type `vector(3)` has no positions [argument-out-of-range] at <positions>
  help: write `axis = channels`
)");
}

TEST_CASE("Inputs that are wrong, and values of too many numbers") {
  const auto mistake = [](const std::string& type) {
    return mistakes_of("network n\ninput x : " + type + "\noutput x\n");
  };
  CHECK(mistake("sequence(8)") ==
        "2:11: `sequence` has two sizes, length and channels, got 1 [shape-mismatch] at <sequence>\n"
        "  help: write `sequence(100, 16)` for 100 positions of 16 numbers each\n");
  CHECK(mistake("image(8, 8)").find("`image` has three sizes, height, width and channels, got 2") !=
        std::string::npos);
  CHECK(mistake("image(8, 0, 3)").find("2:20: a size is at least 1, got 0") != std::string::npos);
  CHECK(mistake("vectr(8)").find("unknown input type `vectr`, did you mean `vector`?") != std::string::npos);
  CHECK(mistake("image(100000, 100000, 3)") ==
        "2:11: a value of more than 65536 positions: `image(100000, 100000, 3)` [limit-exceeded] at "
        "<image>\n");
  CHECK(mistake("sequence(65536, 32767)") == "");
  std::string doubling = "network n\ninput x : sequence(1000, 3)\nh = x |> dense\n";
  for (int i = 0; i < 25; ++i)
    doubling += "h = concat(h |> relu |> dense, h |> relu |> dense, axis = positions)\n";
  CHECK(mistakes_of(doubling + "output h\n").find("`sequence(4096000000, inf)`") == std::string::npos);
  CHECK(mistakes_of(doubling + "output h\n").find("a value of more than 65536 positions") !=
        std::string::npos);
  CHECK(mistakes_of("network n\ninput x : vector(2147483647)\noutput concat(x, x)\n")
            .find("`vector(4294967294)`") != std::string::npos);
  CHECK(mistakes_of("network n\ninput x : sequence(4, 3)\nh = x |> dense\n"
                    "repeat 5 { h = concat(h |> relu |> dense, x |> dense, axis = positions) }\noutput h\n")
            .find("`h` changes type in every iteration: from `sequence(12, inf) gaussian` to "
                  "`sequence(16, inf) gaussian` [unstable-repeat]") != std::string::npos);
}

TEST_CASE("A kernel is that of an output without positions") {
  const auto refusal = [](const std::string& text) {
    DiagnosticList diagnostics;
    const bool derivable = check_derivable(elaborate_text(text).graph.value(), diagnostics);
    CHECK(derivable == diagnostics.diagnostics().empty());
    if (derivable) return std::string();
    const Diagnostic& told = diagnostics.diagnostics().at(0);
    return std::string(info(told.kind).name) + ": " + told.message + "; " + told.help;
  };
  CHECK(refusal("network n\ninput x : vector(3)\noutput x |> dense\n").empty());
  CHECK(refusal(image + "output x |> dense |> relu\n") ==
        "shape-mismatch: the output is `image(4, 6, inf)`: a kernel is that of a value without positions; "
        "end the "
        "network in `flatten`, `global_avg_pool` or `global_sum_pool`, and `dense`");
  CHECK(refusal(image + "output x |> conv(3) |> relu |> flatten\n").empty());
}

TEST_CASE("Windows, sizes and matrices that do not fit") {
  CHECK(
      mistakes_of("network n\ninput x : image(4, 6, 3)\nh = x |> conv(3)\n"
                  "a = h |> conv(5, padding = valid)\nb = h |> conv([3, 3], stride = 0)\n"
                  "c = h |> avg_pool([2, 2, 2])\nd = h |> sum_pool(2, stride = [1])\ne = d |> conv(3, "
                  "dilation = [1, 2])\n"
                  "f = h |> aggregate([[1, 2], [3, 4]])\ng = h |> slice(stop = 5)\ni = h |> slice(start = 3, "
                  "stop = 3)\n"
                  "j = (h |> conv(3, stride = 2)) + h\nk = (x |> conv(3, stride = 2)) + h\n"
                  "l = h |> flatten |> conv(3)\nm = h |> layer_norm(axes = positions)\no = h |> resize([2])\n"
                  "output h |> conv(65536) |> flatten\n") ==
      R"(4:15: a window of 5 positions does not fit into 4 [shape-mismatch] at <5>
  3:10: it is applied to this at <conv(3)>
  help: `padding = same` reads zeros beyond the edges
5:32: `stride` is at least 1, got 0 [argument-out-of-range] at <0>
6:19: `window` has at most 2 numbers, got 3 [argument-out-of-range] at <[2, 2, 2]>
9:20: a matrix of 2 x 2 numbers for the 24 positions of `image(4, 6, inf)` [shape-mismatch] at <[[1, 2], [3, 4]]>
  3:10: it is applied to this at <conv(3)>
  help: it has a column for each position, those of an image row by row, and a row for each that it makes
10:23: a slice up to 5 of 4 positions [shape-mismatch] at <5>
  3:10: it is applied to this at <conv(3)>
  help: positions are counted from 0, and `stop` is the first that is left out
11:24: a slice from 3 to 3 has no positions [shape-mismatch] at <3>
  3:10: it is applied to this at <conv(3)>
  help: positions are counted from 0, and `stop` is the first that is left out
12:32: summands of different shapes: `image(2, 3, inf)` and `image(4, 6, inf)` [shape-mismatch] at <+>
  12:11: the shape of `image(2, 3, inf)` comes from here at <conv(3, stride = 2)>
  2:1: the shape of `image(4, 6, inf)` comes from here at <input x : image(4, 6, 3)>
13:32: summands of different shapes: `image(2, 3, inf)` and `image(4, 6, inf)` [shape-mismatch] at <+>
  13:11: the shape of `image(2, 3, inf)` comes from here at <conv(3, stride = 2)>
  2:1: the shape of `image(4, 6, inf)` comes from here at <input x : image(4, 6, 3)>
14:21: `conv` needs a value with positions, got `vector(inf)` [shape-mismatch] at <conv>
  14:10: it is applied to this at <flatten>
  help: declare the input as `sequence(length, channels)` or `image(h, w, channels)`
15:28: `layer_norm` is over the channels, or over the positions and the channels [argument-out-of-range] at <positions>
  3:10: it is applied to this at <conv(3)>
  help: write `axes = [positions, channels]`
17:13: windows with 1.03e+11 taps at all positions together, the limit is 16777216 [limit-exceeded] at <conv>
  3:10: it is applied to this at <conv(3)>
  help: take a smaller window, or fewer positions
)");
}

TEST_CASE("Lists of choices are names, each once") {
  const std::string text = "network n\ninput x : image(4, 6, 3)\noutput x |> dense |> layer_norm(axes = ";
  CHECK(graph_of(text + "[positions, channels])\n")
            .find("layer_norm(%1, axes = [positions, channels]) : image(4, 6, inf) gaussian") !=
        std::string::npos);
  CHECK(graph_of(text + "channels, eps = 0.5)\n").find("layer_norm(%1, eps = 0.5)") != std::string::npos);
  CHECK(mistakes_of(text + "[channels, channels])\n").find("[type-mismatch]") != std::string::npos);
}

TEST_CASE("Numbers are counted without overflow") {
  CHECK(number_count({.positions = {}, .channels = std::nullopt}) == 1);
  CHECK(number_count({.positions = {4, 6}, .channels = 3}) == 72);
  CHECK(number_count({.positions = {4, 6}, .channels = std::nullopt}) == 24);
  CHECK(number_count({.positions = {65536, 32767}, .channels = 1}) == 2147418112);
  CHECK_FALSE(number_count({.positions = {65536, 32768}, .channels = 1}));
  CHECK_FALSE(number_count({.positions = {2147483647, 2147483647}, .channels = 2147483647}));
}

}  // namespace
}  // namespace ntkc::layer_graph
