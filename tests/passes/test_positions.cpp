// Passes over programs whose values have positions.
#include <doctest/doctest.h>
#include <quadmath.h>

#include <algorithm>

#include "compiler/passes/pipeline.hpp"
#include "tests/support/position_evaluator.hpp"
#include "tests/support/spatial_networks.hpp"

using namespace ntkc;
using kernel_ir::InputCovariances;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;
using kernel_ir::Quad;
using kernel_ir::Space;
using test::SpatialNetwork;

namespace {

struct Inputs {
  std::vector<double> x;
  std::vector<double> y;
  std::size_t positions;

  [[nodiscard]] InputCovariances pair() const { return kernel_ir::input_covariances(x, y, positions); }
  [[nodiscard]] InputCovariances first() const { return kernel_ir::input_covariances(x, x, positions); }
  [[nodiscard]] InputCovariances second() const { return kernel_ir::input_covariances(y, y, positions); }
};

Inputs random_inputs(std::mt19937_64& random, const Program& p) {
  const auto positions = static_cast<std::size_t>(kernel_ir::position_count(p.input_positions));
  const int size = static_cast<int>(positions) * static_cast<int>(p.input_size);
  return {test::random_vector(random, size), test::random_vector(random, size), positions};
}

/// Relative to the largest entry at (x, x) and (y, y).
double worst_difference(const Program& before, const Program& after, const Inputs& inputs) {
  const auto expected = kernel_ir::interpret(before, inputs.pair());
  const auto actual = kernel_ir::interpret(after, inputs.pair());
  const auto at_first = kernel_ir::interpret(before, inputs.first());
  const auto at_second = kernel_ir::interpret(before, inputs.second());
  REQUIRE(actual.size() == expected.size());
  double worst = 0;
  for (std::size_t root = 0; root < expected.size(); ++root) {
    REQUIRE(actual[root].size() == expected[root].size());
    Quad scale = 0;
    for (const auto& values : {at_first[root], at_second[root]}) {
      for (const Quad value : values) scale = std::max(scale, fabsq(value));
    }
    for (std::size_t i = 0; i < expected[root].size(); ++i) {
      const auto difference = static_cast<double>(fabsq(actual[root][i] - expected[root][i]) / scale);
      if (!(difference <= worst)) worst = difference;
    }
  }
  return worst;
}

bool has_full(const Program& program) {
  return std::ranges::any_of(program.nodes(),
                             [](const kernel_ir::Node& node) { return node.place.space == Space::full; });
}

const std::vector<std::vector<std::string>> activation_sets = {
    {test::relu}, {"erf(z)"}, {test::relu, "erf(z)", test::gelu, "sin(z)", "cos(z)"}};

void check_pass(Program (*pass)(const Program&), double tolerance = 1e-24) {
  std::mt19937_64 random(20261130);
  for (const auto& activations : activation_sets) {
    double worst = 0;
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
      CAPTURE(seed);
      const Program before = SpatialNetwork(seed, activations).build(1 + static_cast<int>(seed % 4));
      REQUIRE(kernel_ir::verify(before) == "");
      const Program after = pass(before);
      REQUIRE(kernel_ir::verify(after) == "");
      const double difference = worst_difference(before, after, random_inputs(random, before));
      CHECK(difference < tolerance);
      if (!(difference <= worst)) worst = difference;
    }
    MESSAGE("worst difference, " << activations.back() << ": " << worst);
  }
}

}  // namespace

TEST_CASE("expand writes networks over positions out as the same arithmetic") {
  check_pass([](const Program& p) { return passes::expand(p); });
}
TEST_CASE("narrow preserves the values of networks over positions") { check_pass(passes::narrow); }
TEST_CASE("all passes preserve the values of networks over positions") {
  // Constants are rounded to doubles there.
  check_pass([](const Program& p) { return passes::run(p); }, 1e-14);
}
TEST_CASE("no pass that may be switched off is needed over positions") {
  check_pass([](const Program& p) {
    std::vector<std::string> names;
    for (const passes::Pass& each : passes::pipeline()) {
      if (!each.required) names.emplace_back(each.name);
    }
    return passes::run(p, {.disabled = names});
  });
}

