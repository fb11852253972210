// Every closed form against the interpreter: formulas of the literature where it has them, two-dimensional
// quadrature elsewhere.
#include <doctest/doctest.h>

#include <array>
#include <cmath>

#include "compiler/passes/pipeline.hpp"
#include "tests/support/closed_forms.hpp"
#include "tests/support/errors.hpp"
#include "tests/support/networks.hpp"

using namespace ntkc;
using kernel_ir::InputCovariance;
using kernel_ir::NodeId;
using kernel_ir::Program;
using kernel_ir::Quad;

namespace {

// Numbers of the rules are doubles: 1e-15 leaves room for their rounding.

/// E[φ(u)φ(v)] and E[φ'(u)φ'(v)] at the input itself.
Program dual_program(const std::string& phi) {
  Program p;
  const NodeId function = test::define(p, phi);
  p.roots = {{"Sigma", p.dual(p.input_cross(), function)},
             {"Theta", p.dual_derivative(p.input_cross(), function)}};
  return p;
}

double root(Quad value) { return std::sqrt(static_cast<double>(value)); }

/// The largest difference of expanded and interpreted program in units of √(K(x,x) K(y,y)).
double worst_difference(const std::string& phi, const std::vector<InputCovariance>& inputs) {
  const Program program = dual_program(phi);
  REQUIRE(kernel_ir::verify(program) == "");
  const Program expanded = passes::expand(passes::bind_parameters(program));
  REQUIRE(kernel_ir::verify(expanded) == "");
  double worst = 0;
  for (const InputCovariance& input : inputs) {
    const auto expected = kernel_ir::interpret(program, input);
    const auto actual = kernel_ir::interpret(expanded, input);
    const auto first = kernel_ir::interpret(expanded, {input.first, input.first, input.first});
    const auto second = kernel_ir::interpret(expanded, {input.second, input.second, input.second});
    for (std::size_t i = 0; i < actual.size(); ++i) {
      const double scale = root(first[i]) * root(second[i]);
      const double difference = std::fabs(static_cast<double>(actual[i] - expected[i]));
      if (!(difference <= 1e-15 * scale))
        MESSAGE(phi << " root " << i << " q " << static_cast<double>(input.first) << " q' "
                    << static_cast<double>(input.second) << " c " << static_cast<double>(input.cross) << ": "
                    << static_cast<double>(actual[i]) << " for " << static_cast<double>(expected[i]));
      worst = test::larger_error(worst, scale != 0 ? difference / scale : difference);
    }
  }
  return worst;
}

std::vector<InputCovariance> line_inputs() {
  std::vector<InputCovariance> inputs;
  for (const auto& [a, b] : {std::array{1.0, 1.0}, {0.5, 2.0}, {0.001, 1.0}}) {
    for (const int u : {-1, 1}) inputs.push_back({Quad(a) * a, Quad(b) * b, u * Quad(a) * b});
  }
  return inputs;
}

std::vector<InputCovariance> plane_inputs() {
  std::vector<InputCovariance> inputs = line_inputs();
  for (const auto& [a, b] : {std::array{1.0, 1.0}, {0.5, 2.0}, {0.001, 1.0}, {1.25, 0.75}}) {
    for (const double u : {-0.96875, -0.5, 0.0, 0.25, 0.875, 0.9990234375}) {
      inputs.push_back({Quad(a) * a, Quad(b) * b, Quad(u) * a * b});
    }
  }
  return inputs;
}

}  // namespace

TEST_CASE("closed forms that the interpreter has formulas for") {
  for (const std::string& phi :
       {std::string("max(z, 0)"), std::string("abs(z)"), std::string("1.5*z"), std::string("sign(z)"),
        std::string("select_less(z, 0, 0, 1)"), std::string("erf(z)"), std::string("2*erf(0.75*z)"),
        test::gelu, std::string("z*erf(0.75*z)"), std::string("0.5*(1 + erf(0.375*z))"),
        std::string("0.5*erf(z) - 0.25*z"), std::string("sin(z)"), std::string("cos(z)"),
        std::string("3*sin(1.5*z)"), std::string("sin(0.5*z + 1)"), std::string("0.25 + cos(z)")}) {
    const double worst = worst_difference(phi, plane_inputs());
    MESSAGE(phi << ": " << worst);
    CHECK(worst < 1e-15);
  }
}

TEST_CASE("every closed form against quadrature") {
  std::vector<std::string> functions = {"z^2",
                                        "z^5 - 2*z^3 + z",
                                        "max(z, 0)^2",
                                        "z*abs(z)",
                                        "2*exp(-1*z)",
                                        "0.5*exp(-0.75*z^2)",
                                        "z*exp(-1*z^2)",
                                        "z*cos(z)",
                                        "z*sin(2*z) + 0.25",
                                        "erf(z) + sign(z)",
                                        "z^2*erf(z)",
                                        "exp(-1*z^2)*erf(0.5*z)",
                                        "z*exp(0.5*z) + cos(z)",
                                        "erf(z) + exp(0.5*z)",
                                        "min(z, 2*z) + z^3",
                                        "exp(-1*z)*select_less(-0.5, z, z, 0)",
                                        "max(z, 0.5)*exp(-0.5*z^2)"};
  for (const test::ClosedForm& form : test::closed_forms()) functions.push_back(form.function);
  std::vector<InputCovariance> inputs = line_inputs();
  for (const auto& [a, b] : {std::array{1.0, 1.0}, {0.5, 2.0}, {0.001, 1.0}})
    inputs.push_back({Quad(a) * a, Quad(b) * b, 0});
  inputs.push_back({Quad(1.5), Quad(0.5), Quad(-0.75)});
  for (const std::string& phi : functions) {
    const double worst = worst_difference(phi, inputs);
    MESSAGE(phi << ": " << worst);
    CHECK(worst < 1e-15);
  }
}
