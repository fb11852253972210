// Machine code of Hermite expansions against the interpreter's, in quadruple precision, of the same program;
// that the program computes the dual is tested in tests/passes/ and by the golden files.
#include <doctest/doctest.h>

#include <cmath>

#include "compiler/jit/jit.hpp"
#include "compiler/passes/pipeline.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/evaluate.hpp"
#include "tests/support/networks.hpp"

using namespace ntkc;
using kernel_ir::Program;

namespace {

struct Network {
  const char* name;
  std::vector<test::Step> steps;
};

std::vector<Network> networks() {
  const std::string sigmoid = "1/(1 + exp(0 - z))";
  return {
      {"tanh", {{{1.5, 0, "tanh(z)"}}}},
      {"sigmoid, then what needs exact complements", {{{1.25, 0.125, sigmoid}}, {{1.5, 0, test::relu}}}},
      {"tanh, then what needs exact complements", {{{1.25, 0, "tanh(z)"}}, {{1.5, 0, "abs(z)"}}}},
      {"even, in a loop", {{{1, 0.5, "1/(1 + z*z)"}, 3}}},
      {"softplus and swish with a residual branch",
       {{{1, 0, "log(1 + exp(z))"}}, {{1, 0, "z*" + sigmoid}, 1, true}}},
      {"a kink at 0", {{{1, 0.125, "max(z, 0)*tanh(z)"}}}},
      {"a kink at 1", {{{1, 0.125, "max(z, 1)*tanh(z)"}}}},
      {"powers, roots, sine and erf",
       {{{0.75, 0, "sin(z) + erf(z)*(4 + z^3)/(2 + z^2)^1.5 + sqrt(1 + z*z)"}}}},
  };
}

/// The largest error of Σ and Θ, relative to the diagonal.
template <typename T>
double worst_error(const Network& network, int lanes, int register_bits) {
  constexpr bool f32 = std::is_same_v<T, float>;
  const Program program =
      passes::run(test::build(network.steps, 2), {.expansions = {.tolerance = f32 ? 1e-7 : 1e-9}});
  const KernelFunctions kernel =
      jit::compile(program, {.f32 = f32, .lanes = lanes, .register_bits = register_bits});
  CHECK(kernel.remainder_slot == kernel.slots - 1);
  std::mt19937_64 random(3);
  double worst = 0;
  for (const test::InputPair& pair : test::input_pairs(random, 2)) {
    // The interpreter takes its time.
    if (pair.kind != "random" && pair.kind != "near 1e-7" && pair.kind != "opposite" && pair.kind != "zero")
      continue;
    const auto expected = test::interpret_pair(program, pair);
    for (std::size_t i = 0; i < 2; ++i) {
      const double value = test::evaluate<T>(kernel, i == 0 ? KernelKind::sigma : KernelKind::theta,
                                             kernel_ir::input_covariance(pair.x, pair.y));
      const double error =
          std::fabs(value - static_cast<double>(expected.xy[i])) / test::kernel_scale(expected, i);
      worst = test::larger_error(worst, error);
    }
  }
  return worst;
}

}  // namespace

TEST_CASE("machine code of expansions agrees with their definition") {
  const int lanes[] = {2, 4, 8, 16, 32};
  const int registers[] = {128, 256, 512};
  int i = 0;
  for (const Network& network : networks()) {
    const int register_bits = std::min(registers[i % 3], jit::host().register_bits);
    const double f64 = worst_error<double>(network, lanes[i % 5], register_bits);
    const double f32 = worst_error<float>(network, lanes[(i + 2) % 5], register_bits);
    MESSAGE(std::string(network.name) << ": worst error " << f64 << " in f64, " << f32 << " in f32");
    CHECK(f64 <= 4e-15);
    CHECK(f32 <= 2e-6);
    ++i;
  }
}

