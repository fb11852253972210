// Simplification preserves values, comes to an end, has nothing left to do after it, and keeps what is exact:
// kernels that are symmetric, and differences that are 0 where the inputs are equal.
#include <doctest/doctest.h>
#include <quadmath.h>

#include <algorithm>

#include "compiler/kernel_ir/interpreter.hpp"
#include "compiler/passes/pipeline.hpp"
#include "tests/passes/random_arithmetic.hpp"

using namespace ntkc;
using kernel_ir::InputCovariance;
using kernel_ir::Program;
using kernel_ir::Quad;
using passes::Folding;

namespace {

const std::vector<InputCovariance> pairs = {
    {1.5, 0.75, 0.5}, {0.3, 2.25, -0.4}, {1, 1, 1}, {2, 2, 0.25}, {0.7, 0.7, 0.7}};

bool is_moderate(const std::vector<Quad>& values) {
  return std::ranges::all_of(values, [](Quad value) { return finiteq(value) != 0 && fabsq(value) < 1e6; });
}

/// What a program of one root Sigma comes to, t1 and t2 being the complements, s1 |x|²/3.
std::string simplified(const std::string& value, Folding folding = Folding::all) {
  const std::string head =
      "kernel n\nparameter p = 0.5\ninput vector(3)\ns1 = |x|^2/3\nt1 = (1 - cos(x, x'))/2\n"
      "t2 = (1 + cos(x, x'))/2\n";
  const Program program = kernel_ir::parse(head + "Sigma = " + value + "\n");
  return kernel_ir::print(passes::remove_dead(passes::simplify(program, folding)));
}

}  // namespace

TEST_CASE("simplification of random arithmetic preserves values and has nothing left to do") {
  int compared = 0;
  std::size_t before = 0;
  std::size_t after = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    CAPTURE(seed);
    const Program program = test::RandomArithmetic(seed).build();
    REQUIRE(kernel_ir::verify(program) == "");
    before += passes::remove_dead(program).size();
    for (const Folding folding : {Folding::exact, Folding::all}) {
      const Program simpler = passes::simplify(program, folding);
      REQUIRE(kernel_ir::verify(simpler) == "");
      CHECK(kernel_ir::print(passes::simplify(simpler, folding)) == kernel_ir::print(simpler));
      if (folding == Folding::all) after += passes::remove_dead(simpler).size();
      for (const InputCovariance& input : pairs) {
        const std::vector<Quad> expected = interpret(program, input);
        if (!is_moderate(expected)) continue;
        const std::vector<Quad> actual = interpret(simpler, input);
        // Arithmetic is in quadruple precision; of Folding::all the constants are rounded to double precision.
        const double tolerance = folding == Folding::exact ? 1e-31 : 1e-14;
        for (std::size_t i = 0; i < expected.size(); ++i) {
          CAPTURE(i);
          CHECK(static_cast<double>(fabsq(actual[i] - expected[i])) <=
                tolerance * (1 + static_cast<double>(fabsq(expected[i]))));
          ++compared;
        }
      }
    }
  }
  MESSAGE("nodes before " << before << ", after " << after);
  CHECK(compared > 7000);
  CHECK(after < before);
}

TEST_CASE("what is symmetric in the samples stays so to the last bit, differences of equal inputs stay 0") {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    CAPTURE(seed);
    const Program simpler = passes::simplify(test::RandomArithmetic(seed).build_symmetric());
    for (const InputCovariance& input : pairs) {
      const InputCovariance exchanged = {input.second, input.first, input.cross};
      const std::vector<Quad> forth = interpret(simpler, input);
      if (!is_moderate(forth)) continue;
      CHECK(forth[0] == interpret(simpler, exchanged)[0]);
      if (input.first == input.second) CHECK(forth[1] == 0);
    }
  }
}

