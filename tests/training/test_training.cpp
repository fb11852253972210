// Training against its theory: the gradient against finite differences, linear networks against the closed
// form, wide ones against the infinite limit.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "ntkc/errors.hpp"
#include "ntkc/finite_network.hpp"
#include "ntkc/training.hpp"
#include "simulator/network.hpp"
#include "simulator/training/linear_dynamics.hpp"
#include "simulator/training/parameters.hpp"
#include "tests/simulator/support.hpp"
#include "tests/support/errors.hpp"

using namespace ntkc;
using test::graph_of;
using test::largest_difference;
using test::normal_inputs;

namespace {

const std::string relu_network =
    "network relu_network\ninput x : vector(3)\n"
    "output x |> dense(W_std = 1.4, b_std = 0.1) |> relu |> dense(W_std = 1.4, b_std = 0.1)\n";

struct Data {
  Matrix x = normal_inputs(6, 3, 5);
  Matrix y = normal_inputs(6, 1, 6);
  Matrix test = normal_inputs(4, 3, 7);
};

TrainingResult trained(const std::string& text, const Data& data, const TrainingOptions& options) {
  return train_network(text, data.x.view(), data.y.view(), data.test.view(), options);
}

double loss_of(const simulator::Plan& plan, const simulator::Weights& weights, const Matrix& x,
               const Matrix& y) {
  const Matrix f = simulator::forward(plan, weights, x.view(), 1)[plan.output];
  double sum = 0;
  for (std::ptrdiff_t i = 0; i < y.rows(); ++i) {
    for (std::ptrdiff_t j = 0; j < y.columns(); ++j) sum += (f(i, j) - y(i, j)) * (f(i, j) - y(i, j));
  }
  return sum / (2 * static_cast<double>(y.rows() * y.columns()));
}

}  // namespace

TEST_CASE("the direction of descent is minus the gradient by finite differences, times the rates") {
  const Matrix x = normal_inputs(3, 3);
  const Matrix y = normal_inputs(3, 2, 4);
  const auto graph = graph_of(
      "h = x |> dense(b_std = 0.5)\nk = h |> erf |> dense(W_std = 1.2, lr = 0.5, b_std = 0.3)\n"
      "output (h + k) |> sin |> dense(b_std = 0.2)");
  const simulator::Plan plan = simulator::make_plan(graph, {.width = 4, .outputs = 2});
  simulator::StoredWeights weights(plan, simulator::DrawnWeights(3, 0));
  const simulator::Descent descent = simulator::descent(plan, weights, x.view(), y.view(), 1);
  simulator::StoredWeights moved(plan, weights);
  simulator::move(plan, moved, 1, descent.direction, 1);
  constexpr double step = 1e-5;
  double worst = 0;
  const auto check_entry = [&](double& entry, double rate, double direction) {
    const double kept = entry;
    entry = kept + step;
    const double above = loss_of(plan, weights, x, y);
    entry = kept - step;
    const double below = loss_of(plan, weights, x, y);
    entry = kept;
    worst = test::larger_error(worst, std::abs(direction + rate * (above - below) / (2 * step)));
  };
  for (const auto& any : plan.steps) {
    for (const simulator::LayerParameters& layer : any->parameters()) {
      Matrix& w = weights.weights(layer);
      for (std::ptrdiff_t i = 0; i < w.rows() * w.columns(); ++i)
        check_entry(w.data()[i], layer.weights.rate, moved.weights(layer).data()[i] - w.data()[i]);
      Matrix& b = weights.biases(layer);
      for (std::ptrdiff_t i = 0; i < b.columns(); ++i)
        check_entry(b.data()[i], layer.bias->rate, moved.biases(layer).data()[i] - b.data()[i]);
    }
  }
  MESSAGE("worst difference " << worst);
  CHECK(worst < 1e-9);
}

TEST_CASE("linear dynamics: the closed form is the recursion of gradient descent, and flow is its limit") {
  Eigen::MatrixXd kernel(3, 3);
  kernel << 2, 0.5, 0.3, 0.5, 1, -0.2, 0.3, -0.2, 1.5;
  const Eigen::MatrixXd targets = Eigen::Vector2d(1, -2);
  const Eigen::MatrixXd start = Eigen::Vector3d(0.3, 0.1, -0.4);
  const simulator::LinearDynamics dynamics(kernel, targets, start, 2);
  const auto descend = [&](double rate, int steps) {
    Eigen::MatrixXd f = start;
    for (int i = 0; i < steps; ++i) f -= rate / 2 * kernel.leftCols(2) * (f.topRows(2) - targets);
    return f;
  };
  using simulator::Dynamics;
  CHECK((dynamics.outputs(Dynamics::descent, 0.4, 7) - descend(0.4, 7)).norm() < 1e-14);
  CHECK((dynamics.outputs(Dynamics::descent, 1.5, 7) - descend(1.5, 7)).norm() < 1e-13);
  CHECK((dynamics.outputs(Dynamics::flow, 0.4, 7) - descend(0.4 / 10000, 70000)).norm() < 1e-4);
  CHECK((dynamics.outputs(Dynamics::flow, 0.4, 1e6) - dynamics.limit()).norm() < 1e-13);
  CHECK((dynamics.limit().topRows(2) - targets).norm() < 1e-14);
  CHECK(dynamics.largest_rate() * dynamics.largest_eigenvalue() == doctest::Approx(4));
}

