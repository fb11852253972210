// Duals without a closed form at variances from 1e-3 to 1e8, against quadrature in two dimensions.
#include <doctest/doctest.h>

#include <quadmath.h>

#include <cmath>
#include <cstdlib>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "compiler/duals/numeric_function.hpp"
#include "compiler/jit/jit.hpp"
#include "compiler/kernel_ir/function.hpp"
#include "compiler/passes/pipeline.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/evaluate.hpp"
#include "tests/support/networks.hpp"
#include "tests/support/pair_moment.hpp"

using namespace ntkc;
using kernel_ir::Program;
using kernel_ir::Quad;

namespace {

const std::string sigmoid = "1/(1 + exp(0 - z))";

/// Σ and K̇ of one function, compiled for |x|²/d up to q.
struct Compiled {
  Program source;
  kernel_ir::NodeId phi;
  KernelFunctions kernel;
  std::optional<duals::NumericFunction> value;
  std::optional<duals::NumericFunction> slope;

  Compiled(const std::string& text, double q) {
    phi = test::define(source, text);
    value.emplace(source, phi);
    slope.emplace(source, duals::slope_of(source, phi));
    source.roots = {{"Sigma", source.dual(source.input_cross(), phi)},
                    {"Theta", source.dual_derivative(source.input_cross(), phi)}};
    const Program program = passes::run(source, {.expansions = {.largest_input = q}});
    for (const kernel_ir::Node& node : program.nodes()) {
      if (node.operation == kernel_ir::Operation::hermite_series)
        stated_ = test::larger_error(stated_, program.expansion(node).remainder);
    }
    kernel = jit::compile(program, {});
  }
  /// Of the program, for all variances that it was compiled for.
  [[nodiscard]] double stated() const { return stated_; }
  /// Of a sample.
  double remainder(double q) {
    const std::vector<double> table =
        test::sample_table<double>(kernel, std::vector<double>(lane_padding, q));
    return kernel.remainder_slot < 0 ? 0
                                     : table[static_cast<std::size_t>(kernel.remainder_slot * lane_padding)];
  }

 private:
  double stated_ = 0;
};

struct Pair {
  double q;
  double other;
  double z;
};

/// Relative to the diagonal.
double error_at(const Compiled& c, const Pair& pair, const test::PairMoment& moment, bool of_slope) {
  const duals::NumericFunction& f = of_slope ? *c.slope : *c.value;
  const double expected = moment(f, pair.q, pair.other, pair.z);
  const double scale = std::sqrt(moment(f, pair.q, pair.q, 0) * moment(f, pair.other, pair.other, 0));
  const Quad c_of = sqrtq(Quad(pair.q) * pair.other) * (1 - 2 * Quad(pair.z));
  const double value = test::evaluate<double>(c.kernel, of_slope ? KernelKind::theta : KernelKind::sigma,
                                              {pair.q, pair.other, c_of});
  return std::fabs(value - expected) / (scale > 0 ? scale : 1);
}

}  // namespace

TEST_CASE("sigmoids and what is linear far out, at large variances") {
  for (const auto& [phi, q] : {std::pair{std::string("tanh(z)"), 36e3}, {"z/(1 + exp(0 - z))", 1e8}}) {
    Compiled c(phi, q);
    const test::PairMoment moment;
    for (const bool of_slope : {false, true}) {
      double worst = 0;
      for (const double z : {1e-7, 0.7})
        worst = test::larger_error(worst, error_at(c, {q, q / 3, z}, moment, of_slope));
      MESSAGE(phi << ", " << (of_slope ? 1 : 0) << " derivatives, at q = " << q << ": " << worst
                  << ", stated " << c.remainder(q));
      CHECK(worst < 1e-13);
      CHECK(c.remainder(q) < 1e-13);
    }
  }
}

TEST_CASE("a kink beside 0 at large variances") {
  // E[φ(√q t)²] of max(sigmoid(z), 0.1) by Gauss-Legendre between the kink and every unit.
  for (const auto& [q, expected] : {std::pair{50.0, 0.448820408299758}, {1000.0, 0.492060678740569}}) {
    Compiled c("max(" + sigmoid + ", 0.1)", q);
    const double value = test::evaluate<double>(c.kernel, KernelKind::sigma, {q, q, q});
    CHECK(std::fabs(value - expected) <= (c.stated() + 1e-13) * expected);
    CHECK(c.stated() < 1e-4);
  }
}

namespace {

/// Functions of kinks, jumps and what is smooth.
class RandomFunctions {
 public:
  explicit RandomFunctions(unsigned seed) : random_(seed) {}
  std::string next() {
    switch (below(5)) {
      case 0:
        return "max(" + smooth() + ", " + number() + ")";
      case 1:
        return "min(" + smooth() + ", " + number() + "*z)";
      case 2:
        return "select_less(z, " + number() + ", " + smooth() + ", " + smooth() + ")";
      case 3:
        return smooth() + " + " + number() + "*" + smooth();
      default:
        return smooth() + "*" + smooth();
    }
  }
  double variance() { return std::pow(10, static_cast<double>(below(10)) - 3); }
  double complement() { return 0.5 * static_cast<double>(1 + below(15)) / 16; }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }
  std::string pick(const std::vector<std::string>& choices) { return choices[below(choices.size())]; }
  std::string number() { return pick({"0.5", "(0 - 0.75)", "1.5", "0.1", "(0 - 1)", "3"}); }
  std::string smooth() {
    return pick({"tanh(z)", sigmoid, "z*" + sigmoid, "tanh(3*z - 1)", "erf(z)", "exp(0 - z*z)", "z",
                 "1/(1 + z*z)", "abs(z)", "tanh(z)*erf(z)"});
  }
  std::mt19937 random_;
};

}  // namespace

// NTKC_SEARCH=1000 build/tests/codegen/test_codegen -tc='random activations*' searches for longer.
TEST_CASE("random activations at random variances are as good as is stated, or refused") {
  const char* asked = std::getenv("NTKC_SEARCH");
  const int count = asked == nullptr ? 4 : std::atoi(asked);
  RandomFunctions functions(asked == nullptr ? 5 : static_cast<unsigned>(count));
  int refused = 0;
  double largest = 0;
  for (int i = 0; i < count; ++i) {
    const std::string text = functions.next();
    const double q = functions.variance();
    const double z = functions.complement();
    CAPTURE(text);
    CAPTURE(q);
    CAPTURE(z);
    Compiled c(text, q);
    const double stated = std::max(c.stated(), c.remainder(q));
    if (!(stated <= 1e-3)) {
      ++refused;
      continue;
    }
    std::vector<double> places;
    for (const Quad at : kernel_ir::Function(c.source, c.phi).breaks(50))
      places.push_back(static_cast<double>(at));
    const test::PairMoment moment(places);
    for (const bool of_slope : {false, true}) {
      CAPTURE(of_slope);
      const double error = error_at(c, {q, q / 2, z}, moment, of_slope);
      CHECK(error <= stated + 1e-11);
      largest = test::larger_error(largest, error);
    }
  }
  MESSAGE(count << " activations, " << refused << " refused, largest error " << largest);
}
