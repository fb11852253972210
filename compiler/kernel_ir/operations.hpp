// The operations of the kernel IR: the elementary ones, under the same names, and its own.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "compiler/elementary/operations.hpp"

namespace ntkc::kernel_ir {

using ntkc::Quad;

enum class Operation : std::uint8_t {
#define NTKC_ELEMENTARY(enumerator, ...) enumerator,
#include "compiler/elementary/operations.def"
#undef NTKC_ELEMENTARY
#define NTKC_OPERATION(enumerator, name, operands) enumerator,
#include "compiler/kernel_ir/operations.def"
#undef NTKC_OPERATION
};

struct OperationInfo {
  std::string_view name;
  int operands;  ///< how many; -1: any number
};
const OperationInfo& info(Operation operation);

constexpr Operation operation_of(elementary::Operation operation) {
  return static_cast<Operation>(operation);
}
constexpr bool is_elementary(Operation operation) {
  return static_cast<std::size_t>(operation) < elementary::operation_table.size();
}
/// Precondition: it is elementary.
constexpr elementary::Operation elementary_of(Operation operation) {
  return static_cast<elementary::Operation>(operation);
}
namespace detail {
inline constexpr elementary::OperationInfo not_elementary = {};
}
/// What is known of it as an elementary operation; of any other nothing is.
constexpr const elementary::OperationInfo& traits(Operation operation) {
  return is_elementary(operation) ? elementary::info(elementary_of(operation)) : detail::not_elementary;
}

/// Whether its value follows from those of its operands, which are reals.
constexpr bool has_value(Operation operation) {
  return is_elementary(operation) &&
         (operation == Operation::pi || traits(operation).use != elementary::Use::leaf);
}
/// That value. Throws std::logic_error if there is none.
double evaluate(Operation operation, std::span<const double> operands);
Quad evaluate(Operation operation, std::span<const Quad> operands);

}  // namespace ntkc::kernel_ir
