// Θ through maps of positions: the tangent of a linear map is the same map of the tangent.
#include <doctest/doctest.h>
#include <quadmath.h>

#include "compiler/derivation/derive.hpp"
#include "tests/support/spatial_networks.hpp"

using namespace ntkc;
using kernel_ir::NodeId;
using kernel_ir::Program;
using kernel_ir::Quad;
using kernel_ir::Space;

namespace {

/// Two convolutions with pooling between and after them, in a loop with an aggregation, `flatten` and a dense layer.
/// With `marked`, Σ alone, its layers marked as trainable; otherwise with Θ by the recursion written by hand.
Program network(bool marked) {
  Program p;
  p.name = "spatial";
  p.input_size = 2;
  p.input_positions = {2, 4};
  const kernel_ir::Coupled conv = {{test::same_window(2, 2), test::same_window(3, 4)}, false};
  const kernel_ir::Coupled small = {{kernel_ir::Window{}, test::same_window(2, 2)}, false};
  const kernel_ir::Congruent pool = {
      {kernel_ir::Window{}, kernel_ir::Window{.size = 2, .stride = 2}}, std::nullopt, false};
  const kernel_ir::Congruent aggregate = {
      {kernel_ir::PositionMatrix{4, {{{0, 0.5}, {3, 1}}, {{1, 1}}, {{0, -0.5}, {2, 1}}, {{3, 0.25}}}}},
      kernel_ir::Extents{2, 2},
      false};
  std::uint32_t layer = 0;
  const auto trained = [&](test::Value h) {
    return marked ? test::Value{p.trainable(h.sigma, p.cross(h.sigma), layer++), kernel_ir::no_node} : h;
  };
  const auto linear = [&](test::Value h, const kernel_ir::Coupled& map) {
    if (marked) h.theta = kernel_ir::no_node;
    return trained(test::convolution(p, h, map, 1.25, 0.5));
  };
  const auto activated = [&](test::Value h) {
    if (!marked) return test::activated(p, h, test::relu);
    return test::Value{p.dual(h.sigma, test::define(p, test::relu)), kernel_ir::no_node};
  };
  const auto through = [&](test::Value h, const kernel_ir::Congruent& map) {
    return test::mapped(p, h, kernel_ir::Operation::congruent, map);
  };
  test::Value h = linear({p.input_cross(Space::full), kernel_ir::no_node}, conv);
  h = through(activated(h), pool);
  std::vector<kernel_ir::Carried> carried = {
      {p.variance(h.sigma), kernel_ir::Dependence::sample, kernel_ir::Carried::no_self},
      {p[h.sigma].self, kernel_ir::Dependence::sample, 0},
      {h.sigma, kernel_ir::Dependence::pair, 1}};
  if (!marked) carried.push_back({h.theta, kernel_ir::Dependence::pair, kernel_ir::Carried::no_self});
  const auto region = p.begin_loop(carried, 2);
  const auto arguments = p.regions()[region].arguments;
  test::Value next = {arguments[2], marked ? kernel_ir::no_node : arguments[3]};
  next = linear(activated(through(next, aggregate)), small);
  std::vector<NodeId> results = {p.variance(next.sigma), p[next.sigma].self, next.sigma};
  if (!marked) results.push_back(next.theta);
  results = p.end_loop(results);
  h = {results[2], marked ? kernel_ir::no_node : results[3]};
  h = test::mapped(p, activated(h), kernel_ir::Operation::coupled, test::flatten({2, 2}));
  if (marked) h.theta = kernel_ir::no_node;
  h = trained(test::dense(p, h, 1.5, 0.25));
  p.roots = {{"Sigma", h.sigma}};
  if (!marked) p.roots.push_back({"Theta", h.theta});
  return p;
}

}  // namespace

TEST_CASE("the tangent of a coupled and of a congruent map is the same map of the tangent") {
  const Program sigma = network(true);
  REQUIRE(kernel_ir::verify(sigma) == "");
  const Program derived = derivation::differentiate(sigma);
  REQUIRE(kernel_ir::verify(derived) == "");
  const Program by_hand = network(false);
  REQUIRE(kernel_ir::verify(by_hand) == "");
  std::mt19937_64 random(2);
  const auto inputs =
      kernel_ir::input_covariances(test::random_vector(random, 16), test::random_vector(random, 16), 8);
  const auto expected = kernel_ir::interpret(by_hand, inputs);
  const auto actual = kernel_ir::interpret(derived, inputs);
  REQUIRE(actual.size() == 2);
  for (std::size_t root = 0; root < 2; ++root) {
    REQUIRE(actual[root].size() == 1);
    CHECK(fabsq(actual[root][0] - expected[root][0]) < 1e-30 * fabsq(expected[root][0]));
  }
}