TEST_CASE("a network that is linear in its parameters follows the linearised one to rounding") {
  const Data data;
  const std::string text = "network one\ninput x : vector(3)\noutput x |> dense(W_std = 1.4, b_std = 0.5)\n";
  for (const TrainingMethod method : {TrainingMethod::descent, TrainingMethod::flow}) {
    const TrainingResult result = trained(text, data, {.method = method, .learning_rate = 0.2, .steps = 100});
    const TrainingMoment& last = result.moments.back();
    CHECK(last.step == 100);
    CHECK(last.ntk_drift == doctest::Approx(0).epsilon(1e-14));
    // Runge–Kutta of order 4 with ηλ/N below 0.3 per step is not exact.
    CHECK(last.linearized_distance < (method == TrainingMethod::flow ? 1e-5 : 1e-13));
    CHECK(last.linearized_test_distance < (method == TrainingMethod::flow ? 1e-5 : 1e-13));
    CHECK(largest_difference(result.outputs, result.linearized) < 1e-5);
  }
}

TEST_CASE("under the standard parametrization the stated widths are scaled, and the tangent kernel stays") {
  const Data data;
  const std::string text =
      "network s\nparametrization = standard\ninput x : vector(3)\n"
      "output x |> dense(width = 10) |> erf |> dense(width = 5) |> erf |> dense\n";
  const auto distance = [&](std::int64_t width) {
    const TrainingResult result = trained(text, data, {.width = width, .steps = 20});
    CHECK(result.parameters ==
          width * 3 + width * (width / 2) + (width / 2) * static_cast<std::int64_t>(data.y.columns()));
    return result.moments.back().infinite_distance;
  };
  CHECK(distance(600) < 0.5 * distance(20));
}

TEST_CASE("flow by Runge-Kutta steps is of fourth order") {
  const Data data;
  const auto outputs = [&](std::int64_t steps) {
    return trained(relu_network, data,
                   {.width = 32,
                    .method = TrainingMethod::flow,
                    .learning_rate = 3.2 / static_cast<double>(steps),
                    .steps = steps,
                    .records = 2})
        .outputs;
  };
  // The kinks of relu spoil the order where a unit changes sides; erf has none.
  const std::string text =
      "network smooth\ninput x : vector(3)\noutput x |> dense(W_std = 1.4) |> erf |> dense\n";
  const auto smooth = [&](std::int64_t steps) {
    return trained(text, data,
                   {.width = 32,
                    .method = TrainingMethod::flow,
                    .learning_rate = 16.0 / static_cast<double>(steps),
                    .steps = steps,
                    .records = 2})
        .outputs;
  };
  const double coarse = largest_difference(smooth(8), smooth(64));
  const double fine = largest_difference(smooth(16), smooth(64));
  MESSAGE("halving the step divides the error by " << coarse / fine);
  CHECK(coarse / fine > 10);
  CHECK(largest_difference(outputs(32), outputs(64)) < 1e-3);
}

TEST_CASE("the wider the network, the closer to the infinite limit and the smaller the drift") {
  const Data data;
  double drift[2] = {};
  double linearized[2] = {};
  double infinite[2] = {};
  const std::int64_t widths[2] = {64, 4096};
  for (int i = 0; i < 2; ++i) {
    for (std::uint32_t draw = 0; draw < 16; ++draw) {
      const TrainingResult result =
          trained(relu_network, data, {.width = widths[i], .draw = draw, .steps = 60, .records = 2});
      drift[i] += result.moments.back().ntk_drift / 16;
      linearized[i] += result.moments.back().linearized_test_distance / 16;
      infinite[i] += result.moments.back().infinite_test_distance / 16;
    }
  }
  // From 64 to 4096, width^-1/2 is a factor of 8: the distance to the infinite network falls so, the others
  // no slower (examples/theory/linearisation.md).
  MESSAGE("ratios " << drift[0] / drift[1] << ", " << linearized[0] / linearized[1] << ", "
                    << infinite[0] / infinite[1]);
  CHECK(drift[0] / drift[1] > 4);
  CHECK(linearized[0] / linearized[1] > 4);
  CHECK(infinite[0] / infinite[1] > 4);
}

