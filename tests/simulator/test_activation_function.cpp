// Every activation of the table: its derivative against differences of its value, and the mean square against
// what is known.
#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <vector>

#include "compiler/layer_graph/scalar_table.hpp"
#include "simulator/activation_function.hpp"
#include "tests/simulator/networks.hpp"
#include "tests/simulator/support.hpp"

using namespace ntkc;
using layer_graph::ScalarId;
using layer_graph::ScalarOperation;
using layer_graph::ScalarTable;
using simulator::ActivationFunction;

namespace {

/// The activation written as an application, as the scalars of a graph.
ActivationFunction function_of(const std::string& application) {
  const auto graph = test::graph_of("output x |> dense |> " + application);
  return {graph, std::get<layer_graph::ActivationNode>(graph.nodes[graph.output].node).function};
}

/// A function put together from scalars.
ActivationFunction function_of(const std::function<ScalarId(ScalarTable&, ScalarId z)>& definition) {
  layer_graph::LayerGraph graph;
  ScalarTable scalars(graph.scalars);
  const ScalarId function = definition(scalars, scalars.variable());
  return {graph, function};
}

double value_at(const ActivationFunction& function, double z) {
  double value = 0;
  function.evaluate(&z, 1, &value, nullptr);
  return value;
}

double derivative_at(const ActivationFunction& function, double z) {
  double derivative = 0;
  function.evaluate(&z, 1, nullptr, &derivative);
  return derivative;
}

}  // namespace

TEST_CASE("values and derivatives of every operation") {
  struct Case {
    std::function<ScalarId(ScalarTable&, ScalarId)> definition;
    std::function<double(double)> value;
    std::function<double(double)> derivative;
  };
  using Table = ScalarTable;
  using Op = ScalarOperation;
  using Relation = layer_graph::Condition::Relation;
  const auto where = [](Table& t, Relation relation, ScalarId left, ScalarId right) {
    return t.select({relation, left, right}, t.literal(1), t.literal(0));
  };
  const auto one = [](double) { return 1.0; };
  const auto zero = [](double) { return 0.0; };
  const auto sign = [](double z) { return z < 0 ? -1.0 : 1.0; };
  const std::vector<Case> cases = {
      {[](Table& t, ScalarId z) { return t.binary(Op::add, t.literal(2), z); },
       [](double z) { return 2 + z; }, one},
      {[](Table& t, ScalarId z) { return t.binary(Op::subtract, t.literal(2), z); },
       [](double z) { return 2 - z; }, [](double) { return -1.0; }},
      {[](Table& t, ScalarId z) { return t.binary(Op::multiply, t.unary(Op::sin, z), t.unary(Op::cos, z)); },
       [](double z) { return std::sin(2 * z) / 2; }, [](double z) { return std::cos(2 * z); }},
      {[](Table& t, ScalarId z) { return t.binary(Op::divide, t.unary(Op::sin, z), t.unary(Op::cos, z)); },
       [](double z) { return std::tan(z); }, [](double z) { return 1 / std::pow(std::cos(z), 2); }},
      {[](Table& t, ScalarId z) { return t.binary(Op::power, z, t.literal(3)); },
       [](double z) { return z * z * z; }, [](double z) { return 3 * z * z; }},
      {[](Table& t, ScalarId z) { return t.binary(Op::power, t.literal(2), z); },
       [](double z) { return std::exp2(z); }, [](double z) { return std::exp2(z) * std::log(2.0); }},
      {[](Table& t, ScalarId z) { return t.negative(t.unary(Op::exp, z)); },
       [](double z) { return -std::exp(z); }, [](double z) { return -std::exp(z); }},
      {[](Table& t, ScalarId z) { return t.unary(Op::square_root, t.unary(Op::exp, z)); },
       [](double z) { return std::exp(z / 2); }, [](double z) { return std::exp(z / 2) / 2; }},
      {[](Table& t, ScalarId z) { return t.unary(Op::log, t.unary(Op::exp, z)); }, [](double z) { return z; },
       one},
      {[](Table& t, ScalarId z) { return t.unary(Op::tanh, z); }, [](double z) { return std::tanh(z); },
       [](double z) { return 1 / std::pow(std::cosh(z), 2); }},
      {[](Table& t, ScalarId z) { return t.unary(Op::erf, z); }, [](double z) { return std::erf(z); },
       [](double z) { return 2 / std::sqrt(M_PI) * std::exp(-z * z); }},
      {[](Table& t, ScalarId z) { return t.unary(Op::abs, z); }, [](double z) { return std::abs(z); }, sign},
      {[](Table& t, ScalarId z) { return t.unary(Op::sign, z); }, sign, zero},
      {[](Table& t, ScalarId z) { return t.binary(Op::minimum, z, t.literal(1)); },
       [](double z) { return std::min(z, 1.0); }, [](double z) { return z < 1 ? 1.0 : 0.0; }},
      {[](Table& t, ScalarId z) { return t.binary(Op::maximum, t.literal(1), z); },
       [](double z) { return std::max(z, 1.0); }, [](double z) { return z > 1 ? 1.0 : 0.0; }},
      {[&](Table& t, ScalarId z) { return where(t, Relation::less, z, t.literal(1)); },
       [](double z) { return z < 1 ? 1.0 : 0.0; }, zero},
      {[&](Table& t, ScalarId z) { return where(t, Relation::less_equal, z, t.literal(1)); },
       [](double z) { return z <= 1 ? 1.0 : 0.0; }, zero},
      {[&](Table& t, ScalarId z) { return where(t, Relation::equal, z, t.literal(2.5)); },
       [](double z) { return z == 2.5 ? 1.0 : 0.0; }, zero},
      {[&](Table& t, ScalarId z) { return where(t, Relation::not_equal, z, t.literal(2.5)); },
       [](double z) { return z == 2.5 ? 0.0 : 1.0; }, zero},
      {[](Table& t, ScalarId z) {
         return t.select({Relation::less, z, t.literal(0)}, t.unary(Op::exp, z), t.unary(Op::sin, z));
       },
       [](double z) { return z < 0 ? std::exp(z) : std::sin(z); },
       [](double z) { return z < 0 ? std::exp(z) : std::cos(z); }},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    INFO("case " << i);
    const ActivationFunction function = function_of(cases[i].definition);
    for (const double z : {-3.0, -1.5, -0.3, 0.2, 0.9, 2.5}) {
      CHECK(value_at(function, z) == doctest::Approx(cases[i].value(z)).epsilon(1e-14));
      CHECK(derivative_at(function, z) == doctest::Approx(cases[i].derivative(z)).epsilon(1e-14));
    }
  }
}

