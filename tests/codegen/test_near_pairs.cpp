// Near pairs behind activations whose complements come from the value: machine code against the same program
// in quadruple precision, where the value is good to 1e-34.
#include <doctest/doctest.h>
#include <quadmath.h>

#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "compiler/jit/jit.hpp"
#include "compiler/passes/pipeline.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/evaluate.hpp"
#include "tests/support/networks.hpp"

using namespace ntkc;
using kernel_ir::InputCovariance;
using kernel_ir::Program;
using kernel_ir::Quad;

namespace {

/// Inputs at angles and log-ratios of norms down to 1e-14; opposite ones too.
std::vector<InputCovariance> near_pairs() {
  std::vector<InputCovariance> result;
  for (double s = 0.1; s > 1e-14; s /= 30) {
    for (const auto& [angle, growth] : {std::array{1.0, 0.0}, {1.0, 1.0}, {0.1, 1.0}, {0.0, 1.0}}) {
      const double other = std::exp(2 * growth * s);
      const Quad cosine = 1 - 2 * powq(sinq(Quad(angle * s) / 2), 2);
      for (const double sign : {1.0, -1.0}) result.push_back({1, other, sign * sqrtq(other) * cosine});
    }
  }
  return result;
}

/// The largest error of Θ relative to the diagonal.
double worst_error(const std::vector<std::string>& activations) {
  std::vector<test::Step> steps;
  for (const std::string& phi : activations) steps.push_back({{steps.empty() ? 1.25 : 1.1, 0, phi}});
  const Program network = test::build(steps, 1);
  const KernelFunctions kernel = jit::compile(passes::run(network, {}), {});
  // As expanded: later passes fold constants to doubles.
  const Program exact = passes::expand(network, {.unit_roundoff = 0x1p-112});
  double worst = 0;
  for (const InputCovariance& input : near_pairs()) {
    const auto theta = [&](const InputCovariance& at) { return kernel_ir::interpret(exact, at)[1]; };
    const Quad scale = sqrtq(theta({input.first, input.first, input.first}) *
                             theta({input.second, input.second, input.second}));
    const auto error = static_cast<double>(
        fabsq(test::evaluate<double>(kernel, KernelKind::theta, input) - theta(input)) / scale);
    worst = test::larger_error(worst, error);
  }
  return worst;
}

const std::string selu = "select_less(z, 0, 1.75809934084738*(exp(z) - 1), 1.0507009873554805*z)";
const std::string hard_tanh = "max(min(z, 1), -1)";

}  // namespace

TEST_CASE("near pairs keep ten digits of Theta where z comes from the value") {
  for (const auto& [activation, next] : {std::pair<std::string, std::string>{hard_tanh, hard_tanh},
                                         {selu, selu},
                                         {selu, "max(z, 0)"},
                                         {"min(max(z, 0), 6)", "min(max(z, 0), 6)"},
                                         {"z*cos(z)", "max(z, 0)"},
                                         {"z*z*cos(z)", "max(z, 0)"},
                                         {"max(z, 0) + exp(0.25*z)", "abs(z)"}}) {
    const double worst = worst_error({activation, next});
    MESSAGE(activation << ", then " << next << ": " << worst);
    CHECK(worst < 1e-10);
  }
}

TEST_CASE("near pairs keep nine digits of Theta behind jumps") {
  const std::string jump = "select_less(0.5, z, z, 0)";
  const std::string shrink = "select_less(0.5, abs(z), z, 0)";
  const std::string steps = "select_less(1, z, 1, 0.25)";
  for (const std::vector<std::string>& activations : {std::vector<std::string>{jump, "abs(z)"},
                                                      {jump, "min(max(z, 0), 6)"},
                                                      {jump, shrink, "max(z, 0)"},
                                                      {shrink, "max(z, 0)"},
                                                      {steps, steps, selu},
                                                      {"select_less(z, 0.5, 1, exp(0.25*z))", "max(z, 0)"}}) {
    const double worst = worst_error(activations);
    CAPTURE(activations[0]);
    CAPTURE(activations[1]);
    MESSAGE(activations[0] << ", then " << activations[1] << ": " << worst);
    CHECK(worst < 1e-9);
  }
}

TEST_CASE(
    "behind activations that are split, Theta of near pairs falls with their distance as far as doubles go") {
  for (const std::string activation : {"max(z, 0)*cos(z)", "max(z, 0) + tanh(z)", "max(tanh(z), 0.25)"}) {
    const Program network = test::build({{{1, 0, activation}}, {{1, 0, "max(z, 0)"}}}, 1);
    const KernelFunctions kernel = jit::compile(passes::run(network, {}), {});
    // (√(Θ(x,x) Θ(y,y)) - Θ(x,y))/s at a distance s in angle or in norm; relu makes it proportional to s.
    const auto fall = [&](double angle, double growth) {
      const double other = std::exp(2 * growth);
      const Quad cosine = 1 - 2 * powq(sinq(Quad(angle) / 2), 2);
      const auto theta = [&](const InputCovariance& at) {
        return test::evaluate<double>(kernel, KernelKind::theta, at);
      };
      const double scale = std::sqrt(theta({1, 1, 1}) * theta({other, other, other}));
      return (scale - theta({1, other, sqrtq(other) * cosine})) / (angle + growth);
    };
    CAPTURE(activation);
    for (const bool is_angle : {true, false}) {
      const auto at = [&](double s) { return is_angle ? fall(s, 0) : fall(0, s); };
      const double reference = at(1e-4);
      CHECK(reference > 0.01);
      for (const double s : {1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10})
        CHECK(at(s) == doctest::Approx(reference).epsilon(1e-3));
    }
  }
}
