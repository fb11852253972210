#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "compiler/kernel_ir/program.hpp"

using namespace ntkc::kernel_ir;

namespace {

/// A program with the usual inputs at hand.
struct Case {
  Program p;
  NodeId c = p.input_cross();
  NodeId q = p.input_self();
  NodeId t = p.cross(c);
  NodeId k = p.literal(0.5);
  NodeId s = p.square_root(q);
};

}  // namespace

TEST_CASE("a program of valid nodes verifies") {
  Case x;
  x.p.roots = {{"Sigma", x.c}, {"Theta", x.t}, {"Constant", x.k}};
  CHECK(verify(x.p) == "");
}

TEST_CASE("wrong operand counts are named with their node") {
  Case x;
  x.p.real(Operation::square_root, {x.t, x.k});
  CHECK(verify(x.p) == "node 5 (sqrt): takes 1 operands, has 2");
  Case y;
  y.p.real(Operation::select_less, {y.t, y.k});
  CHECK(verify(y.p) == "node 5 (select_less): takes 4 operands, has 2");
  Case z;
  z.p.real(Operation::sign, {z.k, z.k});
  CHECK(verify(z.p) == "node 5 (sign): takes 1 operands, has 2");
}

TEST_CASE("covariances stand only where covariances are wanted") {
  Case x;
  x.p.cross(x.q);
  CHECK(verify(x.p) == "node 5 (cross): takes a covariance of two inputs");
  Case y;
  y.p.real(Operation::expm1, {y.c});
  CHECK(verify(y.p) == "node 5 (expm1): operand 1 is a covariance: take its `cross`");
  Case z;
  z.p.multiply(z.q, z.s);
  CHECK(verify(z.p) ==
        "node 5 (multiply): its second operand is neither a covariance of as many inputs nor a constant");
  Case v;
  v.p.dual(v.s, v.k);
  CHECK(verify(v.p) == "node 5 (dual): its first operand is not a covariance");
  Case w;
  w.p.dual_derivative(w.q, w.k);
  CHECK(verify(w.p) == "node 5 (dual_derivative): takes a covariance of two inputs");
  Case u;
  u.p.dual(u.q, u.s);
  CHECK(verify(u.p) == "node 5 (dual): operand 4 is not a function");
  Case m;
  m.p.moment(m.c, m.k, m.t);
  CHECK(verify(m.p) == "node 5 (moment): operand 2 is not a function");
  Case o;
  o.p.moment(o.p.literal(2), o.k, o.p.variable());
  CHECK(verify(o.p) == "");
  o.p.moment(o.t, o.k, o.k);
  CHECK(verify(o.p) == "node 8 (moment): its first operand is not a covariance");
  Case r;
  r.p.trainable(r.c, r.q);
  CHECK(verify(r.p) == "node 5 (trainable): its seed is neither a real of two inputs nor a constant");
}

TEST_CASE(
    "dependence: a pair reads a sample through first and second, powers are of constants and functions") {
  Case x;
  x.p.multiply(x.t, x.s);
  CHECK(verify(x.p) == "node 5 (multiply): operand 4 is of one input: take its `first` or `second`");
  Case y;
  y.p.first(y.t);
  CHECK(verify(y.p) == "node 5 (first): takes a value of one input");
  Case z;
  z.p.real(Operation::power, {z.s, z.k});
  CHECK(verify(z.p) == "node 5 (power): operand 4 is neither a constant nor a function");
}

TEST_CASE("functions do not mix with inputs, nor are they roots or carried") {
  Case x;
  x.p.multiply(x.p.variable(), x.t);
  CHECK(verify(x.p) == "node 6 (multiply): operand 5 is a function: it does not mix with inputs");
  Case y;
  y.p.multiply(y.s, y.p.real(Operation::tanh, {y.p.variable()}));
  CHECK(verify(y.p) == "node 7 (multiply): operand 6 is a function: it does not mix with inputs");
  Case z;
  z.p.first(z.p.variable());
  CHECK(verify(z.p) == "node 6 (first): takes a value of one input");
  Case w;
  w.p.roots = {{"Sigma", w.p.variable()}};
  CHECK(verify(w.p) == "root `Sigma`: neither of two inputs nor constant");
  Case v;
  const NodeId z2 = v.p.variable();
  v.p.begin_loop({{z2, Dependence::function, Carried::no_self}}, 2);
  v.p.end_loop({z2});
  CHECK(verify(v.p) == "node 7 (loop): argument 0 is a function");
}

TEST_CASE("names of functions are names, and of functions") {
  Case x;
  x.p.function_names = {{x.t, "f"}};
  CHECK(verify(x.p) == "function `f`: not a function");
  x.p.function_names = {{x.p.variable(), "two words"}};
  CHECK(verify(x.p) == "function `two words`: not a name");
  x.p.function_names = {{99, "f"}};
  CHECK(verify(x.p) == "function `f`: its node does not exist");
}

