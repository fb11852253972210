// Functions of the IR in double precision, fast enough for quadrature.
#pragma once

#include "compiler/elementary/function.hpp"
#include "compiler/hermite/work.hpp"
#include "compiler/kernel_ir/program.hpp"

namespace ntkc::duals {

class NumericFunction : public elementary::Function<double> {
 public:
  /// Parameters have the values that they have in the program.
  NumericFunction(const kernel_ir::Program& program, kernel_ir::NodeId root);
  double operator()(double z) const {
    hermite::WorkLimit::spend(hermite::products_of_step * static_cast<double>(steps().size()));
    return Function::operator()(z);
  }
};

/// φ', and 0 at z = 0 where φ' has no value there, like that of |z|^0.75: a point of measure 0, but that at
/// which a sample without norm is.
kernel_ir::NodeId slope_of(kernel_ir::Program& program, kernel_ir::NodeId phi);

}  // namespace ntkc::duals
