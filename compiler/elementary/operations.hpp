// The elementary operations on numbers: what activations and kernels are made of, and what is known of each.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "compiler/elementary/quad.hpp"

namespace ntkc::elementary {

enum class Operation : std::uint8_t {
#define NTKC_ELEMENTARY(enumerator, ...) enumerator,
#include "compiler/elementary/operations.def"
#undef NTKC_ELEMENTARY
};

enum class Use : std::uint8_t {
  leaf,
  infix,     ///< + - * /
  language,  ///< a function of the language, which has its name
  function,  ///< part of functions of z and of what is made of inputs
  input,     ///< part of what is made of inputs only
};

/// Of functions of one operand.
enum class Parity : std::uint8_t { none, even, odd };

/// Of the values, whatever the operands; in the arithmetic of doubles, where e^a may underflow to 0. Each
/// enumerator says more than the one before.
enum class Sign : std::uint8_t { unknown, nonnegative, positive };

/// Where a derivative of the operation may jump or not exist.
enum class Regularity : std::uint8_t {
  smooth,
  pole,                  ///< where the last operand is 0
  singular,              ///< where an operand is 0; functions of one operand may have no value below
  switches_at_zero,      ///< kinks or jumps where the operand changes its sign
  switches_where_equal,  ///< kinks or jumps where the first operand becomes larger than the second
};

struct OperationInfo {
  std::string_view name;
  int operands;
  Use use;
  Parity parity;
  Sign sign;
  Regularity regularity;
  int roundings;
  std::string_view latex;
};

inline constexpr std::array operation_table = {
#define NTKC_ELEMENTARY(enumerator, name, operands, use, parity, sign, regularity, roundings, latex, ...) \
  OperationInfo{name,      operands, Use::use, Parity::parity, Sign::sign, Regularity::regularity,        \
                roundings, latex},
#include "compiler/elementary/operations.def"
#undef NTKC_ELEMENTARY
};
constexpr const OperationInfo& info(Operation operation) {
  return operation_table[static_cast<std::size_t>(operation)];
}

/// All of them, in the order of the table.
inline constexpr auto operations = [] {
  std::array<Operation, operation_table.size()> result{};
  for (std::size_t i = 0; i < result.size(); ++i) result.at(i) = static_cast<Operation>(i);
  return result;
}();

inline constexpr std::size_t most_operands = 5;

/// The value of an operation on numbers. Throws std::logic_error for leaves that have none without a context.
double evaluate(Operation operation, std::span<const double> operands);
Quad evaluate(Operation operation, std::span<const Quad> operands);

}  // namespace ntkc::elementary
