// Machine code against the interpreter: element type × vector width × random networks × pairs of inputs.
#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "compiler/jit/jit.hpp"
#include "compiler/passes/pipeline.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/evaluate.hpp"
#include "tests/support/networks.hpp"

using namespace ntkc;
using kernel_ir::Program;

namespace {

struct ActivationSet {
  const char* name;
  std::vector<std::string> activations;
};

const std::vector<ActivationSet> activation_sets = {
    {"piecewise linear", {test::piecewise_linear_activation}},
    {"erf", {"erf(z)"}},
    {"gelu", {test::gelu}},
    {"sin", {"sin(z)"}},
    {"cos", {"cos(z)"}},
    {"mixed", {test::piecewise_linear_activation, "erf(z)", test::gelu, "sin(z)", "cos(z)"}}};

/// The largest error of Σ and Θ in units of 4ε per layer times the product of max(1, χ), ε = 2⁻⁵² or 2⁻²³.
template <typename T>
double worst_error(const std::vector<test::Step>& steps, int size, const std::vector<test::InputPair>& pairs,
                   jit::JitOptions options) {
  const Program program = test::build(steps, size);
  constexpr bool f32 = std::is_same_v<T, float>;
  options.f32 = f32;
  const KernelFunctions kernel = jit::compile(passes::run(program), options);
  double worst = 0;
  for (const auto& pair : pairs) {
    const auto input = kernel_ir::input_covariance(pair.x, pair.y);
    const auto expected = test::interpret_pair(program, pair);
    const auto a = test::error_growth(steps, input.first);
    const auto b = test::error_growth(steps, input.second);
    const double unit = 4 * (f32 ? 0x1p-23 : 0x1p-52) * a.layers * std::max(a.gain, b.gain);
    for (std::size_t i = 0; i < 2; ++i) {
      const double value = test::evaluate<T>(kernel, i == 0 ? kernel.sigma : kernel.theta, input);
      const double scale = test::kernel_scale(expected, i);
      const double error = std::fabs(value - static_cast<double>(expected.xy[i])) / (unit * scale);
      if (!(error <= 1)) {
        MESSAGE(pair.kind << " lanes " << options.lanes << " root " << i << " error " << error
                          << " of the bound, value " << value << " scale " << scale);
      }
      worst = test::larger_error(worst, error);
    }
  }
  return worst;
}

/// Networks × widths of value, on vector registers of `register_bits`.
template <typename T>
void sweep(int register_bits, int networks) {
  if (register_bits > jit::host().register_bits) {
    MESSAGE("skipped: this processor has no " << register_bits << "-bit vectors");
    return;
  }
  std::mt19937_64 random(7);
  const int widths[] = {2, 4, 8, 16, 32};
  for (const auto& set : activation_sets) {
    double worst = 0;
    for (int network = 0; network < networks; ++network) {
      const int size = 1 + network % 5;
      const auto steps = test::random_steps(random, 1 + network % 6, set.activations);
      worst = test::larger_error(
          worst, worst_error<T>(steps, size, test::input_pairs(random, size),
                                {.lanes = widths[network % 5], .register_bits = register_bits}));
    }
    MESSAGE(std::string(set.name) << ": worst error " << worst
                                  << " of 4 epsilon a layer times the product of max(1, chi)");
    CHECK(worst <= 1);
  }
}

}  // namespace

TEST_CASE("f64 machine code agrees with the interpreter on SSE2") { sweep<double>(128, 10); }
TEST_CASE("f64 machine code agrees with the interpreter on AVX2") { sweep<double>(256, 10); }
TEST_CASE("f64 machine code agrees with the interpreter on AVX-512") { sweep<double>(512, 10); }
TEST_CASE("f32 machine code agrees with the interpreter on SSE2") { sweep<float>(128, 10); }
TEST_CASE("f32 machine code agrees with the interpreter on AVX2") { sweep<float>(256, 10); }
TEST_CASE("f32 machine code agrees with the interpreter on AVX-512") { sweep<float>(512, 10); }

TEST_CASE("results do not depend on the width of a value") {
  std::mt19937_64 random(13);
  const auto steps = test::random_steps(random, 5, activation_sets.back().activations);
  const Program program = passes::run(test::build(steps, 4));
  const auto pairs = test::input_pairs(random, 4);
  const KernelFunctions reference = jit::compile(program, {.lanes = 2});
  for (const int lanes : {4, 8, 16, 32, 64}) {
    const KernelFunctions kernel = jit::compile(program, {.lanes = lanes});
    for (const auto& pair : pairs) {
      const auto input = kernel_ir::input_covariance(pair.x, pair.y);
      CHECK(test::evaluate<double>(kernel, kernel.theta, input) ==
            test::evaluate<double>(reference, reference.theta, input));
    }
  }
}

TEST_CASE("the result is right with every optional pass switched off") {
  std::mt19937_64 random(17);
  const auto steps = test::random_steps(random, 5, activation_sets.back().activations);
  const Program program = test::build(steps, 4);
  const auto pairs = test::input_pairs(random, 4);
  for (const auto& pass : passes::pipeline()) {
    if (pass.required) continue;
    CAPTURE(pass.name);
    const KernelFunctions kernel =
        jit::compile(passes::run(program, {{std::string(pass.name)}, nullptr}), {.lanes = 8});
    for (const auto& pair : pairs) {
      const auto expected = test::interpret_pair(program, pair);
      const double value =
          test::evaluate<double>(kernel, kernel.theta, kernel_ir::input_covariance(pair.x, pair.y));
      CHECK(std::fabs(value - static_cast<double>(expected.xy[1])) <=
            1e-13 * test::kernel_scale(expected, 1));
    }
  }
}

TEST_CASE("a processor that is not there is refused") {
  CHECK_THROWS_WITH_AS(jit::machine_for({.register_bits = 96}),
                       "vector registers have 128, 256 or 512 bits, not 96", std::invalid_argument);
}
