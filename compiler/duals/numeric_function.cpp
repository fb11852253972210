#include "compiler/duals/numeric_function.hpp"

#include <cmath>

#include "compiler/kernel_ir/function.hpp"
#include "compiler/moments/derivative.hpp"

namespace ntkc::duals {

using kernel_ir::NodeId;
using kernel_ir::Operation;

NumericFunction::NumericFunction(const kernel_ir::Program& program, NodeId root)
    : elementary::Function<double>(kernel_ir::Function(program, root).in_double()) {}

NodeId slope_of(kernel_ir::Program& program, NodeId phi) {
  const NodeId z = program.variable();
  const NodeId slope = moments::differentiate(program, phi, z);
  if (std::isfinite(NumericFunction(program, slope)(0))) return slope;
  const NodeId zero = program.literal(0);
  return program.real(Operation::select_less, {zero, program.real(Operation::abs, {z}), slope, zero});
}

}  // namespace ntkc::duals