TEST_CASE("the derivative of every built-in activation is that of its value") {
  for (const std::string& application : test::activations()) {
    INFO(application);
    const ActivationFunction function = function_of(application);
    // An odd number of places, none of them a kink, more than one chunk.
    std::vector<double> z;
    for (int i = -100; i <= 100; ++i) z.push_back(i * 0.0301 + 0.0007);
    std::vector<double> derivative(z.size());
    function.evaluate(z.data(), static_cast<std::int64_t>(z.size()), nullptr, derivative.data());
    constexpr double step = 1e-5;
    for (std::size_t i = 0; i < z.size(); ++i) {
      const double difference =
          (value_at(function, z[i] + step) - value_at(function, z[i] - step)) / (2 * step);
      CHECK(derivative[i] == doctest::Approx(difference).epsilon(1e-6).scale(1));
    }
  }
}

TEST_CASE("at a kink the derivative is the mean of both sides, at a jump zero") {
  CHECK(derivative_at(function_of("relu"), 0) == 0.5);
  CHECK(derivative_at(function_of("abs"), 0) == 0);
  const auto sign = [](ScalarTable& t, ScalarId z) { return t.unary(ScalarOperation::sign, z); };
  CHECK(derivative_at(function_of(sign), 0) == 0);
}

TEST_CASE("mean squares under the standard normal distribution") {
  const auto cube = [](ScalarTable& t, ScalarId z) {
    return t.binary(ScalarOperation::power, z, t.literal(3));
  };
  CHECK(mean_square(function_of(cube)) == doctest::Approx(15).epsilon(1e-10));
  CHECK(mean_square(function_of("relu")) == doctest::Approx(0.5).epsilon(1e-10));
  CHECK(mean_square(function_of("leaky_relu(0.5)")) == doctest::Approx(0.625).epsilon(1e-10));
  CHECK(mean_square(function_of("sin")) == doctest::Approx((1 - std::exp(-2.0)) / 2).epsilon(1e-10));
  // Williams 1997: E[erf(z)²] = 2/π asin(2/3).
  CHECK(mean_square(function_of("erf")) == doctest::Approx(2 / M_PI * std::asin(2.0 / 3)).epsilon(1e-10));
}
