#include <doctest/doctest.h>

#include "compiler/kernel_ir/program.hpp"

using namespace ntkc::kernel_ir;

TEST_CASE("equal nodes are one node, whatever the order of what commutes") {
  Program p;
  const NodeId a = p.parameter(0);
  const NodeId b = p.parameter(1);
  CHECK(p.parameter(0) == a);
  CHECK(p.literal(0.0) == p.literal(-0.0));
  CHECK(p.literal(1) != p.literal(2));
  CHECK(p.add(a, b) == p.add(b, a));
  CHECK(p.multiply(a, b) == p.multiply(b, a));
  CHECK(p.real(Operation::minimum, {a, b}) == p.real(Operation::minimum, {b, a}));
  CHECK(p.subtract(a, b) != p.subtract(b, a));
  CHECK(p.divide(a, b) != p.divide(b, a));
  CHECK(p.real(Operation::arcsine_ratio, {a}, Domain{0.5}) !=
        p.real(Operation::arcsine_ratio, {a}, Domain{0.25}));
}

TEST_CASE("sums and products of covariances commute and carry the same operation on their self covariances") {
  Program p;
  const NodeId c = p.input_cross();
  const NodeId erf = p.real(Operation::erf, {p.variable()});
  const NodeId d = p.dual(c, erf);
  const NodeId k = p.literal(3);
  CHECK(p.add(c, d) == p.add(d, c));
  CHECK(p.multiply(c, d) == p.multiply(d, c));
  CHECK(p.multiply(c, k) == p.multiply(k, c));
  CHECK(p[c].self == p.input_self());
  CHECK(p[d].self == p.dual(p.input_self(), erf));
  CHECK(p[p.add(c, d)].self == p.add(p[c].self, p[d].self));
  CHECK(p[p.multiply(c, k)].self == p.multiply(p.input_self(), k));
  CHECK(p[p.multiply(c, k)].type == Type::covariance);
}

TEST_CASE("arithmetic moves below first and second") {
  Program p;
  const NodeId q = p.input_self();
  const NodeId one = p.literal(1);
  const NodeId sum = p.add(p.first(q), one);
  CHECK(p[sum].operation == Operation::first);
  const NodeId inside = p[sum].operands[0];
  CHECK(p[inside].operation == Operation::add);
  CHECK(p[inside].dependence == Dependence::sample);
  CHECK(p[inside].type == Type::real);
  const NodeId root = p.square_root(p.add(p.second(q), one));
  CHECK(root == p.second(p.square_root(inside)));
  const NodeId mixed = p.multiply(p.first(q), p.second(q));
  CHECK(p[mixed].operation == Operation::multiply);
  CHECK(p[mixed].dependence == Dependence::pair);
  CHECK(p.first(one) == one);
  CHECK(p.second(p.parameter(0)) == p.parameter(0));
}

TEST_CASE("a node lives in the outermost region that holds its operands") {
  Program p;
  const NodeId c = p.input_cross();
  const NodeId t = p.cross(c);
  const RegionId outer = p.begin_loop({{t, Dependence::pair, Carried::no_self}}, 3);
  const NodeId a = p.regions()[outer].arguments[0];
  const RegionId inner = p.begin_loop({{a, Dependence::pair, Carried::no_self}}, 4);
  const NodeId b = p.regions()[inner].arguments[0];
  CHECK(p.regions()[inner].parent == outer);
  CHECK(p[p.square(t)].region == 0);
  CHECK(p[p.dual(c, p.variable())].region == 0);
  CHECK(p[p.multiply(a, t)].region == outer);
  CHECK(p[p.multiply(p.square(a), b)].region == inner);
  const std::vector<NodeId> results = p.end_loop({p.multiply(a, b)});
  CHECK(p[results[0]].region == outer);
  const std::vector<NodeId> all = p.end_loop(results);
  CHECK(p[all[0]].region == 0);
  CHECK(p.iterations(inner) == 12);
  CHECK(p.iterations(outer) == 3);
  CHECK(p.iterations(0) == 1);
  p.roots = {{"Theta", all[0]}};
  CHECK(p.root("Theta") == all[0]);
  CHECK(p.root("Sigma") == no_node);
  CHECK(verify(p) == "");
}

TEST_CASE("a loop carries a covariance together with its self covariance") {
  Program p;
  const NodeId c = p.input_cross();
  const RegionId region =
      p.begin_loop({{p.input_self(), Dependence::sample, Carried::no_self}, {c, Dependence::pair, 0}}, 2);
  const std::vector<NodeId> arguments = p.regions()[region].arguments;
  CHECK(p[arguments[1]].self == arguments[0]);
  const NodeId next = p.dual(arguments[1], p.real(Operation::sin, {p.variable()}));
  const std::vector<NodeId> results = p.end_loop({p[next].self, next});
  CHECK(p[results[1]].self == results[0]);
  CHECK(p[results[0]].type == Type::covariance);
  CHECK(p[results[0]].dependence == Dependence::sample);
  CHECK(verify(p) == "");
}
