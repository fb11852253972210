// Each pass preserves the value of a program. In quadruple precision the two sides agree to 1e-25 or a
// formula is wrong, however well it might do in double.
#include <doctest/doctest.h>

#include <algorithm>

#include "compiler/passes/pipeline.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/networks.hpp"

using namespace ntkc;
using kernel_ir::Program;

namespace {

const std::vector<std::vector<std::string>> activation_sets = {
    {test::piecewise_linear_activation},
    {"erf(z)"},
    {test::gelu},
    {"sin(z)"},
    {"cos(z)"},
    {test::piecewise_linear_activation, "erf(z)", test::gelu, "sin(z)", "cos(z)"}};

/// The worst difference in units of the tolerance.
double worst_difference(const Program& before, const Program& after,
                        const std::vector<test::InputPair>& pairs, double tolerance_elsewhere) {
  double worst = 0;
  for (const auto& pair : pairs) {
    const auto expected = test::interpret_pair(before, pair);
    const auto actual = kernel_ir::interpret(after, kernel_ir::input_covariance(pair.x, pair.y));
    for (std::size_t i = 0; i < actual.size(); ++i) {
      const double scale = test::kernel_scale(expected, i);
      const double difference = std::fabs(static_cast<double>(actual[i] - expected.xy[i]));
      // Where u is ±1 to the last bit, the oracle's own acos is good to the square root of 2⁻¹¹³ only.
      const bool at_the_edge =
          pair.x.size() == 1 || (pair.kind != "random" && pair.kind != "small" && pair.kind != "near 1e-3" &&
                                 pair.kind != "near 1e-7" && pair.kind != "zero");
      const double tolerance = at_the_edge ? std::max(1e-15, tolerance_elsewhere) : tolerance_elsewhere;
      if (!(difference <= tolerance * scale)) {
        MESSAGE(pair.kind << " root " << i << " difference " << difference << " scale " << scale);
      }
      worst = test::larger_error(worst, (scale != 0 ? difference / scale : difference) / tolerance);
    }
  }
  return worst;
}

void check_pass(Program (*pass)(const Program&), double tolerance = 1e-24) {
  std::mt19937_64 random(20261122);
  for (const auto& activations : activation_sets) {
    double worst = 0;
    for (int network = 0; network < 12; ++network) {
      const int size = 1 + network % 5;
      const Program before = test::random_network(random, size, 1 + network % 6, activations);
      REQUIRE(kernel_ir::verify(before) == "");
      const Program after = pass(before);
      CHECK(kernel_ir::verify(after) == "");
      worst = test::larger_error(worst,
                                 worst_difference(before, after, test::input_pairs(random, size), tolerance));
    }
    MESSAGE("worst difference in units of the tolerance, " << activations.back() << ": " << worst);
    CHECK(worst < 1);
  }
}

}  // namespace

TEST_CASE("simplify preserves values") {
  check_pass([](const Program& p) { return passes::simplify(p); });
}
TEST_CASE("folding what is exact changes nothing at all") {
  check_pass([](const Program& p) { return passes::simplify(p, passes::Folding::exact); }, 1e-31);
}
TEST_CASE("simplify is idempotent and preserves values of what expand and differentiate leave") {
  std::mt19937_64 random(7);
  for (const auto& activations : activation_sets) {
    const Program before = test::random_network(random, 3, 4, activations);
    const Program expanded = passes::expand(before);
    for (const Program& program : {before, expanded}) {
      for (const passes::Folding folding : {passes::Folding::exact, passes::Folding::all}) {
        const Program once = passes::simplify(program, folding);
        REQUIRE(kernel_ir::verify(once) == "");
        CHECK(kernel_ir::print(passes::simplify(once, folding)) == kernel_ir::print(once));
      }
    }
    const Program simpler = passes::simplify(expanded, passes::Folding::exact);
    CHECK(worst_difference(before, simpler, test::input_pairs(random, 3), 1e-24) < 1);
  }
}
TEST_CASE("peel preserves values") { check_pass(passes::peel); }
TEST_CASE("expand preserves values") {
  check_pass([](const Program& p) { return passes::expand(p); });
}
TEST_CASE("remove_dead preserves values") { check_pass(passes::remove_dead); }
TEST_CASE("the whole pipeline preserves values, but for the rounding of constants to double") {
  check_pass([](const Program& program) { return passes::run(program); }, 1e-14);
}