TEST_CASE("numbers are finite, domains are those that the operations state") {
  Case x;
  x.p.literal(std::numeric_limits<double>::infinity());
  CHECK(verify(x.p) == "node 5 (literal): not a finite number");
  Case y;
  y.p.real(Operation::arcsine_ratio, {y.t}, Domain{0.75});
  CHECK(verify(y.p) == "node 5 (arcsine_ratio): the domain [0, 0.75] is not in [0, 0.5]");
  Case z;
  z.p.parameter(0);
  CHECK(verify(z.p) == "node 5 (parameter): there is no parameter 0");
  Case w;
  w.p.parameters = {{"w", std::nan("")}};
  CHECK(verify(w.p) == "parameter `w`: not a finite number");
  w.p.parameters = {{"w", 1}, {"w", 2}};
  CHECK(verify(w.p) == "parameter `w`: defined twice");
  w.p.parameters = {{"2w", 1}};
  CHECK(verify(w.p) == "parameter `2w`: not a name");
  w.p.parameters = {};
  w.p.input_size = 0;
  CHECK(verify(w.p) == "the input size is less than 1");
}

TEST_CASE("loops are closed, count, and carry on what they were given") {
  Case x;
  x.p.begin_loop({{x.t, Dependence::pair, Carried::no_self}}, 2);
  CHECK(verify(x.p) == "region 1: its loop is not closed");
  Case y;
  y.p.begin_loop({{y.t, Dependence::pair, Carried::no_self}}, 0);
  y.p.end_loop({y.t});
  CHECK(verify(y.p) == "node 6 (loop): 0 iterations");
  Case z;
  z.p.begin_loop({{z.t, Dependence::pair, Carried::no_self}}, 2);
  z.p.end_loop({z.c});
  CHECK(verify(z.p) == "node 6 (loop): result 0 is of another kind than its argument");
  Case v;
  v.p.begin_loop({{v.s, Dependence::pair, Carried::no_self}}, 2);
  v.p.end_loop({v.t});
  CHECK(verify(v.p) == "node 6 (loop): initial value 0 is of another kind");
  Case w;
  w.p.begin_loop({{w.q, Dependence::sample, Carried::no_self}, {w.c, Dependence::pair, 0}}, 2);
  w.p.end_loop({w.p.dual(w.q, w.k), w.c});
  CHECK(verify(w.p) == "node 8 (loop): value 1 and value 0 are not a covariance and its self covariance");
  Case u;
  const RegionId region = u.p.begin_loop({{u.c, Dependence::pair, Carried::no_self}}, 2);
  u.p.end_loop({u.p.regions()[region].arguments[0]});
  CHECK(verify(u.p) == "node 5 (loop_argument): its self covariance does not precede it");
  Case r;
  r.p.begin_loop({{r.t, Dependence::pair, Carried::no_self}}, std::int64_t{1} << 40);
  r.p.begin_loop({{r.t, Dependence::pair, Carried::no_self}}, std::int64_t{1} << 40);
  r.p.end_loop(r.p.end_loop({r.t}));
  CHECK(verify(r.p) == "node 7 (loop): too many iterations in all");
}

TEST_CASE("values of a loop's body do not leave it") {
  Case x;
  const RegionId region = x.p.begin_loop({{x.t, Dependence::pair, Carried::no_self}}, 2);
  const NodeId inside = x.p.square(x.p.regions()[region].arguments[0]);
  x.p.end_loop({inside});
  x.p.roots = {{"Theta", inside}};
  CHECK(verify(x.p) == "root `Theta`: 1 planes do not go with its loop");
  x.p.roots = {{"Theta", inside, 0, 2}};
  CHECK(verify(x.p) == "");
  x.p.roots = {{"Theta", inside, 1, 2}};
  CHECK(verify(x.p) == "root `Theta`: plane 0 is missing or defined twice");
  x.p.roots = {};
  CHECK(verify(x.p) == "");
  const RegionId sibling = x.p.begin_loop({{x.t, Dependence::pair, Carried::no_self}}, 2);
  const NodeId across = x.p.multiply(inside, x.p.regions()[sibling].arguments[0]);
  x.p.end_loop({across});
  CHECK(verify(x.p).ends_with("is of an inner region"));
}

TEST_CASE("roots exist, have names of their own and are of two inputs or constant") {
  Case x;
  const auto violation = [&](std::vector<Root> roots) {
    x.p.roots = std::move(roots);
    return verify(x.p);
  };
  CHECK(violation({{"Sigma", 99}}) == "root `Sigma`: its node does not exist");
  CHECK(violation({{"Sigma", x.s}}) == "root `Sigma`: neither of two inputs nor constant");
  CHECK(violation({{"Sigma", x.c}, {"Sigma", x.t}}) == "root `Sigma`: defined twice");
  CHECK(violation({{"c1", x.c}}) == "root `c1`: reads like the name of a node");
  CHECK(violation({{"next", x.c}}) == "root `next`: not a name");
  CHECK(violation({{"", x.c}}) == "root ``: not a name");
}
