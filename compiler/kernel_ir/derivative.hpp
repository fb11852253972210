// Derivatives of the elementary operations, in symbols.
#pragma once

#include <span>

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::kernel_ir {

/// What is differentiated: an elementary operation on `operands`, whose value is `result`, with the attribute
/// of its node.
struct Differentiated {
  Operation operation;
  std::span<const NodeId> operands;
  NodeId result;
  Attribute attribute = {};
};

/// The derivative of the result, given those of the operands. `no_node` stands for the derivative 0, of an
/// operand as of the result. What switches is differentiated branch by branch, so jumps add nothing.
NodeId derivative(Program& program, const Differentiated& node, std::span<const NodeId> tangents);

}  // namespace ntkc::kernel_ir