TEST_CASE("each rule, by an example") {
  const std::pair<const char*, const char*> equal[] = {
      // neutral elements, equals
      {"t1 - t1", "0*t1"},
      {"t1*(2 - 1) + 0*t2", "t1"},
      {"min(t1, t1)/1", "t1"},
      {"select_less(t1, t2, p, p)", "p"},
      // signs
      {"t1 + (0 - t2)", "t1 - t2"},
      {"t1 - (0 - t2)", "t1 + t2"},
      {"(0 - t1)*(0 - t2)", "t1*t2"},
      {"0 - (0 - t1)", "t1"},
      {"0 - (t1 - t2)", "t2 - t1"},
      {"0 - (0 - t1)/t2", "t1/t2"},
      {"-1*t1", "0 - t1"},
      {"0 - 0.5*t1", "-0.5*t1"},
      {"t1 - erf(0 - t2)", "t1 + erf(t2)"},
      {"t1 - sign(-2*t2)", "t1 + sign(t2)"},
      {"t1 - s1'*(s1 - s1')*(s1' - s1)", "t1 + s1'*(s1 - s1')*(s1 - s1')"},
      {"abs(0 - erf(t1 - t2))", "abs(erf(t1 - t2))"},
      {"max(0 - t1, 0 - t2)", "0 - min(t1, t2)"},
      {"t1 - select_less(t1, t2, 0 - s1, s1)", "t1 + select_less(t1, t2, s1, 0 - s1)"},
      // choices that are made
      {"select_less(0, 0, t1, t2)", "t2"},
      {"select_less(0, 1, t1, t2)", "t1"},
      {"select_less(t1, t1, t1, t2)", "t2"},
      {"select_less(t1, t2, select_less(t1, t2, s1, p), t1)", "select_less(t1, t2, s1, t1)"},
      {"select_less(t1, t2, 0, 1)*s1", "select_less(t1, t2, 0, s1)"},
      {"select_less(t1, t2, 3*t1, -3*t1)", "3*select_less(t1, t2, t1, 0 - t1)"},
      // what is known of signs
      {"abs(t1*s1)", "t1*s1"},
      {"sign(t1 + 1)", "1"},
      {"0/(t1 + 1)", "0*t1"},
      {"max(0, t1 + s1)", "t1 + s1"},
      {"reciprocal_or_zero(exp(t1) + 2)", "1/(exp(t1) + 2)"},
      // products: one number, in front
      {"2*(3*t1)", "6*t1"},
      {"(2*t1)*(3*t2)", "6*(t1*t2)"},
      {"2*t1/8", "0.25*t1"},
      {"(6*t1)/(3*t2)", "2*(t1/t2)"},
      {"3/(2*t1)", "1.5/t1"},
      {"t1/2", "0.5*t1"},
      {"t1*(1/t2)", "t1/t2"},
      {"t1*reciprocal_or_zero(sqrt(t1))", "sqrt(t1)"},
      {"t2*reciprocal_or_zero(sqrt(t1))*s1*t1", "t2*s1*sqrt(t1)"},
      // sums: like terms, common factors
      {"t1 + t1", "2*t1"},
      {"0.5*s1 + 0.5*s1 + s1", "2*s1"},
      {"t2*t1 + t2 - (t1*t2 - 3)", "t2 + 3"},
      {"t1 + t2 - 2*s1 + t2 + 2*s1 - t1", "2*t2"},
      {"1 + t1 + 2", "t1 + 3"},
      {"t1*t2 + t1*s1", "t1*(t2 + s1)"},
      {"t1*t2*s1 - s1*t1*s1'", "s1*t1*(t2 - s1')"},
      {"t1/s1 + t2/s1", "(t1 + t2)/s1"},
      {"3*t1 - 3*t2", "3*(t1 - t2)"},
      {"s1*t1 + s1'*t1", "t1*(s1 + s1')"},
      {"sqrt(t1) + erf(t1) + t1*t2 + exp(t1) + t1*s1", "sqrt(t1) + erf(t1) + t1*(t2 + s1) + exp(t1)"},
      // probabilities
      {"normal_tail(0, t1)", "0.5*exp(t1)"},
      {"normal_tail(1e30, t1)", "0*t1"},
      {"normal_orthant(t1, t1, 0, 1, s1)", "normal_tail(t1, s1)"},
      {"normal_orthant(t1, 0 - t1, 1, 0, s1)", "0*t1"},
      {"normal_orthant(t1, s1, t1, t2, s1)", "normal_orthant(s1, t1, t1, t2, s1)"},
  };
  for (const auto& [written, simple] : equal) {
    CAPTURE(std::string(written));
    CHECK(simplified(written) == simplified(simple));
    CHECK(simplified(written).size() <= simplified(simple).size());
  }
  CHECK(simplified("0.1*3*t1", Folding::exact).find("0.3") == std::string::npos);  // would be rounded
}

TEST_CASE("what must not be rewritten") {
  // A difference that may be small on purpose keeps its place, and a choice of a sign that is not known.
  const char* const kept[] = {"s1 - s1' + t1*s1'", "s1 + t1*(s1 - s1')",        "1 - t1 + t1*t2",
                              "abs(t1 - t2)",      "t1*reciprocal_or_zero(t1)", "(s1 - s1')*(s1 + s1')",
                              "max(0, t1 - t2)"};
  for (const char* const written : kept) {
    const Program program = kernel_ir::parse(
        "kernel n\ninput vector(3)\ns1 = |x|^2/3\nt1 = (1 - cos(x, x'))/2\n"
        "t2 = (1 + cos(x, x'))/2\nSigma = " +
        std::string(written) + "\n");
    CHECK(kernel_ir::print(passes::simplify(program)) == kernel_ir::print(program));
  }
}
