// What is stated of the rounding of closed forms by the calculus, against machine code and quadruple
// precision.
#include <doctest/doctest.h>
#include <quadmath.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "compiler/duals/rounding.hpp"
#include "compiler/jit/jit.hpp"
#include "compiler/passes/pipeline.hpp"
#include "tests/support/closed_forms.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/evaluate.hpp"
#include "tests/support/networks.hpp"

using namespace ntkc;
using kernel_ir::InputCovariance;
using kernel_ir::NodeId;
using kernel_ir::Program;
using kernel_ir::Quad;

namespace {

/// K, and K̇, of a function: machine code and quadruple precision.
class Measured {
 public:
  explicit Measured(const std::string& function) {
    const NodeId phi = test::define(program_, function);
    program_.roots = {{"Sigma", program_.dual(program_.input_cross(), phi)},
                      {"Theta", program_.dual_derivative(program_.input_cross(), phi)}};
    loss_ = duals::RoundingLoss::find(program_, phi);
    program_ = passes::run(program_, {});
    kernel_ = jit::compile(program_, {});
  }

  [[nodiscard]] const KernelFunctions& kernel() const { return kernel_; }
  [[nodiscard]] const std::optional<duals::RoundingLoss>& loss() const { return loss_; }

  /// The larger of both errors, relative to the diagonal.
  double error(const InputCovariance& input) {
    const auto exact = kernel_ir::interpret(program_, input);
    double worst = 0;
    for (std::size_t i = 0; i < 2; ++i) {
      const double value =
          test::evaluate<double>(kernel_, i == 0 ? KernelKind::sigma : KernelKind::theta, input);
      const Quad scale = sqrtq(diagonal(input.first)[i]) * sqrtq(diagonal(input.second)[i]);
      if (scale != 0)
        worst = test::larger_error(worst, static_cast<double>(fabsq(Quad(value) - exact[i]) / scale));
    }
    return worst;
  }

 private:
  const std::vector<Quad>& diagonal(Quad q) {
    auto& values = diagonal_[q];
    if (values.empty()) values = kernel_ir::interpret(program_, {q, q, q});
    return values;
  }

  Program program_;
  KernelFunctions kernel_;
  std::optional<duals::RoundingLoss> loss_;
  std::map<Quad, std::vector<Quad>> diagonal_;
};

duals::LossRange range_of(const std::string& function) {
  Program program;
  const NodeId phi = test::define(program, function);
  return duals::find_loss_bounds(*duals::RoundingLoss::find(program, phi), 1e-12).range;
}

}  // namespace

TEST_CASE("what rounding is stated to take bounds what it takes, and by less than a factor of 100") {
  for (const char* function :
       {"select_less(z, 0, exp(z) - 1, z)",
        "1.0507009873554805*select_less(z, 0, 1.6732632423543772*(exp(z) - 1), z)", "max(min(z, 1), -1)",
        "min(max(z, 0), 6)", "exp(-1*abs(z))", "exp(-1*z^2)*sin(z)", "max(z, 0) + 0.1*sin(3*z)"}) {
    CAPTURE(function);
    Measured measured(function);
    REQUIRE(measured.loss());
    int compared = 0;
    for (const double q : {1.01e-6, 1.1, 31.7}) {
      const double stated = measured.loss()->at(q);
      double found = 0;
      for (const double ratio : {1.0, 300.0}) {
        const double other = q * ratio;
        const double bound = std::sqrt(stated * measured.loss()->at(other));
        if (std::isnan(bound)) continue;  // beyond double precision
        for (const double u : {1.0, 0.3, -1.0}) {
          const double error = measured.error({q, other, u * sqrtq(Quad(q) * Quad(other))});
          CHECK(error <= bound);
          ++compared;
          if (ratio < 2) found = test::larger_error(found, error);
        }
      }
      CAPTURE(q);
      if (stated > 1e-13) CHECK(stated <= 100 * found);
    }
    CHECK(compared > 0);
  }
}

TEST_CASE("where a closed form keeps the tolerance, and what it keeps elsewhere") {
  const auto elu = range_of("select_less(z, 0, exp(z) - 1, z)");
  REQUIRE((elu.is_met && elu.low && elu.high));
  CHECK(elu.low->q < 0.1);
  CHECK(elu.low->beyond == doctest::Approx(elu.low->q / 100));
  CHECK(elu.low->loss_beyond > 1e-12);
  CHECK(elu.high->q > 1e3);
  CHECK(duals::describe(elu, 1e-12).starts_with(", to 1e-12 for q from "));
  const auto clipped = range_of("max(min(z, 1), -1)");
  CHECK_FALSE(clipped.low);
  REQUIRE(clipped.high);
  CHECK(duals::describe(clipped, 1e-12).starts_with(", to 1e-12 for q up to "));
  CHECK(duals::describe(range_of("select_less(1, z, 2*z - 1, z)"), 1e-12).empty());
  Program program;
  const NodeId phi = test::define(program, "select_less(z, 0, exp(z) - 1, z)");
  const auto strict = duals::find_loss_bounds(*duals::RoundingLoss::find(program, phi), 1e-16).range;
  CHECK_FALSE(strict.is_met);
  CHECK(duals::describe(strict, 1e-16).ends_with(" at best"));
}

TEST_CASE("the table of a sample holds what rounding takes there") {
  for (const char* function : {"select_less(z, 0, exp(z) - 1, z)", "max(min(z, 1), -1)"}) {
    CAPTURE(function);
    Measured measured(function);
    const KernelFunctions& kernel = measured.kernel();
    REQUIRE(kernel.remainder_slot >= 0);
    constexpr std::ptrdiff_t n = lane_padding;
    for (const double q : {1e-9, 1e-7, 1e-5, 1.0, 1e4}) {
      const std::vector<double> self(n, q);
      const std::vector<double> table = test::sample_table<double>(kernel, self);
      const double held = table[static_cast<std::size_t>(kernel.remainder_slot * n)];
      const double stated = measured.loss()->at(q);
      if (stated > 1e-12) CHECK(held >= stated);
      if (!std::isnan(stated)) CHECK(held <= 5 * std::max(stated, 1e-14));
    }
  }
}

TEST_CASE("rules of their own have nothing stated") {
  for (const char* function : {"max(z, 0)", "erf(z)", "sin(z) + abs(z)", "z^3 - z", "tanh(z)"}) {
    Program program;
    const NodeId phi = test::define(program, function);
    CHECK_FALSE(duals::RoundingLoss::find(program, phi));
  }
}
