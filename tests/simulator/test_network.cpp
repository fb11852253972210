// The forward pass against its definition, the contraction against finite differences, and both against the
// number of threads.
#include <doctest/doctest.h>

#include <vector>

#include "ntkc/errors.hpp"
#include "simulator/empirical_kernel.hpp"
#include "simulator/network.hpp"
#include "simulator/plan.hpp"
#include "simulator/weights.hpp"
#include "tests/simulator/support.hpp"

using namespace ntkc;
using namespace ntkc::simulator;
using test::graph_of;
using test::identical;
using test::largest_difference;
using test::normal_inputs;
using test::spatial_graph_of;

namespace {

Matrix kernel(const Plan& plan, const Weights& weights, const Matrix& x, NtkForm form, int threads = 1) {
  const Values values = forward(plan, weights, x.view(), threads);
  return empirical_ntk(plan, weights, values, plan.output_channels(), form, threads);
}

/// Σ_p r_p ∂f/∂p ∂f/∂p with the derivatives from central differences, over every entry of every array.
Matrix kernel_by_differences(const Plan& plan, StoredWeights& weights, const Matrix& x) {
  constexpr double step = 1e-5;
  const std::ptrdiff_t size = x.rows() * plan.output_channels();
  Matrix result(size, size);
  const auto add_entry = [&](double& entry, double rate) {
    const double kept = entry;
    entry = kept + step;
    const Matrix above = forward(plan, weights, x.view(), 1)[plan.output];
    entry = kept - step;
    const Matrix below = forward(plan, weights, x.view(), 1)[plan.output];
    entry = kept;
    for (std::ptrdiff_t a = 0; a < size; ++a) {
      for (std::ptrdiff_t b = 0; b < size; ++b) {
        const double first = (above.data()[a] - below.data()[a]) / (2 * step);
        const double second = (above.data()[b] - below.data()[b]) / (2 * step);
        result(a, b) += rate * first * second;
      }
    }
  };
  for (const auto& step_of_plan : plan.steps) {
    for (const LayerParameters& layer : step_of_plan->parameters()) {
      Matrix& w = weights.weights(layer);
      for (std::ptrdiff_t i = 0; i < w.rows() * w.columns(); ++i) add_entry(w.data()[i], layer.weights.rate);
      if (!layer.bias) continue;
      Matrix& b = weights.biases(layer);
      for (std::ptrdiff_t i = 0; i < b.columns(); ++i) add_entry(b.data()[i], layer.bias->rate);
    }
  }
  return result;
}

const std::vector<std::string> networks = {
    "output x |> dense(W_std = 1.3, b_std = 0.4)",
    "output x |> dense(b_std = 0.5) |> erf |> dense(W_std = 1.2, b_std = 0.2) |> sin |> dense",
    "output x |> dense(frozen = true, b_std = 0.3) |> gelu |> dense(lr = 0.25, b_std = 0.7) |> cos |> "
    "dense(lr = 3)",
    "output x |> dense |> relu |> dense |> leaky_relu(0.3) |> dense |> abs |> dense(frozen = true)",
    // The output is read through an activation; a sum of branches of unequal depth; fresh weights in a loop.
    "h = x |> dense(b_std = 0.1)\nrepeat 3 { g = h |> erf |> dense(W_std = 1.1)\nh = h + 0.5 * g }\noutput h "
    "|> sin",
    "a = x |> dense\nb = a |> erf |> dense(b_std = 0.3)\noutput 2 * (a + b) - 0.5 * (b |> identity |> dense)",
    "output x - (x |> dense |> erf |> dense)",
    "output x |> dense(b_lr = 0.3) |> erf |> dense(b_std = 0.4, b_lr = 2, lr = 0.5)",
    // Products and concats, whose widths follow from their parts.
    "a = x |> dense(b_std = 0.2)\noutput 2 * (a |> erf |> dense) * (a |> cos) * (x |> dense) |> dense",
    "a = x |> dense |> erf\nb = x |> dense(b_std = 0.1) |> sin\nc = concat(a, b |> dense, a)\n"
    "output (c |> dense) + 0.5 * concat(a, b, b)",
    "output x |> dropout(0.7) |> dense |> erf |> dropout(0.5) |> dense(b_std = 0.2)",
};

/// Networks on positions, with the declaration of their input.
const std::vector<std::pair<std::string, std::string>> spatial_networks = {
    {"sequence(5, 2)",
     "output x |> conv(3, W_std = 1.3, b_std = 0.4) |> erf |> flatten |> dense(b_std = 0.2)"},
    {"sequence(6, 2)",
     "output x |> conv(2, stride = 2, padding = valid) |> erf |> conv(3, padding = circular, "
     "b_lr = 0.3) |> sin |> global_avg_pool |> dense(b_std = 0.3)"},
    {"image(4, 3, 2)",
     "h = x |> conv([3, 2], stride = [2, 1], b_std = 0.1)\n"
     "h = h + (h |> erf |> conv(3, dilation = [1, 2], lr = 0.5))\n"
     "output h |> avg_pool(2, stride = 1) |> sin |> dense(b_std = 0.4) |> global_sum_pool"},
    {"image(3, 3, 1)",
     "h = x |> conv(2, padding = circular)\nrepeat 2 { h = h |> erf |> conv(2) }\n"
     "a = h |> avg_pool(2, normalize_edges = true) |> erf |> dense\n"
     "b = h |> sum_pool([2, 2]) |> cos |> conv(1)\n"
     "output concat(a * b, b) |> flatten |> dense(frozen = true)"},
    {"sequence(4, 2)",
     "a = x |> conv_transpose(3, stride = 2, b_std = 0.2) |> slice(start = 1, step = 2)\n"
     "b = x |> conv_transpose(2, padding = circular) |> resize(5, method = nearest)\n"
     "c = concat(a, b, axis = positions) |> erf |> dense |> resize(4)\n"
     "output c |> aggregate([[1, 0, 0.5, 0], [0, -1, 0, 2]]) |> sin |> flatten |> dense"},
    {"image(3, 2, 1)",
     "a = x |> conv_transpose([2, 3], stride = [1, 2], padding = valid)\n"
     "b = x |> conv(1) |> resize([4, 4], antialias = false) |> slice(stop = [4, 3], step = [2, 1])\n"
     "output concat(a |> slice(stop = [3, 3]), b, axis = 0) |> cos |> global_sum_pool |> dense"},
    {"sequence(4, 2)",
     "h = x |> conv_local(2, stride = 2, b_std = 0.3) |> erf |> conv_local(2, padding = circular, b_lr = "
     "0.4)\n"
     "output h |> layer_norm(eps = 0.1) |> sin |> flatten |> dense"},
    {"image(2, 3, 2)",
     "h = x |> conv(2, b_std = 0.3) |> layer_norm(axes = [positions, channels], eps = 0.2) |> erf\n"
     "output h |> dense |> layer_norm |> cos |> global_avg_pool |> dense"},
    {"image(2, 3, 2)",
     "h = x |> conv(2, b_std = 0.3) |> erf |> dropout(0.6) |> conv(2) |> dropout(0.8)\n"
     "output h |> global_avg_pool |> dense"},
};

/// The values are as wide as their sum needs and the sum is not as wide as itself.
const std::string impossible_widths =
    "a = x |> dense\nb = x |> dense\nd = x |> dense\nt = a + d\noutput concat(a, b) + d + (t |> dense)";

}  // namespace

