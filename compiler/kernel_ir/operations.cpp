#include "compiler/kernel_ir/operations.hpp"

#include <array>
#include <stdexcept>
#include <string>

namespace ntkc::kernel_ir {
namespace {

template <typename Number>
Number evaluate_elementary(Operation operation, std::span<const Number> operands) {
  if (!is_elementary(operation))
    throw std::logic_error("not an operation on reals: " + std::string(info(operation).name));
  return elementary::evaluate(elementary_of(operation), operands);
}

}  // namespace

const OperationInfo& info(Operation operation) {
  static constexpr std::array table = {
#define NTKC_ELEMENTARY(enumerator, name, operands, ...) OperationInfo{name, operands},
#include "compiler/elementary/operations.def"
#undef NTKC_ELEMENTARY
#define NTKC_OPERATION(enumerator, name, operands) OperationInfo{name, operands},
#include "compiler/kernel_ir/operations.def"
#undef NTKC_OPERATION
  };
  return table[static_cast<std::size_t>(operation)];
}

double evaluate(Operation operation, std::span<const double> operands) {
  return evaluate_elementary(operation, operands);
}
Quad evaluate(Operation operation, std::span<const Quad> operands) {
  return evaluate_elementary(operation, operands);
}

}  // namespace ntkc::kernel_ir
