// Functions of the kernel IR from their text.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "compiler/kernel_ir/function.hpp"
#include "compiler/kernel_ir/program.hpp"

namespace ntkc::test {

/// A program in which `phi` is the function that the text in z defines.
struct ParsedFunction {
  kernel_ir::Program program;
  kernel_ir::NodeId phi = kernel_ir::no_node;
  [[nodiscard]] kernel_ir::Function function() const { return {program, phi}; }
};

inline ParsedFunction parse_function(const std::string& text) {
  ParsedFunction result;
  result.program = kernel_ir::parse("kernel function\ninput vector(1)\nphi(z) = " + text + "\n");
  result.phi = result.program.function_names.begin()->first;
  return result;
}

/// The function in another program.
inline kernel_ir::NodeId define(kernel_ir::Program& p, const std::string& text) {
  const ParsedFunction parsed = parse_function(text);
  std::vector<kernel_ir::NodeId> images;
  for (const kernel_ir::Node& node : parsed.program.nodes()) {
    std::vector<kernel_ir::NodeId> operands;
    for (const kernel_ir::NodeId operand : node.operands) operands.push_back(images[operand]);
    images.push_back(p.apply(node.operation, std::move(operands), parsed.program.attribute(node)));
  }
  return images[parsed.phi];
}

inline const std::string relu = "max(z, 0)";
/// With a number for 1/√2, so that folding constants rounds nothing.
inline const std::string gelu = "0.5*z*(1 + erf(0.70710678118654757*z))";

/// α min(z, 0) + β max(z, 0)
inline std::string piecewise_linear(const std::string& alpha, const std::string& beta) {
  return "(" + alpha + ")*min(z, 0) + (" + beta + ")*max(z, 0)";
}

}  // namespace ntkc::test