TEST_CASE("the contracted tangent kernel is the one of finite differences") {
  const auto compare = [](layer_graph::LayerGraph graph) {
    for (const auto parametrization :
         {layer_graph::Parametrization::ntk, layer_graph::Parametrization::standard,
          layer_graph::Parametrization::cntk}) {
      graph.parametrization = parametrization;
      const Plan plan = make_plan(graph, {.width = 5, .outputs = 2});
      const Matrix x = normal_inputs(3, plan.input_size());
      StoredWeights weights(plan, DrawnWeights(4, 0));
      const Matrix expected = kernel_by_differences(plan, weights, x);
      const Matrix contracted = kernel(plan, weights, x, NtkForm::full);
      CHECK(largest_difference(contracted, expected) < 1e-7);
      CHECK(identical(contracted, kernel(plan, DrawnWeights(4, 0), x, NtkForm::full)));
    }
  };
  for (const std::string& body : networks) {
    INFO(body);
    compare(graph_of(body));
  }
  for (const auto& [input, body] : spatial_networks) {
    INFO(body);
    compare(spatial_graph_of(input, body));
  }
}

TEST_CASE("a concat that is as wide as one of its values is refused") {
  CHECK_THROWS_AS(make_plan(graph_of(impossible_widths + "\n"), {.width = 5, .outputs = 2}), InputError);
}

