// The derivatives of the table, in symbols, against differences of values in quadruple precision.
#include <doctest/doctest.h>
#include <quadmath.h>

#include <cmath>
#include <random>
#include <vector>

#include "compiler/kernel_ir/derivative.hpp"
#include "compiler/kernel_ir/interpreter.hpp"
#include "compiler/kernel_ir/text_form.hpp"

namespace ntkc::kernel_ir {
namespace {

/// Operands at which the operation is smooth.
std::vector<double> random_operands(std::mt19937_64& random, elementary::Operation operation) {
  const elementary::OperationInfo& known = elementary::info(operation);
  std::uniform_real_distribution<double> uniform(0.1, 0.45);
  std::vector<double> operands;
  for (int i = 0; i < known.operands; ++i) operands.push_back(uniform(random));
  if (operation == elementary::Operation::normal_orthant) operands[3] = 1 - operands[2];
  return operands;
}

/// d/dt of the operation on a + t b at t = 0, by the table: the operands are those of the program, their
/// derivatives b.
Quad by_table(Operation operation, const std::vector<double>& a, const std::vector<double>& b) {
  Program program;
  std::vector<NodeId> operands;
  std::vector<NodeId> tangents;
  for (std::size_t i = 0; i < a.size(); ++i) {
    operands.push_back(program.literal(a[i]));
    tangents.push_back(b[i] == 0 ? no_node : program.literal(b[i]));
  }
  Attribute attribute;
  if (text_form::has_domain(operation)) attribute = Domain{0.5};
  const NodeId result = program.real(operation, operands, attribute);
  const NodeId slope = derivative(program, {operation, operands, result, attribute}, tangents);
  return slope == no_node ? Quad(0) : Function(program, slope).value(0);
}

Quad by_differences(Operation operation, const std::vector<double>& a, const std::vector<double>& b) {
  const Quad step = 0x1p-20;
  const auto at = [&](Quad t) {
    std::vector<Quad> operands;
    for (std::size_t i = 0; i < a.size(); ++i) operands.push_back(a[i] + t * b[i]);
    return evaluate(operation, operands);
  };
  // Richardson's extrapolation of central differences: the error is of the fourth order.
  const auto central = [&](Quad h) { return (at(h) - at(-h)) / (2 * h); };
  return (4 * central(step) - central(2 * step)) / 3;
}

TEST_CASE("the derivative of every elementary operation") {
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> uniform(-1, 1);
  for (const elementary::Operation elementary : elementary::operations) {
    const Operation operation = operation_of(elementary);
    if (info(operation).operands == 0) continue;
    CAPTURE(info(operation).name);
    for (int i = 0; i < 20; ++i) {
      const std::vector<double> operands = random_operands(random, elementary);
      std::vector<double> tangents(operands.size(), 0);
      // One operand by itself, or all of them. ρ = z̄ - z has one derivative: z and z̄ move against each
      // other.
      const auto moving = static_cast<std::size_t>(i) % (operands.size() + 1);
      for (std::size_t k = 0; k < operands.size(); ++k)
        if (moving == k || moving == operands.size()) tangents[k] = uniform(random);
      if (elementary == elementary::Operation::normal_orthant) {
        tangents[3] = -tangents[2];
      }
      const Quad expected = by_differences(operation, operands, tangents);
      const Quad found = by_table(operation, operands, tangents);
      CHECK(static_cast<double>(fabsq(found - expected)) <=
            1e-15 * (1 + std::fabs(static_cast<double>(expected))));
    }
  }
}

TEST_CASE("what does not move has no derivative") {
  Program program;
  const NodeId a = program.variable();
  const std::vector<NodeId> operands = {a};
  const std::vector<NodeId> still = {no_node};
  const NodeId result = program.real(Operation::tanh, operands);
  CHECK(derivative(program, {Operation::tanh, operands, result}, still) == no_node);
}

}  // namespace
}  // namespace ntkc::kernel_ir