TEST_CASE("a convolution before flatten needs the diagonal, pooling all pairs") {
  const auto network = [](bool pools) {
    Program p;
    p.input_size = 3;
    p.input_positions = {3, 4};
    const kernel_ir::Coupled conv = {{test::same_window(3, 3), test::same_window(3, 4)}, false};
    test::Value h = test::convolution(p, {p.input_cross(Space::full), kernel_ir::no_node}, conv, 1.5, 0.25);
    h = test::convolution(p, test::activated(p, h, test::relu), conv, 1.5, 0.25);
    h = pools ? test::mapped(p, h, Operation::congruent, test::global_pool({3, 4}))
              : test::mapped(p, h, Operation::coupled, test::flatten({3, 4}));
    p.roots = {{"Sigma", h.sigma}, {"Theta", h.theta}};
    return p;
  };
  const Program flat = network(false);
  CHECK(has_full(flat));
  CHECK_FALSE(has_full(passes::remove_dead(passes::narrow(flat))));
  CHECK_FALSE(has_full(passes::run(flat)));
  CHECK(has_full(passes::run(network(true))));
  // Self covariances between the positions of one input are computed only if what pools is used again.
  const auto is_own = [](const kernel_ir::Node& node) {
    return node.operation == Operation::input_self_complement;
  };
  CHECK(std::ranges::none_of(passes::run(network(true)).nodes(), is_own));
}

TEST_CASE("in a loop the diagonal is carried where no more is needed") {
  Program p;
  p.input_size = 3;
  p.input_positions = {5};
  const kernel_ir::Coupled conv = {{test::same_window(3, 5)}, false};
  const test::Value in =
      test::convolution(p, {p.input_cross(Space::full), kernel_ir::no_node}, conv, 1.5, 0.25);
  const auto region =
      p.begin_loop({{p.variance(in.sigma), kernel_ir::Dependence::sample, kernel_ir::Carried::no_self},
                    {p[in.sigma].self, kernel_ir::Dependence::sample, 0},
                    {in.sigma, kernel_ir::Dependence::pair, 1},
                    {in.theta, kernel_ir::Dependence::pair, kernel_ir::Carried::no_self}},
                   3);
  const auto arguments = p.regions()[region].arguments;
  const test::Value next =
      test::convolution(p, test::activated(p, {arguments[2], arguments[3]}, test::relu), conv, 1.5, 0.25);
  const auto results = p.end_loop({p.variance(next.sigma), p[next.sigma].self, next.sigma, next.theta});
  p.roots = {{"Sigma", p.coupled(results[2], test::flatten({5}))},
             {"Theta", p.coupled(results[3], test::flatten({5}))}};
  REQUIRE(kernel_ir::verify(p) == "");
  const Program narrowed = passes::narrow(p);
  REQUIRE(kernel_ir::verify(narrowed) == "");
  CHECK_FALSE(has_full(passes::remove_dead(narrowed)));
  CHECK_FALSE(has_full(passes::run(p)));
  std::mt19937_64 random(3);
  const Inputs inputs = random_inputs(random, p);
  CHECK(worst_difference(p, narrowed, inputs) < 1e-30);
  CHECK(worst_difference(p, passes::run(p), inputs) < 1e-14);
}

TEST_CASE("of equal inputs the correlations are 1 to the last bit, behind convolutions and behind pooling") {
  for (const bool pools : {false, true}) {
    CAPTURE(pools);
    Program p;
    p.input_size = 3;
    p.input_positions = {4};
    const kernel_ir::Coupled conv = {{test::same_window(3, 4)}, false};
    test::Value h = test::convolution(p, {p.input_cross(Space::full), kernel_ir::no_node}, conv, 1.25, 0.5);
    h = test::convolution(p, test::activated(p, h, test::relu), conv, 1.25, 0);
    if (pools)
      h = test::mapped(
          p, h, Operation::congruent,
          {kernel_ir::Congruent{{kernel_ir::Window{.size = 2, .stride = 2}}, std::nullopt, false}});
    // K̇ of a ReLU is 1/2 - θ/(2π) with sin²(θ/2) = z: exactly 1/2 only where z is 0.
    p.roots = {{"Theta", p.diagonal(p.dual_derivative(h.sigma, test::define(p, test::relu)))}};
    REQUIRE(kernel_ir::verify(p) == "");
    const Program expanded = passes::expand(passes::narrow(p));
    std::mt19937_64 random(11);
    for (int i = 0; i < 20; ++i) {
      // Of norms whose roots are exact, so that the complements of the inputs are 0.
      Inputs inputs{std::vector<double>(12), {}, 4};
      for (std::size_t entry = 0; entry < 12; ++entry)
        inputs.x[entry] = (entry < 6 ? 1 : 2) * (random() % 2 == 0 ? 1 : -1);
      const auto values = kernel_ir::interpret(expanded, kernel_ir::input_covariances(inputs.x, inputs.x, 4));
      for (const Quad value : values[0]) CHECK(value == 0.5);
    }
  }
}

