// The table of elementary operations: its columns against each other.
#include <doctest/doctest.h>
#include <quadmath.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>
#include <vector>

#include "compiler/elementary/normal_probabilities.hpp"
#include "compiler/elementary/operations.hpp"

namespace ntkc::elementary {
namespace {

using doctest::Approx;

double evaluate_in_quad(Operation operation, const std::vector<double>& operands) {
  const std::vector<Quad> wide(operands.begin(), operands.end());
  return static_cast<double>(evaluate(operation, wide));
}

/// Operands that every operation has a value for: those of an arc ratio or a probability are in [0, 1/2].
std::vector<double> random_operands(std::mt19937_64& random, Operation operation) {
  const bool is_narrow = info(operation).regularity == Regularity::singular && info(operation).operands != 2;
  std::uniform_real_distribution<double> uniform(is_narrow ? 0 : -4, is_narrow ? 0.5 : 4);
  std::vector<double> operands;
  for (int i = 0; i < info(operation).operands; ++i) operands.push_back(uniform(random));
  if (operation == Operation::power) operands[0] = std::fabs(operands[0]);
  if (operation == Operation::normal_orthant) operands[3] = 1 - operands[2];
  return operands;
}

bool has_no_value(Operation operation) {
  return info(operation).use == Use::leaf && operation != Operation::pi;
}

TEST_CASE("the two precisions of every operation agree") {
  std::mt19937_64 random(3);
  for (const Operation operation : operations) {
    CAPTURE(info(operation).name);
    if (has_no_value(operation)) {
      CHECK_THROWS_AS(static_cast<void>(evaluate(operation, std::span<const double>())), std::logic_error);
      CHECK_THROWS_AS(static_cast<void>(evaluate(operation, std::span<const Quad>())), std::logic_error);
      continue;
    }
    for (int i = 0; i < 100; ++i) {
      const std::vector<double> operands = random_operands(random, operation);
      const double expected = evaluate_in_quad(operation, operands);
      REQUIRE(std::isfinite(expected));
      const double scale =
          std::max(std::fabs(expected), operation == Operation::normal_orthant ? 1.0 : 1e-300);
      CHECK(std::fabs(evaluate(operation, operands) - expected) <= 2e-13 * scale);
    }
  }
}

TEST_CASE("parity and sign hold") {
  std::mt19937_64 random(4);
  for (const Operation operation : operations) {
    if (has_no_value(operation)) continue;
    const OperationInfo& known = info(operation);
    CAPTURE(known.name);
    for (int i = 0; i < 100; ++i) {
      std::vector<double> operands = random_operands(random, operation);
      const double value = evaluate(operation, operands);
      if (known.sign == Sign::positive) CHECK(value > 0);
      if (known.sign == Sign::nonnegative) CHECK(value >= 0);
      if (known.parity == Parity::none) continue;
      REQUIRE(operands.size() == 1);
      operands[0] = -operands[0];
      CHECK(evaluate(operation, operands) == (known.parity == Parity::even ? value : -value));
    }
  }
}

/// What is smooth at 0 is so nearly linear near it that second differences vanish against the step.
TEST_CASE("functions of one operand are smooth at 0 or said not to be") {
  for (const Operation operation : operations) {
    const OperationInfo& known = info(operation);
    if (known.operands != 1) continue;
    CAPTURE(known.name);
    const auto at = [&](double a) { return evaluate(operation, std::vector{a}); };
    constexpr double step = 0x1p-20;
    const auto is_small = [](double difference) { return std::fabs(difference) <= 16 * step * step; };
    const bool is_smooth = is_small(at(step) - 2 * at(0) + at(-step)) &&
                           is_small(at(step) - 2 * at(step / 2) + at(0)) &&
                           is_small(at(-step) - 2 * at(-step / 2) + at(0));
    CHECK(is_smooth == (known.regularity == Regularity::smooth));
  }
}

TEST_CASE("tails of the normal distribution against quadruple precision") {
  std::mt19937 random(1);
  const auto uniform = [&](double low, double high) {
    return std::uniform_real_distribution<>(low, high)(random);
  };
  for (int i = 0; i < 200; ++i) {
    const double h = i % 17 == 0 ? 0 : uniform(-6, 6);
    const double k = i % 17 == 0 ? 0 : uniform(-6, 6);
    const double z = i % 2 == 0 ? uniform(0, 1) : std::pow(10, uniform(-12, -0.31));
    const double s = uniform(-2, 10);
    CAPTURE(h);
    CAPTURE(k);
    CAPTURE(z);
    const auto expected =
        static_cast<double>(normal_orthant(Quad(h), Quad(k), Quad(z), 1 - Quad(z), Quad(s)));
    const double scale = std::max(normal_tail(h, s), normal_tail(k, s));
    CHECK(std::abs(normal_orthant(h, k, z, 1 - z, s) - expected) <= 4e-15 * scale);
    const auto tail = static_cast<double>(normal_tail(Quad(h * 5), Quad(s)));
    CHECK(normal_tail(h * 5, s) == Approx(tail).epsilon(2e-13));
  }
}

}  // namespace
}  // namespace ntkc::elementary