TEST_CASE("trace and pseudo kernel are contractions of the full one") {
  const Matrix x = normal_inputs(4, 3);
  for (const std::string& body : networks) {
    const Plan plan = make_plan(graph_of(body), {.width = 6, .outputs = 3});
    const DrawnWeights weights(5, 1);
    const std::ptrdiff_t o = plan.output_channels();
    const Matrix full = kernel(plan, weights, x, NtkForm::full);
    Matrix trace(4, 4);
    Matrix pseudo(4, 4);
    for (std::ptrdiff_t i = 0; i < 4 * o; ++i) {
      for (std::ptrdiff_t j = 0; j < 4 * o; ++j) {
        pseudo(i / o, j / o) += full(i, j) / static_cast<double>(o);
        if (i % o == j % o) trace(i / o, j / o) += full(i, j) / static_cast<double>(o);
      }
    }
    INFO(body);
    CHECK(largest_difference(kernel(plan, weights, x, NtkForm::trace), trace) < 1e-12);
    CHECK(largest_difference(kernel(plan, weights, x, NtkForm::pseudo), pseudo) < 1e-12);
  }
}

TEST_CASE("random signs average the kernel over all outputs") {
  const Matrix x = normal_inputs(3, 3);
  const Plan plan = make_plan(graph_of("output x |> dense |> erf |> dense |> sin"), {.width = 40});
  const DrawnWeights weights(5, 1);
  const Values values = forward(plan, weights, x.view(), 1);
  const Matrix exact = empirical_ntk(plan, weights, values, 40, NtkForm::trace, 1);
  const Matrix few = averaged_ntk(plan, weights, values, 4, 8, 0, 1);
  const Matrix many = averaged_ntk(plan, weights, values, 4000, 8, 0, 1);
  CHECK(largest_difference(few, exact) > 0.02);
  // One set of signs is off by about 1/sqrt(40) of the kernel, the mean over 4000 by a 60th of that.
  CHECK(largest_difference(many, exact) < 0.02);
  CHECK(identical(few, averaged_ntk(plan, weights, values, 4, 8, 0, 1)));
  CHECK(!identical(few, averaged_ntk(plan, weights, values, 4, 8, 1, 1)));
}

TEST_CASE("the first outputs of a wide last layer have the kernel of a network with no others") {
  const Matrix x = normal_inputs(4, 3);
  const std::string body = "output 0.5 * (x |> dense |> erf |> dense(b_std = 0.2)) + (x |> dense)";
  const Plan few = make_plan(graph_of(body), {.width = 300, .outputs = 2});
  const Plan many = make_plan(graph_of(body), {.width = 300, .outputs = 300});
  const DrawnWeights weights(6, 0);
  const Values values = forward(many, weights, x.view(), 1);
  const Matrix of_many = empirical_ntk(many, weights, values, 2, NtkForm::full, 1);
  CHECK(largest_difference(of_many, kernel(few, weights, x, NtkForm::full)) < 1e-12);
}

