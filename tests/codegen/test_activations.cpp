// Machine code of every closed form against its formula in quadruple precision, which
// tests/passes/test_closed_forms.cpp compares with quadrature, for all variances, their ratios up to 1e6, and
// correlations from -1 to 1.
#include <doctest/doctest.h>
#include <quadmath.h>

#include <array>
#include <cmath>
#include <map>

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

std::vector<InputCovariance> grid(double highest) {
  std::vector<InputCovariance> result;
  constexpr double lowest = 1e-3;
  for (const double q : {lowest, 0.03, 1.0, 30.0, 1e3}) {
    for (const double ratio : {1.0, 1.1, 20.0, 1e6}) {
      const double other = q * ratio > highest ? q / ratio : q * ratio;
      if (q > highest || other < lowest) continue;
      for (const double u : {1.0, 1 - 1e-12, 0.999, 0.5, 0.0, -0.5, -1.0})
        result.push_back({q, other, u * (sqrtq(q) * sqrtq(other))});
    }
  }
  return result;
}

/// The largest errors of K and of K̇ on vector registers of all widths: those of 128 bits have no fused
/// multiply-add.
std::array<double, 2> worst_errors(const test::ClosedForm& form) {
  Program p;
  const NodeId phi = test::define(p, form.function);
  p.roots = {{"Sigma", p.dual(p.input_cross(), phi)}, {"Theta", p.dual_derivative(p.input_cross(), phi)}};
  const Program program = passes::run(p, {});
  for (const kernel_ir::Node& node : program.nodes()) REQUIRE(node.type != kernel_ir::Type::series);
  std::vector<KernelFunctions> kernels;
  for (const int register_bits : {128, 256, 512}) {
    if (register_bits > jit::host().register_bits) continue;
    kernels.push_back(jit::compile(program, {.register_bits = register_bits}));
  }
  std::map<Quad, std::vector<Quad>> diagonal;
  const auto self = [&](Quad q) -> const std::vector<Quad>& {
    auto& values = diagonal[q];
    if (values.empty()) values = kernel_ir::interpret(program, {q, q, q});
    return values;
  };
  std::array<double, 2> worst = {0, 0};
  for (const InputCovariance& input : grid(form.highest)) {
    const auto exact = kernel_ir::interpret(program, input);
    const std::vector<Quad>& at_x = self(input.first);
    const std::vector<Quad>& at_y = self(input.second);
    for (std::size_t i = 0; i < 2; ++i) {
      const Quad scale = sqrtq(at_x[i]) * sqrtq(at_y[i]);
      for (const KernelFunctions& kernel : kernels) {
        const double value =
            test::evaluate<double>(kernel, i == 0 ? KernelKind::sigma : KernelKind::theta, input);
        const Quad difference = fabsq(Quad(value) - exact[i]);
        const auto error = static_cast<double>(scale != 0 ? difference / scale : difference);
        worst[i] = test::larger_error(worst[i], error);
      }
    }
  }
  return worst;
}

}  // namespace

TEST_CASE("every closed form keeps the error that its table states") {
  for (const test::ClosedForm& form : test::closed_forms()) {
    CAPTURE(form.name);
    const auto worst = worst_errors(form);
    MESSAGE(form.name << ": K " << worst[0] << ", K' " << worst[1]);
    for (std::size_t i = 0; i < 2; ++i) {
      CHECK(worst[i] <= form.bounds[i]);
      // A bound that is far from what is found would hide a loss of accuracy.
      CHECK(worst[i] >= form.bounds[i] / 8);
    }
  }
}
