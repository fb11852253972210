// Blocks and activations of one's own: what they make, what they see, and every mistake.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "tests/layer_graph/elaborated.hpp"

namespace ntkc::layer_graph {
namespace {

const std::string head = "network n(w = 1.5)\ninput x : vector(3)\n";

TEST_CASE("A block is written out, with fresh weights at each application") {
  CHECK(graph_of(R"(network n(w = 1.5)
input x : vector(3)
s = 2 * w
def block(h, scale = 1, depth = 2) {
  g = h
  repeat depth { g = g |> relu |> dense(W_std = s) }
  return h + scale * g
}
h = x |> dense
h = h |> block(0.5)
output block(depth = 1, h = h)
)") == R"(network n(w = 1.5)
%0 x = input : vector(3)
%1 h = dense(%0) : vector(inf) gaussian
%2 = loop 2 {
  %3 g = carried(%1) : vector(inf) gaussian
  %4 = relu(%3) : vector(inf)
  %5 g = dense(%4, W_std = 2*w) : vector(inf) gaussian
  next(%5)
}
%6 g = result(%2, 0) : vector(inf) gaussian
%7 h = %1 + 0.5*%6 : vector(inf) gaussian
%8 = relu(%7) : vector(inf)
%9 g = dense(%8, W_std = 2*w) : vector(inf) gaussian
%10 = %7 + %9 : vector(inf) gaussian
output %10
)");
}

TEST_CASE("A block sees the names bound where it stands, not where it is applied") {
  CHECK(graph_of(R"(network n
input x : vector(3)
s = 2
def inner(h) { return h |> dense(W_std = s) }
s = 3
def outer(h, t = s) {
  s = 5
  return h |> inner |> relu |> dense(W_std = s, b_std = t)
}
s = 7
output x |> outer |> relu |> outer(t = s)
)") == R"(network n
%0 x = input : vector(3)
%1 = dense(%0, W_std = 2) : vector(inf) gaussian
%2 = relu(%1) : vector(inf)
%3 = dense(%2, W_std = 5, b_std = 3) : vector(inf) gaussian
%4 = relu(%3) : vector(inf)
%5 = dense(%4, W_std = 2) : vector(inf) gaussian
%6 = relu(%5) : vector(inf)
%7 = dense(%6, W_std = 5, b_std = 7) : vector(inf) gaussian
output %7
)");
}

TEST_CASE("A block may take several values, give a constant, and be applied in a repeat of any count") {
  CHECK(graph_of(head + R"(
def gate(a, b, f = 1) { return f * (a * (b |> dense)) |> dense }
def twice(a) { return 2 * a }
h = x |> dense
k = h
repeat twice(5) { h = gate(h, k, f = twice(w)) }
output h
)") == R"(network n(w = 1.5)
%0 x = input : vector(3)
%1 h = dense(%0) : vector(inf) gaussian
%2 = loop 10 {
  %3 h = carried(%1) : vector(inf) gaussian
  %4 = dense(%1) : vector(inf) gaussian
  %5 = %3*%4 : vector(inf)
  %6 = 2*w*%5 : vector(inf)
  %7 h = dense(%6) : vector(inf) gaussian
  next(%7)
}
%8 h = result(%2, 0) : vector(inf) gaussian
output %8
)");
  const std::string deep = graph_of(head + R"(
def block(h) { return h + (h |> relu |> dense) }
h = x |> dense
repeat 10000 { h = block(h) }
output h
)");
  CHECK(deep.find("loop 10000") != std::string::npos);
  CHECK(deep.size() < 500);
}

TEST_CASE("Mistakes in definitions") {
  CHECK(mistakes_of_body(R"(
def f(h, h, relu) { return h |> relu |> dens }
def g(h) { return h + q |> later }
def later(h) { return unknown + h }
def again(h) { return h |> other }
def other(h) { return again(h) |> dense }
def itself(h) { return itself(h) }
activation a(z, z) = z
activation b(z) = 3
activation c(z, beta = w) = where(z, beta, 2)
def w(h) { return h }
def twice(h) { return h }
def twice(h) { return h }
twice = 3
output x |> dense |> g
)") == R"(3:10: block `f` has two parameters `h` [duplicate-argument] at <h>
  3:7: the first is here at <h>
3:13: `relu` is built in and cannot be bound [reserved-name] at <relu>
  help: choose another name
3:41: unknown layer `dens`, did you mean `dense`? [unknown-layer] at <dens>
4:23: unknown name `q` [unknown-name] at <q>
4:28: block `later` is not defined yet [unknown-layer] at <later>
  5:5: it is defined here at <later>
  help: a definition comes before its use
5:23: unknown name `unknown` [unknown-name] at <unknown>
6:28: block `again` applies itself through `other` [recursive-block] at <other>
  7:23: `other` applies `again` here at <again>
  help: a `repeat` applies a block a number of times
8:24: block `itself` applies itself [recursive-block] at <itself>
  help: a `repeat` applies a block a number of times
9:17: activation `a` has two parameters `z` [duplicate-argument] at <z>
  9:14: the first is here at <z>
10:14: activation `b` does not depend on its variable `z` [invalid-activation] at <z>
  help: a constant is not an activation
11:29: `where` needs a condition such as `z > 0`, got a function of the activation's argument [type-mismatch] at <where>
12:5: `w` is bound already, as a parameter [redefinition] at <w>
  1:11: bound here at <w>
  help: choose another name
14:5: `twice` is bound already, as a block [redefinition] at <twice>
  13:5: bound here at <twice>
  help: choose another name
15:1: `twice` is bound already, as a block [redefinition] at <twice>
  13:5: bound here at <twice>
  help: choose another name
)");
}

TEST_CASE("Mistakes in applications") {
  CHECK(mistakes_of_body(R"(
def f(h, s, t = 1) { return s * h + t * (x |> dense) }
def one(h) { return 1 }
activation a(z, beta) = z / (1 + exp(-beta * z))
h = x |> dense
b = h |> f
c = h |> f(1, 2, 3)
d = h |> f(h = 2, s = 1)
e = h |> f(s = 1, u = 2)
g = (h |> one) |> dense
i = h |> a
j = h |> a(h)
k = true |> a(1)
l = f + 1
m = a
n = later(h)
def later(h) { return h }
output h
)") == R"(7:10: `f` needs its parameter `s` [missing-argument] at <f>
  3:10: it has no default at <s>
8:18: `f` takes at most 3 arguments [positional-argument] at <3>
  3:5: defined here at <f>
9:12: `h` is given twice [duplicate-argument] at <h>
  9:5: the first is here at <h>
10:19: `f` has no parameter `u` [unknown-argument] at <u>
  3:5: defined here at <f>
11:5: `dense` is applied to a network value, got the integer 1 [type-mismatch] at <(h |> one)>
12:10: `a` needs its parameter `beta` [missing-argument] at <a>
  5:17: it has no default at <beta>
13:12: a parameter of an activation is a constant, got a network value [not-constant] at <h>
14:5: `a` needs a number, got the boolean true [type-mismatch] at <true>
15:5: `f` is a block, not a value [type-mismatch] at <f>
  3:5: defined here at <f>
  help: apply it: `h |> f`
16:5: `a` is an activation, not a value [type-mismatch] at <a>
  5:12: defined here at <a>
  help: apply it: `h |> a`
17:5: block `later` is not defined yet [unknown-layer] at <later>
  18:5: it is defined here at <later>
  help: a definition comes before its use
)");
}

TEST_CASE("A mistake in a block is told with the applications that lead to it") {
  CHECK(mistakes_of_body(R"(
def inner(h, s) {
  return h |> relu |> dense(W_std = s)
}
def outer(h, s) {
  g = h |> inner(s)
  return g + (g |> relu)
}
output x |> dense |> outer(1) |> dense |> outer(-1)
)") == R"(4:37: `W_std` is not negative, got -1 [argument-out-of-range] at <s>
  3:14: `s` is bound to the integer -1 here at <s>
  7:12: in block `inner`, applied here at <inner>
  10:43: in block `outer`, applied here at <outer>
8:12: the branches of this sum are not independent: the mean of their product need not be 0, so their kernels do not add [dependent-branches] at <+>
  8:10: one branch at <g>
  8:14: the other, which depends on the same values at <(g |> relu)>
  10:22: in block `outer`, applied here at <outer>
  help: end one of the branches in a `dense` of its own
)");
}

TEST_CASE("Activations of one's own are functions of z, on numbers they evaluate") {
  const auto graph = elaborate_text(head + R"(
activation swish(z, beta = 1) = z / (1 + exp(-beta * z))
activation gate(z, a = 2, n = 3) = where(z > 0, swish2(z), a * z^n)
output x |> dense
)")
                         .diagnostics;
  CHECK(graph.find("unknown layer `swish2`") != std::string::npos);
  CHECK(graph_of(head + R"(
activation bent(z, beta = 1) = max(z, 0) + w * beta * min(z, 0)
activation twice(z, n = 1) = 2 * bent(z, n) + 0 * z
k = twice(-2, 3)
output k * (x |> dense)
)") == R"(network n(w = 1.5)
%0 x = input : vector(3)
%1 = dense(%0) : vector(inf) gaussian
%2 = 2*(w*3*(-2))*%1 : vector(inf) gaussian
output %2
)");
}

TEST_CASE("A function that cannot be an activation: invalid-activation") {
  for (const auto& [text, message] : std::initializer_list<std::pair<const char*, const char*>>{
           {"activation f(z) = z - z", "activation `f` is constant"},
           {"activation f(z) = sin(z)^2 + cos(z)^2", "activation `f` is constant"},
           {"activation f(z) = 1/z", "activation `f` has no finite value at z = 0"},
           {"activation f(z) = log(z)", "activation `f` has no finite value at z = 0"},
           {"activation f(z) = sqrt(z + 50)", "activation `f` has no finite value at z = -"},
           {"activation f(z) = exp(z*z)", "activation `f` grows too fast"},
           {"activation f(z) = z*exp(0.01*z^2)", "activation `f` grows too fast"},
           {"activation f(z) = exp(abs(z)^2.5)", "activation `f` grows too fast"},
           {"activation f(z) = 1/(z - 0.3)", "the square of activation `f` has no integral around z = 0.3"},
       }) {
    INFO(text);
    const std::string told = mistakes_of(head + text + "\noutput x |> dense\n");
    CHECK(told.find(message) != std::string::npos);
    CHECK(told.find("[invalid-activation] at <f>") != std::string::npos);
    // Told once, also where it is applied.
    CHECK(mistakes_of(head + text + "\noutput x |> dense |> f\n") == told);
  }
  for (const char* text : {"exp(z)", "exp(-3*z)", "exp(abs(z)^1.5)", "z^20", "exp(-z^2)", "1/(1 + z^2)",
                           "log(1 + exp(z))", "where(z > 0, log(1 + z), z)"}) {
    INFO(text);
    CHECK(mistakes_of(fmt::format("{}activation f(z) = {}\noutput x |> dense\n", head, text)) == "");
  }
}

TEST_CASE("Parameters that make an activation invalid are blamed where it is applied") {
  CHECK(
      mistakes_of(head + R"(
activation f(z, a) = exp(a * z^2)
output x |> dense |> f(1)
)") ==
      R"(4:12: activation `f` grows too fast: its square has no mean over a Gaussian variable of large variance [invalid-activation] at <f>
  5:22: in activation `f`, applied here at <f>
  help: an activation grows less than exp(z^2), such as exp(z) or any power
)");
}

TEST_CASE("Blocks that write out too much are refused: expansion-too-large") {
  std::string text = head + "def b0(h) { return h |> relu |> dense }\n";
  for (int i = 1; i <= 60; ++i)
    text += fmt::format("def b{}(h) {{ return h |> b{} |> b{} }}\n", i, i - 1, i - 1);
  CHECK(mistakes_of(text + "output x |> dense |> b60\n").find("[expansion-too-large]") != std::string::npos);
  CHECK(elaborate_text(text + "output x |> dense |> b10\n").diagnostics == "");
  text = head + "def b0(h) { return h |> relu |> dense }\n";
  for (int i = 1; i <= 64; ++i) text += fmt::format("def b{}(h) {{ return h |> b{} }}\n", i, i - 1);
  CHECK(elaborate_text(text + "output x |> dense |> b63\n").diagnostics == "");
  CHECK(mistakes_of(text + "output x |> dense |> b64\n")
            .find("blocks apply one another more than 64 deep [expansion-too-large]") != std::string::npos);
  for (int i = 65; i <= 256; ++i) text += fmt::format("def b{}(h) {{ return h |> b{} }}\n", i, i - 1);
  ElaborationLimits limits;
  limits.applied_blocks = most_applied_blocks;
  CHECK(elaborate_text(text + "output x |> dense |> b255\n", {}, limits).diagnostics == "");
  CHECK(mistakes_of(text + "output x |> dense |> b256\n", {}, limits)
            .find("blocks apply one another more than 256 deep") != std::string::npos);
}

}  // namespace
}  // namespace ntkc::layer_graph