TEST_CASE("the forward pass is that of the definition, weights in several blocks") {
  const Matrix x = normal_inputs(3, 5);
  const auto graph = graph_of("output x |> dense(W_std = 1.5, b_std = 0.3) |> relu |> dense(W_std = 0.7)", 5);
  const Plan plan = make_plan(graph, {.width = 530, .outputs = 2});
  CHECK(plan.parameter_count() == 530 * 6 + 530 * 2);
  StoredWeights weights(plan, DrawnWeights(1, 2));
  const LayerParameters& first = plan.steps[1]->parameters()[0];
  const LayerParameters& second = plan.steps[3]->parameters()[0];
  Matrix expected(3, 2);
  for (std::ptrdiff_t i = 0; i < 3; ++i) {
    for (std::ptrdiff_t unit = 0; unit < 530; ++unit) {
      double z = 0.3 * weights.biases(first)(0, unit);
      for (std::ptrdiff_t j = 0; j < 5; ++j)
        z += 1.5 / std::sqrt(5.0) * weights.weights(first)(unit, j) * x(i, j);
      for (std::ptrdiff_t k = 0; k < 2; ++k)
        expected(i, k) += 0.7 / std::sqrt(530.0) * weights.weights(second)(k, unit) * std::fmax(z, 0);
    }
  }
  CHECK(largest_difference(forward(plan, weights, x.view(), 1)[plan.output], expected) < 1e-12);
}

TEST_CASE("results have the same bits for any number of threads") {
  const Matrix x = normal_inputs(70, 3);
  const Plan plan = make_plan(graph_of("h = x |> dense(b_std = 0.1)\nrepeat 2 { h = h |> relu |> dense(b_std "
                                       "= 0.1) }\noutput h |> erf |> dense"),
                              {.width = 700, .outputs = 3});
  const DrawnWeights weights(1, 1);
  const Values one = forward(plan, weights, x.view(), 1);
  const Matrix theta = kernel(plan, weights, x, NtkForm::full, 1);
  for (const int threads : {2, 3, 7}) {
    const Values several = forward(plan, weights, x.view(), threads);
    CHECK(identical(several[plan.output], one[plan.output]));
    CHECK(identical(kernel(plan, weights, x, NtkForm::full, threads), theta));
    CHECK(identical(empirical_nngp(plan, several, threads), empirical_nngp(plan, one, 1)));
  }
}

TEST_CASE("widths: stated ones stay, outputs are given, what a sum ties together is equal") {
  const auto channels = [](const std::string& body, Widths widths) {
    const Plan plan = make_plan(graph_of(body), widths);
    std::vector<std::int64_t> result;
    for (const auto& step : plan.steps)
      if (!step->parameters().empty()) result.push_back(step->channels);
    return result;
  };
  using List = std::vector<std::int64_t>;
  CHECK(channels("output x |> dense |> erf |> dense", {.width = 9}) == List{9, 9});
  CHECK(channels("output x |> dense(width = 4) |> erf |> dense", {.width = 9, .outputs = 2}) == List{4, 2});
  CHECK(channels("output x |> dense |> erf |> dense(width = 4) |> erf", {.width = 9}) == List{9, 4});
  CHECK(channels("output x |> dense |> erf |> dense(width = 4) |> erf", {.width = 9, .outputs = 2}) ==
        List{9, 2});
  // Every iteration but the last is read by the next one; a residual stream is one width throughout.
  CHECK(channels("h = x |> dense\nrepeat 2 { h = h |> erf |> dense }\noutput h",
                 {.width = 9, .outputs = 2}) == List{9, 9, 2});
  CHECK(channels("h = x |> dense\nrepeat 2 { h = h + (h |> erf |> dense) }\noutput h",
                 {.width = 9, .outputs = 2}) == List{9, 9, 9});
  CHECK(channels("output x + (x |> dense |> erf |> dense)", {.width = 9, .outputs = 2}) == List{9, 3});
  const auto fixed = [](const std::string& body, bool in_proportion = false) {
    return fixed_widths(graph_of(body), in_proportion).size();
  };
  CHECK(fixed("output x |> dense |> erf |> dense(width = 3)") == 0);
  CHECK(fixed("output x |> dense(width = 3) |> erf |> dense") == 1);
  CHECK(fixed("output x |> dense(width = 3) |> erf |> dense", true) == 0);
  CHECK(fixed("output x + (x |> dense |> erf |> dense)") == 1);
  CHECK(fixed("output x + (x |> dense |> erf |> dense)", true) == 1);
  // As wide as the values that are joined, which grow with the width.
  CHECK(fixed("h = x |> dense\ng = concat(h |> erf, h |> sin)\noutput (g + (h |> dense)) |> dense") == 0);
}

