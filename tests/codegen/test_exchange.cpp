// Kernels of exchanged inputs: what is symmetric as it is written costs nothing, all else is put in order.
#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "compiler/codegen/exchange.hpp"
#include "compiler/jit/jit.hpp"
#include "compiler/passes/pipeline.hpp"
#include "tests/support/evaluate.hpp"
#include "tests/support/networks.hpp"

using namespace ntkc;

namespace {

/// Two layers of the activation with biases, in a loop if asked for.
kernel_ir::Program network(const std::string& activation, int count) {
  const std::vector<test::Step> steps = {{{1.5, 0.5, activation}, count, false},
                                         {{1.25, 0, activation}, 1, true}};
  return passes::run(test::build(steps, 3), {});
}

/// Whether K(x, y) and K(y, x) are the same to the last bit at all pairs of the kinds there are.
template <typename T>
bool is_exchangeable(const kernel_ir::Program& program, int repetitions) {
  const KernelFunctions kernel = jit::compile(program, {.f32 = sizeof(T) == sizeof(float)});
  std::mt19937_64 random(7);
  for (int i = 0; i < repetitions; ++i) {
    for (const test::InputPair& pair : test::input_pairs(random, 3)) {
      const auto input = kernel_ir::input_covariance(pair.x, pair.y);
      const kernel_ir::InputCovariance exchanged = {input.second, input.first, input.cross};
      for (const KernelKind kind : {KernelKind::sigma, KernelKind::theta}) {
        if (test::evaluate<T>(kernel, kind, input) != test::evaluate<T>(kernel, kind, exchanged))
          return false;
      }
    }
  }
  return true;
}

}  // namespace

TEST_CASE("the common activations are symmetric as they are written") {
  for (const std::string& activation :
       {test::relu, test::gelu, std::string("erf(z)"), std::string("sin(z)"), std::string("cos(z)"),
        std::string("abs(z)"), std::string("z^3"), std::string("exp(-1*z^2)"), std::string("tanh(z)")}) {
    CAPTURE(activation);
    for (const int count : {1, 3}) CHECK(codegen::is_symmetric(network(activation, count)));
  }
}

TEST_CASE("every kernel is the same with its inputs exchanged") {
  for (const char* activation : {"select_less(z, 0, exp(z) - 1, z)", "max(min(z, 1), -1)", "erf(z)",
                                 "0.5*sin(1.5*z + 0.2)", "select_less(0.5, z, z, 0)", "max(z, 0)*cos(z)",
                                 "0.3 - 0.2*z + 0.5*z^2", "max(z, 0) + 0.1*sin(3*z)"}) {
    CAPTURE(activation);
    const kernel_ir::Program program = network(activation, 2);
    // The tables of expansions take their time.
    const bool is_expanded = std::string(activation) == "max(z, 0)*cos(z)";
    CHECK(is_exchangeable<double>(program, is_expanded ? 1 : 4));
    CHECK(is_exchangeable<float>(program, is_expanded ? 1 : 4));
  }
}
