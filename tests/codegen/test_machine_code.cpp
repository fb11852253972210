// Machine code against the interpreter: element type × vector width × random networks × pairs of inputs.
#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "compiler/jit/jit.hpp"
#include "compiler/passes/pipeline.hpp"
#include "tests/support/evaluate.hpp"
#include "tests/support/networks.hpp"

using namespace ntkc;
using kernel_ir::Activation;
using kernel_ir::Program;

namespace {

struct ActivationSet {
  const char* name;
  std::vector<Activation> activations;
};

const std::vector<ActivationSet> activation_sets = {
    {"piecewise linear", {Activation::piecewise_linear}},
    {"erf", {Activation::erf}},
    {"gelu", {Activation::gelu}},
    {"sin", {Activation::sin}},
    {"cos", {Activation::cos}},
    {"mixed",
     {Activation::piecewise_linear, Activation::erf, Activation::gelu, Activation::sin, Activation::cos}}};

/// The largest error of Σ and Θ in units of 4ε per layer times the product of max(1, χ), ε = 2⁻⁵² or 2⁻²³.
template <typename T>
double worst_error(const std::vector<test::Step>& steps, int size, const std::vector<test::InputPair>& pairs, int lanes) {
  const Program program = test::build(steps, size);
  const bool f32 = std::is_same_v<T, float>;
  const KernelFunctions kernel = jit::compile(passes::run(program), {.f32 = f32, .lanes = lanes});
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
        MESSAGE(pair.kind << " lanes " << lanes << " root " << i << " error " << error << " of the bound, value " << value
                          << " scale " << scale);
      }
      worst = std::isnan(error) ? 1e300 : std::max(worst, error);
    }
  }
  return worst;
}

template <typename T>
void sweep(int networks) {
  std::mt19937_64 random(7);
  const int widths[] = {2, 4, 8, 16, 32};
  for (const auto& set : activation_sets) {
    double worst = 0;
    for (int network = 0; network < networks; ++network) {
      const int size = 1 + network % 5;
      const auto steps = test::random_steps(random, 1 + network % 6, set.activations);
      worst = std::max(worst, worst_error<T>(steps, size, test::input_pairs(random, size), widths[network % 5]));
    }
    MESSAGE(set.name << ": worst error " << worst << " of 4 epsilon a layer times the product of max(1, chi)");
    CHECK(worst <= 1);
  }
}

}  // namespace

TEST_CASE("f64 machine code agrees with the interpreter at every width") { sweep<double>(20); }
TEST_CASE("f32 machine code agrees with the interpreter at every width") { sweep<float>(20); }
