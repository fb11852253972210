#include <quadmath.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

#include "compiler/elementary/arc_ratios.hpp"
#include "compiler/elementary/normal_probabilities.hpp"
#include "compiler/elementary/operations.hpp"

namespace ntkc::elementary {
namespace {

template <typename Number>
struct Operands {
  Number a{}, b{}, c{}, d{}, e{};

  explicit Operands(std::span<const Number> operands) {
    const std::array<Number*, most_operands> places = {&a, &b, &c, &d, &e};
    for (std::size_t i = 0; i < operands.size(); ++i) *places.at(i) = operands[i];
  }
};

[[noreturn]] void throw_without_value(Operation operation) {
  throw std::logic_error("an operation without a value of its own: " + std::string(info(operation).name));
}

}  // namespace

#define NTKC_NO_VALUE (throw_without_value(operation), 0)

double evaluate(Operation operation, std::span<const double> operands) {
  const auto [a, b, c, d, e] = Operands<double>(operands);
  switch (operation) {
#define NTKC_ELEMENTARY(enumerator, name, operands, use, parity, sign, regularity, roundings, latex, \
                        in_double, in_quad, derivative)                                              \
  case Operation::enumerator:                                                                        \
    return in_double;
#include "compiler/elementary/operations.def"
#undef NTKC_ELEMENTARY
  }
  throw_without_value(operation);
}

Quad evaluate(Operation operation, std::span<const Quad> operands) {
  const auto [a, b, c, d, e] = Operands<Quad>(operands);
  switch (operation) {
#define NTKC_ELEMENTARY(enumerator, name, operands, use, parity, sign, regularity, roundings, latex, \
                        in_double, in_quad, derivative)                                              \
  case Operation::enumerator:                                                                        \
    return in_quad;
#include "compiler/elementary/operations.def"
#undef NTKC_ELEMENTARY
  }
  throw_without_value(operation);
}

}  // namespace ntkc::elementary
