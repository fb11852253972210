// Sums: merging, and which branches are independent.
#include <doctest/doctest.h>

#include "tests/layer_graph/elaborated.hpp"

namespace ntkc::layer_graph {
namespace {

TEST_CASE("A repeated value is merged") {
  CHECK(graph_of(R"(network n
input x : vector(3)
h = x |> dense
output h + 0.5 * h
)") == R"(network n
%0 x = input : vector(3)
%1 h = dense(%0) : vector(inf) gaussian
%2 = 1.5*%1 : vector(inf) gaussian
output %2
)");
}

TEST_CASE("Coefficients are added and multiplied in symbols") {
  CHECK(graph_of(R"(network n(w = 1.5)
input x : vector(3)
d = x |> dense(width = 512)
s = sqrt(2) * w
k = s * d - 2 * (x |> dense(width = 512))
output k + d / w - d*w
)") == R"(network n(w = 1.5)
%0 x = input : vector(3)
%1 d = dense(%0, width = 512) : vector(512) gaussian
%2 = dense(%0, width = 512) : vector(512) gaussian
%3 = (sqrt(2)*w + (1/w - w))*%1 - 2*%2 : vector(512) gaussian
output %3
)");
}

TEST_CASE("Sums that share values are flattened") {
  CHECK(graph_of(R"(network n
input x : vector(3)
h = x |> dense
h2 = 2 * (x |> dense) + h
h3 = 0.5 * h2 - 3 * h
output -(h3 - h2 / 4)
)") == R"(network n
%0 x = input : vector(3)
%1 h = dense(%0) : vector(inf) gaussian
%2 = dense(%0) : vector(inf) gaussian
%3 = (-1 + 1/4*2)*%2 + (2.5 + 1/4)*%1 : vector(inf) gaussian
output %3
)");
}

TEST_CASE("Sums that share nothing stay as they are named") {
  CHECK(graph_of(R"(network n
input x : vector(3)
a = x + (x |> dense)
b = a + (x |> dense)
output 2 * b - (x |> dense)
)") == R"(network n
%0 x = input : vector(3)
%1 = dense(%0) : vector(inf) gaussian
%2 a = %0 + %1 : vector(3)
%3 = dense(%0) : vector(inf) gaussian
%4 b = %2 + %3 : vector(3)
%5 = dense(%0) : vector(inf) gaussian
%6 = 2*%4 - %5 : vector(3)
output %6
)");
}

TEST_CASE("A term that cancels is left out") {
  CHECK(graph_of(R"(network n
input x : vector(3)
d = x |> dense
output d + relu(d) - d
)") == R"(network n
%0 x = input : vector(3)
%1 d = dense(%0) : vector(inf) gaussian
%2 = relu(%1) : vector(inf)
output %2
)");
}

TEST_CASE("A value that is zero keeps one term") {
  CHECK(graph_of(R"(network n
input x : vector(3)
h = x |> dense
output h - h
)") == R"(network n
%0 x = input : vector(3)
%1 h = dense(%0) : vector(inf) gaussian
%2 = 0*%1 : vector(inf) gaussian
output %2
)");
}

TEST_CASE("Two dense layers on one value are uncorrelated") {
  CHECK(graph_of(R"(network n
input x : vector(3)
d = x |> dense
output d + (d |> relu |> dense) + x
)") == R"(network n
%0 x = input : vector(3)
%1 d = dense(%0) : vector(inf) gaussian
%2 = relu(%1) : vector(inf)
%3 = dense(%2) : vector(inf) gaussian
%4 = %1 + %3 + %0 : vector(3)
output %4
)");
}

TEST_CASE("A value and an activation of it are dependent") {
  CHECK(
      mistakes_of_body(R"(
d = x |> dense
output relu(d) + d
)") ==
      R"(4:16: the branches of this sum are not independent: the mean of their product need not be 0, so their kernels do not add [dependent-branches] at <+>
  4:8: one branch at <relu(d)>
  4:18: the other, which depends on the same values at <d>
  help: end one of the branches in a `dense` of its own
)");
}

TEST_CASE("Two activations are dependent") {
  CHECK(
      mistakes_of_body(R"(
d = x |> dense
e = x |> dense
output relu(d) + relu(e)
)") ==
      R"(5:16: the branches of this sum are not independent: the mean of their product need not be 0, so their kernels do not add [dependent-branches] at <+>
  5:8: one branch at <relu(d)>
  5:18: the other, which depends on the same values at <relu(e)>
  help: end one of the branches in a `dense` of its own
)");
}

TEST_CASE("The pairs of a sum in a sum are told once") {
  CHECK(
      mistakes_of_body(R"(
d = x |> dense
s = relu(d) + d
t = s + (x |> dense)
output t |> dense
)") ==
      R"(4:13: the branches of this sum are not independent: the mean of their product need not be 0, so their kernels do not add [dependent-branches] at <+>
  4:5: one branch at <relu(d)>
  4:15: the other, which depends on the same values at <d>
  help: end one of the branches in a `dense` of its own
)");
}

TEST_CASE("Two branches carried by one loop stay uncorrelated") {
  CHECK(graph_of(R"(network n
input x : vector(3)
a = x |> dense
b = x |> dense
repeat 3 { a = a |> relu |> dense
 b = b |> relu |> dense }
output a + b
)") == R"(network n
%0 x = input : vector(3)
%1 a = dense(%0) : vector(inf) gaussian
%2 b = dense(%0) : vector(inf) gaussian
%3 = loop 3 {
  %4 a = carried(%1) : vector(inf) gaussian
  %5 b = carried(%2) : vector(inf) gaussian
  %6 = relu(%4) : vector(inf)
  %7 a = dense(%6) : vector(inf) gaussian
  %8 = relu(%5) : vector(inf)
  %9 b = dense(%8) : vector(inf) gaussian
  next(%7, %9)
}
%10 a = result(%3, 0) : vector(inf) gaussian
%11 b = result(%3, 1) : vector(inf) gaussian
%12 = %10 + %11 : vector(inf) gaussian
output %12
)");
}

TEST_CASE("Carried values that were uncorrelated may be added in the loop") {
  CHECK(graph_of(R"(network n
input x : vector(3)
a = x |> dense
h = x |> dense
repeat 4 { h = h + a
 a = a |> relu |> dense }
output h
)") == R"(network n
%0 x = input : vector(3)
%1 a = dense(%0) : vector(inf) gaussian
%2 h = dense(%0) : vector(inf) gaussian
%3 = loop 4 {
  %4 h = carried(%2) : vector(inf) gaussian
  %5 a = carried(%1) : vector(inf) gaussian
  %6 h = %4 + %5 : vector(inf) gaussian
  %7 = relu(%5) : vector(inf)
  %8 a = dense(%7) : vector(inf) gaussian
  next(%6, %8)
}
%9 h = result(%3, 0) : vector(inf) gaussian
output %9
)");
}

TEST_CASE("Carried values that change places stay uncorrelated") {
  CHECK(graph_of(R"(network n
input x : vector(3)
a = x |> dense
h = x |> dense
repeat 4 { t = h
h = a
 a = t |> relu |> dense }
output h + a
)") == R"(network n
%0 x = input : vector(3)
%1 a = dense(%0) : vector(inf) gaussian
%2 h = dense(%0) : vector(inf) gaussian
%3 = loop 4 {
  %4 h = carried(%2) : vector(inf) gaussian
  %5 a = carried(%1) : vector(inf) gaussian
  %6 = relu(%4) : vector(inf)
  %7 a = dense(%6) : vector(inf) gaussian
  next(%5, %7)
}
%8 h = result(%3, 0) : vector(inf) gaussian
%9 a = result(%3, 1) : vector(inf) gaussian
%10 = %8 + %9 : vector(inf) gaussian
output %10
)");
}

TEST_CASE(
    "A carried value and one from outside are uncorrelated if the weights of the latter stay out of the "
    "loop") {
  CHECK(graph_of(R"(network n
input x : vector(3)
a = x |> dense
h = x |> dense
repeat 4 { h = h |> relu |> dense }
output h + a
)") == R"(network n
%0 x = input : vector(3)
%1 a = dense(%0) : vector(inf) gaussian
%2 h = dense(%0) : vector(inf) gaussian
%3 = loop 4 {
  %4 h = carried(%2) : vector(inf) gaussian
  %5 = relu(%4) : vector(inf)
  %6 h = dense(%5) : vector(inf) gaussian
  next(%6)
}
%7 h = result(%3, 0) : vector(inf) gaussian
%8 = %7 + %1 : vector(inf) gaussian
output %8
)");
}

TEST_CASE("The loop's last weights are fresh for what went before") {
  CHECK(graph_of(R"(network n
input x : vector(3)
h = x |> dense
k = h
repeat 4 { h = h |> relu |> dense }
output relu(k) + h
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
%7 = relu(%1) : vector(inf)
%8 = %7 + %6 : vector(inf)
output %8
)");
}

TEST_CASE("The last but one value of a loop is uncorrelated with the last") {
  CHECK(graph_of(R"(network n
input x : vector(3)
a = x |> dense
p = a
h = a
repeat 4 { p = h
 h = h |> relu |> dense }
output h + p
)") == R"(network n
%0 x = input : vector(3)
%1 a = dense(%0) : vector(inf) gaussian
%2 = loop 4 {
  %3 p = carried(%1) : vector(inf) gaussian
  %4 h = carried(%1) : vector(inf) gaussian
  %5 = relu(%4) : vector(inf)
  %6 h = dense(%5) : vector(inf) gaussian
  next(%4, %6)
}
%7 p = result(%2, 0) : vector(inf) gaussian
%8 h = result(%2, 1) : vector(inf) gaussian
%9 = %8 + %7 : vector(inf) gaussian
output %9
)");
}

TEST_CASE("The last but one value of a loop and an activation of the last are dependent") {
  CHECK(
      mistakes_of_body(R"(
a = x |> dense
p = a
h = a
repeat 4 { p = h
 h = h |> relu |> dense }
output p + relu(h)
)") ==
      R"(8:10: the branches of this sum are not independent: the mean of their product need not be 0, so their kernels do not add [dependent-branches] at <+>
  8:8: one branch at <p>
  8:12: the other, which depends on the same values at <relu(h)>
  help: end one of the branches in a `dense` of its own
)");
}

TEST_CASE("An activation of a loop's result depends on what entered the loop") {
  CHECK(
      mistakes_of_body(R"(
h = x |> dense
k = h
repeat 4 { h = h |> relu |> dense }
output k + relu(h)
)") ==
      R"(6:10: the branches of this sum are not independent: the mean of their product need not be 0, so their kernels do not add [dependent-branches] at <+>
  6:8: one branch at <k>
  6:12: the other, which depends on the same values at <relu(h)>
  help: end one of the branches in a `dense` of its own
)");
}

TEST_CASE("An accumulated activation is dependent") {
  CHECK(
      mistakes_of_body(R"(
a = x |> dense
h = x |> dense
repeat 4 { a = a |> relu |> dense
 h = h + (a |> relu) }
output h
)") ==
      R"(6:8: the branches of this sum are not independent: the mean of their product need not be 0, so their kernels do not add [dependent-branches] at <+>
  6:6: one branch at <h>
  6:10: the other, which depends on the same values at <(a |> relu)>
  help: end one of the branches in a `dense` of its own
)");
}

TEST_CASE("A carried value and a carried activation of it are dependent from the second iteration") {
  CHECK(
      mistakes_of_body(R"(
a = x |> dense
b = x |> dense |> relu
repeat 4 { c = a + b
 b = relu(a) }
output a + b
)") ==
      R"(5:18: the branches of this sum are not independent: the mean of their product need not be 0, so their kernels do not add [dependent-branches] at <+>
  5:16: one branch at <a>
  5:20: the other, which depends on the same values at <b>
  help: end one of the branches in a `dense` of its own
7:10: the branches of this sum are not independent: the mean of their product need not be 0, so their kernels do not add [dependent-branches] at <+>
  7:8: one branch at <a>
  7:12: the other, which depends on the same values at <b>
  help: end one of the branches in a `dense` of its own
)");
}

TEST_CASE("Results of a nested loop are traced to its body") {
  CHECK(graph_of(R"(network n
input x : vector(3)
a = x |> dense
b = x |> dense
repeat 3 { repeat 4 { a = a |> relu |> dense
 b = b + (a |> relu |> dense) }
 c = a + b
 a = c |> relu |> dense }
output a + b
)") == R"(network n
%0 x = input : vector(3)
%1 a = dense(%0) : vector(inf) gaussian
%2 b = dense(%0) : vector(inf) gaussian
%3 = loop 3 {
  %4 a = carried(%1) : vector(inf) gaussian
  %5 b = carried(%2) : vector(inf) gaussian
  %6 = loop 4 {
    %7 a = carried(%4) : vector(inf) gaussian
    %8 b = carried(%5) : vector(inf) gaussian
    %9 = relu(%7) : vector(inf)
    %10 a = dense(%9) : vector(inf) gaussian
    %11 = relu(%10) : vector(inf)
    %12 = dense(%11) : vector(inf) gaussian
    %13 b = %8 + %12 : vector(inf) gaussian
    next(%10, %13)
  }
  %14 a = result(%6, 0) : vector(inf) gaussian
  %15 b = result(%6, 1) : vector(inf) gaussian
  %16 c = %14 + %15 : vector(inf) gaussian
  %17 = relu(%16) : vector(inf)
  %18 a = dense(%17) : vector(inf) gaussian
  next(%18, %15)
}
%19 a = result(%3, 0) : vector(inf) gaussian
%20 b = result(%3, 1) : vector(inf) gaussian
%21 = %19 + %20 : vector(inf) gaussian
output %21
)");
}

TEST_CASE(
    "A loop in each iteration of another draws weights of its own: a residual block of repeated layers") {
  const Elaborated nested = elaborate_text(
      "network n\ninput x : vector(3)\nh = x |> dense\nrepeat 5 { g = h\n repeat 4 { g = g |> relu |> dense "
      "}\n"
      " h = h + 0.5 * g }\noutput h\n");
  CHECK(nested.diagnostics.empty());
  // With the outer value carried through the inner loop as well, the branches share it.
  const Elaborated shared = elaborate_text(
      "network n\ninput x : vector(3)\nh = x |> dense\nrepeat 5 { g = h\n repeat 4 { g = g + (g |> relu |> "
      "dense) "
      "}\n h = h + 0.5 * g }\noutput h\n");
  CHECK(shared.diagnostics.find("dependent-branches") != std::string::npos);
}

}  // namespace
}  // namespace ntkc::layer_graph