TEST_CASE("the loss of flow stays below its bound, and falls to kernel regression") {
  const Data data;
  const TrainingResult result = trained(
      relu_network, data,
      {.width = 4096, .method = TrainingMethod::flow, .learning_rate = 0.5, .steps = 400, .centred = true});
  REQUIRE(result.moments.size() > 5);
  for (const TrainingMoment& moment : result.moments) {
    INFO(moment.step);
    CHECK(moment.loss <= moment.loss_bound * (1 + 1e-9));
    CHECK(moment.smallest_eigenvalue > 0);
  }
  CHECK(result.moments.front().ntk_drift < 1e-15);
  CHECK(result.moments.front().linearized_distance == 0);
  CHECK(result.moments.back().infinite_distance < 0.05);
  CHECK(result.moments.back().infinite_test_distance < 0.2);
  CHECK(result.outputs.rows() == 10);
}

TEST_CASE("the tangent kernel before and after training on all points") {
  const Data data;
  const TrainingOptions options = {.width = 100, .seed = 4, .steps = 30, .records = 2};
  const TrainingResult result = trained(relu_network, data, options);
  Matrix points(10, 3);
  std::copy_n(data.x.data(), 18, points.data());
  std::copy_n(data.test.data(), 12, points.data() + 18);
  const FiniteNetwork network(relu_network, {.width = 100, .outputs = 1, .seed = 4});
  CHECK(largest_difference(result.start_ntk, network.empirical_ntk(points.view())) < 1e-12);
  double change = 0;
  double norm = 0;
  for (int i = 0; i < 6; ++i) {
    for (int j = 0; j < 6; ++j) {
      change += std::pow(result.end_ntk(i, j) - result.start_ntk(i, j), 2);
      norm += std::pow(result.start_ntk(i, j), 2);
    }
  }
  CHECK(std::sqrt(change / norm) == doctest::Approx(result.moments.back().ntk_drift));
}

TEST_CASE("the distance to kernel regression is that of the outputs at the end") {
  const Data data;
  const TrainingResult result = trained(relu_network, data, {.width = 64, .steps = 50, .centred = true});
  double squares = 0;
  for (int i = 6; i < 10; ++i) squares += std::pow(result.outputs(i, 0) - result.regression(i, 0), 2);
  CHECK(std::sqrt(squares / 4) == doctest::Approx(result.moments.back().regression_test_distance));
}

TEST_CASE("centred training starts at zero, and the result does not depend on threads") {
  const Data data;
  const TrainingOptions options = {.width = 300, .steps = 5, .records = 3, .centred = true};
  const TrainingResult one =
      train_network(relu_network, data.x.view(), data.y.view(), {}, options, {}, {.threads = 1});
  const TrainingResult two =
      train_network(relu_network, data.x.view(), data.y.view(), {}, options, {}, {.threads = 2});
  CHECK(test::identical(one.outputs, two.outputs));
  double square = 0;
  for (int i = 0; i < 6; ++i) square += data.y(i, 0) * data.y(i, 0);
  CHECK(one.moments.front().loss == doctest::Approx(square / 12).epsilon(1e-12));
}

TEST_CASE("several outputs are trained together") {
  Data data;
  data.y = normal_inputs(6, 3, 8);
  const TrainingResult result = trained(relu_network, data, {.width = 2048, .steps = 40});
  CHECK(result.outputs.columns() == 3);
  CHECK(result.moments.back().loss < result.moments.front().loss);
  CHECK(result.moments.back().linearized_distance < 0.1);
}

TEST_CASE("what cannot be trained is refused") {
  Data data;
  CHECK_THROWS_WITH_AS(trained(relu_network, data, {.steps = 0}), "0 steps of training; there is at least 1",
                       InputError);
  CHECK_THROWS_WITH_AS(trained(relu_network, data, {.width = 0}), "a network of width 0; it is at least 1",
                       InputError);
  CHECK_THROWS_WITH_AS(trained(relu_network, data, {.records = 1}),
                       "1 moments to record; there are at least 2, the start and the end", InputError);
  CHECK_THROWS_AS(trained(relu_network, data, {.learning_rate = std::nan("")}), InputError);
  CHECK_THROWS_AS(trained(relu_network, data, {.learning_rate = 1e6, .steps = 500}), NumericalError);
  CHECK_THROWS_WITH_AS(
      trained("network f\ninput x : vector(3)\noutput x |> dense(frozen = true)\n", data, {}),
      "nothing to train: the tangent kernel of the network is zero", InputError);
  const Matrix wide = normal_inputs(6, 4);
  CHECK_THROWS_WITH_AS(train_network(relu_network, wide.view(), data.y.view(), {}),
                       "the data have 4 values per sample, the network takes 3", InputError);
  const Matrix many = normal_inputs(5000, 3);
  const Matrix targets(5000, 1);
  CHECK_THROWS_AS(train_network(relu_network, many.view(), targets.view(), {}), InputError);
}
