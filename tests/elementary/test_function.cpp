// Functions made of elementary operations: values, and where they break.
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "compiler/elementary/function.hpp"

namespace ntkc::elementary {
namespace {

/// Puts a function together step by step; the last step is the function.
template <typename Number>
class Builder {
 public:
  std::uint32_t literal(double value) { return add({.operation = Operation::literal, .value = value}); }
  std::uint32_t variable() { return add({.operation = Operation::variable}); }
  std::uint32_t apply(Operation operation, std::vector<std::uint32_t> operands) {
    typename Function<Number>::Step step = {.operation = operation};
    for (std::size_t i = 0; i < operands.size(); ++i) step.operands.at(i) = operands[i];
    return add(step);
  }
  [[nodiscard]] Function<Number> function() const { return Function<Number>(steps_); }

 private:
  std::uint32_t add(const typename Function<Number>::Step& step) {
    steps_.push_back(step);
    return static_cast<std::uint32_t>(steps_.size() - 1);
  }

  std::vector<typename Function<Number>::Step> steps_;
};

TEST_CASE_TEMPLATE("values are those of the operations", Number, double, Quad) {
  Builder<Number> b;
  const auto z = b.variable();
  b.apply(Operation::add, {b.apply(Operation::sin, {z}), b.apply(Operation::multiply, {z, b.literal(0.5)})});
  const auto value = static_cast<double>(b.function()(Number(1.25)));
  CHECK(value == doctest::Approx(std::sin(1.25) + 0.625).epsilon(1e-15));
}

TEST_CASE_TEMPLATE("what is affine breaks where it vanishes, however far", Number, double, Quad) {
  Builder<Number> b;
  const auto z = b.variable();
  const auto scaled = b.apply(Operation::divide, {z, b.literal(4)});
  const auto shifted = b.apply(Operation::subtract, {b.literal(25), scaled});
  b.apply(Operation::select_less, {b.literal(0), shifted, b.literal(0), b.literal(1)});
  CHECK(b.function().breaks(16, 1000) == std::vector<Number>{100});
  CHECK(b.function().breaks(16).empty());
  CHECK(b.function().jumps(16, 1000) == std::vector<Number>{100});
}

TEST_CASE_TEMPLATE("other zeros are found by their change of sign", Number, double, Quad) {
  Builder<Number> b;
  const auto z = b.variable();
  const auto square = b.apply(Operation::multiply, {z, z});
  b.apply(Operation::abs, {b.apply(Operation::subtract, {square, b.literal(2)})});  // |z² - 2|
  const std::vector<Number> breaks = b.function().breaks(16);
  REQUIRE(breaks.size() == 2);
  CHECK(static_cast<double>(breaks[0]) == doctest::Approx(-std::sqrt(2)).epsilon(1e-15));
  CHECK(static_cast<double>(breaks[1]) == doctest::Approx(std::sqrt(2)).epsilon(1e-15));
  CHECK(b.function().jumps(16, 16).empty());
}

TEST_CASE_TEMPLATE("kinks, roots and smooth functions do not jump", Number, double, Quad) {
  const auto count = [](auto define) {
    Builder<Number> b;
    define(b, b.variable());
    const Function<Number> function = b.function();
    return std::pair(function.breaks(16).size(), function.jumps(16, 16).size());
  };
  using B = Builder<Number>;
  CHECK(count([](B& b, auto z) { b.apply(Operation::maximum, {z, b.literal(0)}); }) == std::pair(1UL, 0UL));
  CHECK(count([](B& b, auto z) {
          b.apply(Operation::square_root, {b.apply(Operation::maximum, {z, b.literal(0)})});
        }) == std::pair(1UL, 0UL));
  // √max(z - 0.3, 0) is 0 on a whole side.
  CHECK(count([](B& b, auto z) {
          const auto shifted = b.apply(Operation::subtract, {z, b.literal(0.3)});
          b.apply(Operation::square_root, {b.apply(Operation::maximum, {shifted, b.literal(0)})});
        }) == std::pair(1UL, 0UL));
  CHECK(count([](B& b, auto z) { b.apply(Operation::sign, {z}); }) == std::pair(1UL, 1UL));
  CHECK(count([](B& b, auto z) { b.apply(Operation::tanh, {z}); }) == std::pair(0UL, 0UL));
  // z sign(z) = |z|
  CHECK(count([](B& b, auto z) { b.apply(Operation::multiply, {z, b.apply(Operation::sign, {z})}); }) ==
        std::pair(1UL, 0UL));
  // Powers with natural exponents are smooth, others are not.
  CHECK(count([](B& b, auto z) { b.apply(Operation::power, {z, b.literal(3)}); }) == std::pair(0UL, 0UL));
  CHECK(count([](B& b, auto z) {
          b.apply(Operation::power, {b.apply(Operation::abs, {z}), b.literal(1.5)});
        }) == std::pair(1UL, 0UL));
}

}  // namespace
}  // namespace ntkc::elementary