TEST_CASE("widths in proportion: the widest is the one given, what is joined keeps its parts") {
  const auto graph = graph_of(
      "a = x |> dense(width = 12)\nb = x |> dense(width = 4)\n"
      "output concat(a |> erf, b |> sin) |> dense(width = 1) |> erf |> dense(width = 60)");
  CHECK(widths_count(graph));
  CHECK(!widths_count(graph_of("output x |> dense(width = 3) |> erf |> dense")));
  const auto plan_of = [&](std::int64_t width) {
    return make_plan(graph, {.width = width, .outputs = 2, .in_proportion = true});
  };
  // The steps are x, a, b, erf(a), sin(b), their concat, ...: what it makes of the first unit of each.
  const auto scales = [](const Plan& plan) {
    const Values values = forward(plan, DrawnWeights(3, 0), normal_inputs(1, 3).view(), 1);
    const Matrix& joined = values[5];
    return std::array{joined(0, 0) / values[3](0, 0), joined(0, values[3].columns()) / values[4](0, 0)};
  };
  const Plan exact = plan_of(120);
  CHECK(exact.steps[1]->channels == 120);
  CHECK(exact.steps[2]->channels == 40);
  CHECK(exact.output_channels() == 2);
  CHECK(scales(exact) == std::array{1.0, 1.0});
  // 7 and 2 of 9 units instead of 3/4 and 1/4
  const Plan rounded = plan_of(7);
  CHECK(rounded.steps[2]->channels == 2);
  CHECK(scales(rounded)[0] == doctest::Approx(std::sqrt(0.75 * 9 / 7)));
  CHECK(scales(rounded)[1] == doctest::Approx(std::sqrt(0.25 * 9 / 2)));
}

TEST_CASE("the scales of the parametrizations") {
  auto graph = graph_of("output x |> dense(W_std = 3, b_std = 0.5) |> relu |> dense(W_std = 2, lr = 0.25)");
  graph.parametrization = layer_graph::Parametrization::standard;
  const Plan standard = make_plan(graph, {.width = 16});
  const LayerParameters& first = standard.steps[1]->parameters()[0];
  CHECK(first.weights.multiplier == 1);
  CHECK(first.weights.standard_deviation == doctest::Approx(3 / std::sqrt(3.0)));
  CHECK(first.bias->multiplier == 1);
  CHECK(first.bias->standard_deviation == 0.5);
  CHECK(standard.steps[3]->parameters()[0].weights.rate == 0.25);

  // Twice as many units in front as stated: half the rate.
  auto stated = graph_of("output x |> dense(width = 8) |> relu |> dense(lr = 0.25)");
  stated.parametrization = layer_graph::Parametrization::standard;
  const Plan doubled = make_plan(stated, {.width = 16, .in_proportion = true});
  CHECK(doubled.steps[1]->parameters()[0].weights.rate == 1);
  CHECK(doubled.steps[3]->parameters()[0].weights.rate == 0.125);
  CHECK(make_plan(stated, {.width = 16}).steps[3]->parameters()[0].weights.rate == 0.25);

  graph.parametrization = layer_graph::Parametrization::cntk;
  const Plan cntk = make_plan(graph, {.width = 16});
  const Matrix x = normal_inputs(1, 3);
  const Values values = forward(cntk, DrawnWeights(3, 0), x.view(), 1);
  CHECK(values[0](0, 0) == std::sqrt(3.0) * x(0, 0));
  for (std::ptrdiff_t j = 0; j < 16; ++j) {  // E[relu(z)²] = 1/2
    CHECK(values[2](0, j) == doctest::Approx(std::sqrt(2.0) * std::fmax(values[1](0, j), 0)).epsilon(1e-12));
  }
}
