// Names that tell functions apart, in the text form and in what is said of them.
#include <algorithm>

#include "compiler/kernel_ir/program.hpp"
#include "compiler/kernel_ir/text_form.hpp"

namespace ntkc::kernel_ir {
namespace {

/// Whether the function is the operation of this name: `tanh` of the variable.
bool is_operation(const Program& program, NodeId function, const std::string& name) {
  const Node& node = program[function];
  return node.operands.size() == 1 && program[node.operands[0]].operation == Operation::variable &&
         info(node.operation).name == name;
}

}  // namespace

std::string Program::name_function(NodeId function, const std::string& asked) {
  const auto numbered = [&](int number) {
    return number == 1 ? asked : asked + "_" + std::to_string(number);
  };
  for (int number = 1;; ++number) {
    std::string candidate = numbered(number);
    const auto holder =
        std::ranges::find(function_names, candidate, &decltype(function_names)::value_type::second);
    if (holder != function_names.end()) {
      if (holder->first == function) return candidate;
      continue;
    }
    if (text_form::is_reserved_function_name(candidate) && !is_operation(*this, function, candidate))
      continue;
    function_names.emplace(function, candidate);
    return candidate;
  }
}

}  // namespace ntkc::kernel_ir