TEST_CASE(
    "of equal inputs, and at equal patches, the correlations are 1 also in double precision behind all "
    "passes") {
  for (const int depth : {1, 3}) {
    Program p;
    p.input_size = 2;
    p.input_positions = {4, 6};
    const kernel_ir::Coupled conv = {{test::same_window(3, 4), test::same_window(3, 6)}, false};
    const kernel_ir::Congruent pool = {
        {test::same_window(2, 4), kernel_ir::Window{.size = 2, .stride = 2}}, std::nullopt, false};
    test::Value h = {p.input_cross(Space::full), kernel_ir::no_node};
    for (int i = 0; i < depth; ++i)
      h = test::activated(p, test::convolution(p, h, conv, 1.3, 0.3), test::relu);
    h = test::mapped(p, test::convolution(p, h, conv, 1.25, 0.1), Operation::congruent, pool);
    const NodeId slope = p.dual_derivative(h.sigma, test::define(p, test::relu));
    p.roots = {{"Theta", p.coupled(slope, test::flatten({4, 3}))}};
    REQUIRE(kernel_ir::verify(p) == "");
    const Program optimized = passes::run(p);
    std::mt19937_64 random(17);
    for (int i = 0; i < 20; ++i) {
      std::vector<double> x = test::random_vector(random, 48);
      if (i % 4 == 1) std::fill(x.begin(), x.begin() + 24, 0.0);
      if (i % 4 == 2) std::fill(x.begin() + 12, x.end(), 0.7);
      const auto inputs = kernel_ir::input_covariances(x, x, 24);
      CHECK(test::PositionEvaluator(optimized, inputs).root("Theta") == 0.5);
    }
  }
}

TEST_CASE("derivatives by a parameter go through the maps of positions") {
  Program p;
  p.input_size = 3;
  p.input_positions = {2, 3};
  p.parameters = {{"w", 1.25}, {"b", 0.5}};
  const NodeId w = p.square(p.parameter(0));
  const NodeId b = p.square(p.parameter(1));
  const kernel_ir::Coupled conv = {{test::same_window(2, 2), test::same_window(3, 3)}, false};
  const kernel_ir::Congruent pool = {
      {kernel_ir::Window{}, kernel_ir::Window{.size = 2}}, std::nullopt, false};
  const auto layer = [&](NodeId sigma) { return p.add(p.multiply(p.coupled(sigma, conv), w), b); };
  const NodeId relu = test::define(p, test::relu);
  const NodeId erf = test::define(p, "erf(z)");
  const NodeId first = layer(p.input_cross(Space::full));
  const NodeId second = p.congruent(layer(p.dual(first, erf)), pool);
  const NodeId third = p.add(p.multiply(p.dual(second, relu), w), b);
  p.roots = {{"Sigma", p.congruent(third, test::global_pool({2, 2}))},
             {"Theta",
              p.coupled(p.multiply(p.cross(third), p.dual_derivative(second, relu)), test::flatten({2, 2}))}};
  REQUIRE(kernel_ir::verify(p) == "");
  std::mt19937_64 random(5);
  const InputCovariances inputs = random_inputs(random, p).pair();
  for (const std::uint32_t parameter : {0U, 1U}) {
    const Program derived =
        passes::differentiate_by(passes::expand(p, {.derivatives = {parameter}}), parameter);
    REQUIRE(kernel_ir::verify(derived) == "");
    const auto values = kernel_ir::interpret(derived, inputs);
    const double h = 0x1p-24;
    const auto moved = [&](double by) {
      Program other = p;
      other.parameters[parameter].value += by;
      return kernel_ir::interpret(other, inputs);
    };
    const auto above = moved(h), below = moved(-h), above2 = moved(2 * h), below2 = moved(-2 * h);
    for (std::size_t root = 0; root < 2; ++root) {
      const Quad single = (above[root][0] - below[root][0]) / (2 * h);
      const Quad twice = (above2[root][0] - below2[root][0]) / (4 * h);
      const Quad expected = (4 * single - twice) / 3;  // Richardson: off by h⁴
      CHECK(fabsq(values[2 + root][0] - expected) < 1e-24 * (1 + fabsq(expected)));
    }
  }
}
