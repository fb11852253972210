// Graphs as text: parameters, constants, layers and loops.
#include <doctest/doctest.h>

#include "tests/layer_graph/elaborated.hpp"

namespace ntkc::layer_graph {
namespace {

TEST_CASE("A loop is peeled once where an input becomes a layer's output") {
  CHECK(graph_of(R"(network three_hidden(w = sqrt(2), b = 0.1, depth = 3, half = depth / 2)
input x : vector(64)
h = x
repeat depth { h = h |> dense(W_std = w, b_std = b) |> relu }
output h |> dense(W_std = w*half)
)") == R"(network three_hidden(w = 1.4142135623730951, b = 0.1, depth = 3, half = 1.5)
%0 x = input : vector(64)
%1 = dense(%0, W_std = w, b_std = b) : vector(inf) gaussian
%2 h = relu(%1) : vector(inf)
%3 = loop 2 {
  %4 h = carried(%2) : vector(inf)
  %5 = dense(%4, W_std = w, b_std = b) : vector(inf) gaussian
  %6 h = relu(%5) : vector(inf)
  next(%6)
}
%7 h = result(%3, 0) : vector(inf)
%8 = dense(%7, W_std = w*half) : vector(inf) gaussian
output %8
)");
}

TEST_CASE("A residual network is one loop, with the count and the scale of -D") {
  CHECK(graph_of(R"(network n(w = sqrt(2), depth = 3)
input x : vector(64)
h = x |> dense(W_std = w)
repeat depth {
  main = h |> relu |> dense(W_std = w) |> relu |> dense(W_std = w)
  h = main + h
}
output h |> dense
)",
                 {{"depth", "1000"}, {"w", "2*pi"}}) == R"(network n(w = 6.283185307179586, depth = 1000)
%0 x = input : vector(64)
%1 h = dense(%0, W_std = w) : vector(inf) gaussian
%2 = loop 1000 {
  %3 h = carried(%1) : vector(inf) gaussian
  %4 = relu(%3) : vector(inf)
  %5 = dense(%4, W_std = w) : vector(inf) gaussian
  %6 = relu(%5) : vector(inf)
  %7 main = dense(%6, W_std = w) : vector(inf) gaussian
  %8 h = %7 + %3 : vector(inf) gaussian
  next(%8)
}
%9 h = result(%2, 0) : vector(inf) gaussian
%10 = dense(%9) : vector(inf) gaussian
output %10
)");
}

TEST_CASE("Parameters may be booleans and use earlier ones") {
  CHECK(graph_of(R"(network n(a = true, d = 2 * 3, e = d + 1)
input x : vector(e)
output if a then x else x |> dense
)") == R"(network n(d = 6, e = 7)
%0 x = input : vector(7)
output %0
)");
}

TEST_CASE("A value applied to and a value piped are the same") {
  CHECK(graph_of(R"(network n
input x : vector(3)
output leaky_relu(dense(x, W_std = 2), 0.2) + (x |> dense |> leaky_relu(alpha = 0.5) |> dense)
)") == R"(network n
%0 x = input : vector(3)
%1 = dense(%0, W_std = 2) : vector(inf) gaussian
%2 = leaky_relu(%1, alpha = 0.2) : vector(inf)
%3 = dense(%0) : vector(inf) gaussian
%4 = leaky_relu(%3, alpha = 0.5) : vector(inf)
%5 = dense(%4) : vector(inf) gaussian
%6 = %2 + %5 : vector(inf)
output %6
)");
}

TEST_CASE("Real constants stay in symbols and counts are folded") {
  CHECK(graph_of(R"(network n(w = 1.5)
input x : vector(3)
h = x |> dense(W_std = 1 + 2 * 3 ^ 2 - -2 ^ 2, b_std = (1 + w) * (1 - -w) / (w / 2) ^ 2 ^ 0.5, lr = abs(-w) * pi)
k = h |> dense(W_std = erf(1), b_std = relu(-3) + gelu(1.0) - leaky_relu(-2.0, 0.5) + identity(2), lr = tanh(sin(cos(log(exp(w))))))
output k |> dense(width = abs(-3) + relu(2), frozen = (1 == 1.0) == (2 > 3))
)") == R"(network n(w = 1.5)
%0 x = input : vector(3)
%1 h = dense(%0, W_std = 1 + 2*3^2 + 2^2, b_std = (1 + w)*(1 + w)/(w/2)^2^0.5, lr = abs(-w)*pi) : vector(inf) gaussian
%2 k = dense(%1, W_std = erf(1), b_std = (1 + erf(1/sqrt(2)))/2 - -1 + 2, lr = tanh(sin(cos(log(exp(w)))))) : vector(inf) gaussian
%3 = dense(%2, width = 5) : vector(5) gaussian
output %3
)");
}

TEST_CASE("An activation on a number with a parameter holds for its other values too") {
  CHECK(graph_of(R"(network n(w = 1.5)
input x : vector(3)
output relu(2.0 * w) * (x |> dense(b_std = if w > 2 then 1 else 1e-30))
)") == R"(network n(w = 1.5)
%0 x = input : vector(3)
%1 = dense(%0, b_std = 1e-30) : vector(inf) gaussian
%2 = max(2*w, 0)*%1 : vector(inf) gaussian
output %2
)");
}

TEST_CASE("Names are shadowed and a name in the body of a repeat is local") {
  CHECK(graph_of(R"(network n
input x : vector(3)
s = 2
h = x |> dense(W_std = s)
s = s * s
h = h |> relu |> dense(W_std = s)
repeat 4 { k = h |> relu
 h = k |> dense }
k = h |> erf
output k
)") == R"(network n
%0 x = input : vector(3)
%1 h = dense(%0, W_std = 2) : vector(inf) gaussian
%2 = relu(%1) : vector(inf)
%3 h = dense(%2, W_std = 4) : vector(inf) gaussian
%4 = loop 4 {
  %5 h = carried(%3) : vector(inf) gaussian
  %6 k = relu(%5) : vector(inf)
  %7 h = dense(%6) : vector(inf) gaussian
  next(%7)
}
%8 h = result(%4, 0) : vector(inf) gaussian
%9 k = erf(%8) : vector(inf)
output %9
)");
}

TEST_CASE("A constant that settles in the first iteration is peeled") {
  CHECK(graph_of(R"(network n
input x : vector(3)
s = 1.0
h = x |> dense
repeat 20 { h = h |> relu |> dense(W_std = s)
 s = 2.0 }
output h |> dense(W_std = s)
)") == R"(network n
%0 x = input : vector(3)
%1 h = dense(%0) : vector(inf) gaussian
%2 = relu(%1) : vector(inf)
%3 h = dense(%2) : vector(inf) gaussian
%4 = loop 19 {
  %5 h = carried(%3) : vector(inf) gaussian
  %6 = relu(%5) : vector(inf)
  %7 h = dense(%6, W_std = 2) : vector(inf) gaussian
  next(%7)
}
%8 h = result(%4, 0) : vector(inf) gaussian
%9 = dense(%8, W_std = 2) : vector(inf) gaussian
output %9
)");
}

TEST_CASE("A count of zero is the identity") {
  CHECK(graph_of(R"(network n(depth = 0)
input x : vector(3)
h = x |> dense
repeat depth { h = h |> relu |> dense }
output h
)") == R"(network n(depth = 0)
%0 x = input : vector(3)
%1 h = dense(%0) : vector(inf) gaussian
output %1
)");
}

TEST_CASE("A count of one is written out") {
  CHECK(graph_of(R"(network n
input x : vector(3)
h = x |> dense
repeat 1 { h = h |> relu |> dense }
output h
)") == R"(network n
%0 x = input : vector(3)
%1 h = dense(%0) : vector(inf) gaussian
%2 = relu(%1) : vector(inf)
%3 h = dense(%2) : vector(inf) gaussian
output %3
)");
}

TEST_CASE("Peeling may use up the count") {
  CHECK(graph_of(R"(network n
input x : vector(3)
h = x
repeat 2 { h = h |> dense |> cos }
output h
)") == R"(network n
%0 x = input : vector(3)
%1 = dense(%0) : vector(inf) gaussian
%2 h = cos(%1) : vector(inf)
%3 = dense(%2) : vector(inf) gaussian
%4 h = cos(%3) : vector(inf)
output %4
)");
}

TEST_CASE("Nested loops are peeled inside and out") {
  CHECK(graph_of(R"(network n(depth = 3)
input x : vector(3)
h = x
repeat 5 { repeat depth { h = h |> dense |> relu }
  k = h }
output h
)") == R"(network n(depth = 3)
%0 x = input : vector(3)
%1 = dense(%0) : vector(inf) gaussian
%2 h = relu(%1) : vector(inf)
%3 = loop 2 {
  %4 h = carried(%2) : vector(inf)
  %5 = dense(%4) : vector(inf) gaussian
  %6 h = relu(%5) : vector(inf)
  next(%6)
}
%7 h = result(%3, 0) : vector(inf)
%8 = loop 4 {
  %9 h = carried(%7) : vector(inf)
  %10 = loop 3 {
    %11 h = carried(%9) : vector(inf)
    %12 = dense(%11) : vector(inf) gaussian
    %13 h = relu(%12) : vector(inf)
    next(%13)
  }
  %14 h = result(%10, 0) : vector(inf)
  next(%14)
}
%15 h = result(%8, 0) : vector(inf)
output %15
)");
}

TEST_CASE("What the output does not depend on is left out, carried values too") {
  CHECK(graph_of(R"(network n
input x : vector(3)
h = x |> dense
unused = h |> relu |> dense |> relu
k = 2 * h
repeat 4 { k = h |> relu |> dense
 m = k |> relu
 h = h |> relu |> dense }
output h
)") == R"(network n
%0 x = input : vector(3)
%1 h = dense(%0) : vector(inf) gaussian
%2 = loop 4 {
  %3 h = carried(%1) : vector(inf) gaussian
  %4 = relu(%3) : vector(inf)
  %5 h = dense(%4) : vector(inf) gaussian
  next(%5)
}
%6 h = result(%2, 0) : vector(inf) gaussian
output %6
)");
}

TEST_CASE("Widths, frozen and learning rates are kept") {
  CHECK(graph_of(R"(network n
input x : vector(3)
output x |> dense(width = 512, frozen = true) |> identity |> dense(lr = 0.5)
)") == R"(network n
%0 x = input : vector(3)
%1 = dense(%0, width = 512, frozen = true) : vector(512) gaussian
%2 = identity(%1) : vector(512)
%3 = dense(%2, lr = 0.5) : vector(inf) gaussian
output %3
)");
}

}  // namespace
}  // namespace ntkc::layer_graph
