// Duals without a closed form at variances from 1e-3 to 1e8, against quadrature in two dimensions.
#include <doctest/doctest.h>

#include <quadmath.h>

#include <cmath>
#include <optional>
#include <string>

#include "compiler/duals/numeric_function.hpp"
#include "compiler/jit/jit.hpp"
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
    kernel = jit::compile(passes::run(source, {.expansions = {.largest_input = q}}), {});
  }
  double remainder(double q) {
    const std::vector<double> table =
        test::sample_table<double>(kernel, std::vector<double>(lane_padding, q));
    return kernel.remainder_slot < 0 ? 0
                                     : table[static_cast<std::size_t>(kernel.remainder_slot * lane_padding)];
  }
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
  return std::fabs(value - expected) / scale;
}

}  // namespace

TEST_CASE("sigmoids and softplus at every variance") {
  struct Case {
    std::string name;
    std::string phi;
  };
  for (const auto& [name, phi] :
       {Case{"tanh", "tanh(z)"}, Case{"sigmoid", sigmoid},
        Case{"softplus", "max(z, 0) + log(1 + exp(0 - abs(z)))"}, Case{"swish", "z/(1 + exp(0 - z))"}}) {
    for (const double q : {1e-3, 4.0, 100.0, 36e3, 1e8}) {
      Compiled c(phi, q);
      const test::PairMoment moment;
      double worst[2] = {};
      for (const double z : {1e-7, 0.05, 0.9}) {
        for (const bool of_slope : {false, true}) {
          const double error = error_at(c, {q, q / 3, z}, moment, of_slope);
          worst[of_slope ? 1 : 0] = test::larger_error(worst[of_slope ? 1 : 0], error);
        }
      }
      MESSAGE(name << " at q = " << q << ": " << worst[0] << ", " << worst[1] << ", stated "
                   << c.remainder(q));
      CHECK(worst[0] < 2e-12);
      CHECK(worst[1] < 2e-12);
    }
  }
}
