// How large self covariances get in deep loops, which are not gone round iteration by iteration.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>

#include "compiler/passes/variances.hpp"
#include "tests/support/networks.hpp"

using namespace ntkc;

namespace {

/// The range of √q in front of the activation, in a loop of these layers.
duals::DeviationRange in_front_of(const test::RandomLayer& layer, std::int64_t count) {
  kernel_ir::Program program;
  const test::Value end = test::loop(program, {program.input_cross(), kernel_ir::no_node}, layer, count);
  program.roots = {{"Sigma", end.sigma}};
  const auto ranges = passes::find_deviations(program, 4);
  for (const kernel_ir::Node& node : program.nodes()) {
    if (node.operation == kernel_ir::Operation::dual && node.dependence == kernel_ir::Dependence::sample)
      return ranges[node.operands[0]];
  }
  return {};
}

}  // namespace

TEST_CASE("what grows by an addend or by a factor is as large as after all iterations") {
  // In front of relu q is 2Σ + 1, of which relu makes Σ + 1/2: an iteration adds 1 to q.
  for (const std::int64_t count : {10, 1000, 1'000'000'000})
    CHECK(in_front_of({std::sqrt(2.0), 1, "max(z, 0)"}, count).high ==
          doctest::Approx(std::sqrt(8 + static_cast<double>(count))).epsilon(0.02));
  // Σ' = 1.02² Σ
  for (const int count : {10, 100, 2000})
    CHECK(in_front_of({1.02 * std::sqrt(2.0), 0, "max(z, 0)"}, count).high ==
          doctest::Approx(std::sqrt(8.0) * std::pow(1.02, count)).epsilon(0.02));
}

TEST_CASE("what shrinks like 1/n is as small as after all iterations") {
  // tanh at W_std = 1: q' = q - 2q² + …, so that q is 1/(2n) for large n.
  const double low = in_front_of({1, 0, "tanh(z)"}, 100'000).low;
  CHECK(low == doctest::Approx(std::sqrt(1 / 200'000.0)).epsilon(0.03));
}