TEST_CASE("a sample tells what its expansions leave out") {
  const Program program =
      passes::run(test::build({{{1, 0, "tanh(z)"}}}, 1), {.expansions = {.largest_input = 2}});
  const KernelFunctions kernel = jit::compile(program, {});
  constexpr std::ptrdiff_t n = lane_padding;
  std::vector<double> self(n, 0.0);
  for (std::ptrdiff_t j = 0; j < n; ++j) self[static_cast<std::size_t>(j)] = static_cast<double>(j) / 4;
  const std::vector<double> table = test::sample_table<double>(kernel, self);
  const double* remainder = table.data() + kernel.remainder_slot * n;
  for (std::ptrdiff_t j = 0; j < n; ++j) {
    CAPTURE(self[static_cast<std::size_t>(j)]);
    if (j <= 8) CHECK(std::fabs(remainder[j]) <= 1e-12 + 4e-15);
    if (j > 14) CHECK(remainder[j] > 1e-12);
    if (j > 15) CHECK(remainder[j] > remainder[j - 1]);
  }
}

TEST_CASE("kinks and jumps are split off, and the rest expanded to the stated remainder") {
  using kernel_ir::Quad;
  struct Case {
    std::string phi;
    double reached;
  };
  for (const auto& [phi, reached] :
       {Case{"max(z, 0) + tanh(z)", 1e-12}, Case{"max(z, 0)*cos(z)", 1e-12},
        Case{"select_less(z, 0, tanh(z), 1)", 1e-9}, Case{"z/(1 + abs(z))", 2e-6},
        Case{"max(z, 0)*tanh(z)", 2e-11}, Case{"select_less(1, z, tanh(z), z)", 1e-11},
        Case{"select_less(0.5, z, log(1 + exp(z)), 1/(1 + exp(0 - z)))", 1e-12},
        Case{"max(tanh(z), 0.2)", 1e-9}, Case{"min(z/(1 + exp(0 - z)), 3)", 1e-12},
        Case{"abs(z - 1)*tanh(z)", 1e-9}, Case{"min(max(tanh(z), 0 - 0.5), 0.5)", 1e-10},
        Case{"max(z, 0) + max(0 - 1 - z, 0)*tanh(z)", 2e-11}}) {
    Program p;
    const kernel_ir::NodeId function = test::define(p, phi);
    p.roots = {{"Sigma", p.dual(p.input_cross(), function)},
               {"Theta", p.dual_derivative(p.input_cross(), function)}};
    const Program program = passes::run(p, {});
    double remainder = 0;
    for (const kernel_ir::Node& node : program.nodes()) {
      if (node.operation == kernel_ir::Operation::hermite_series)
        remainder = std::max(remainder, program.expansion(node).remainder);
    }
    const KernelFunctions kernel = jit::compile(program, {});
    // The definition by quadrature, which is quick at u = ±1 and 0.
    const std::vector<kernel_ir::InputCovariance> inputs = {
        {4, 4, 4}, {1, 1, -1}, {0.25, 4, 1}, {0.25, 4, 0}, {1.5, 0.5, -0.75}};
    double worst = 0;
    for (const kernel_ir::InputCovariance& input : inputs) {
      const auto expected = kernel_ir::interpret(p, input);
      const auto at_x = kernel_ir::interpret(p, {input.first, input.first, input.first});
      const auto at_y = kernel_ir::interpret(p, {input.second, input.second, input.second});
      for (std::size_t i = 0; i < 2; ++i) {
        const double value =
            test::evaluate<double>(kernel, i == 0 ? KernelKind::sigma : KernelKind::theta, input);
        const double scale = std::sqrt(static_cast<double>(at_x[i]) * static_cast<double>(at_y[i]));
        const double error = std::fabs(static_cast<double>(value - expected[i])) / scale;
        worst = test::larger_error(worst, error);
      }
    }
    MESSAGE(phi << ": worst error " << worst << ", stated " << remainder);
    CHECK(remainder < reached);
    CHECK(worst < remainder + 1e-14);
  }
}
