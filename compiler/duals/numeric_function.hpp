// Functions of the IR in double precision, fast enough for quadrature.
#pragma once

#include <compare>
#include <vector>

#include "compiler/kernel_ir/program.hpp"

namespace ntkc::duals {

class NumericFunction {
 public:
  /// Parameters have the values that they have in the program.
  NumericFunction(const kernel_ir::Program& program, kernel_ir::NodeId root);
  double operator()(double z) const;

  /// An order of the ways that they are written.
  friend auto operator<=>(const NumericFunction&, const NumericFunction&) = default;

  /// Whether it may have a kink or a jump at 0: an operation that has one is taken of something that
  /// vanishes there.
  [[nodiscard]] bool may_break_at_zero() const;

 private:
  struct Step {
    kernel_ir::Operation operation;
    double value = 0;
    std::vector<std::size_t> operands;
    friend auto operator<=>(const Step&, const Step&) = default;
  };
  void evaluate(double z, std::vector<double>& values) const;

  std::vector<Step> steps_;  // the last is the function
};

/// φ', and 0 at z = 0 where φ' has no value there, like that of |z|^0.75: a point of measure 0, but that at
/// which a sample without norm is.
kernel_ir::NodeId slope_of(kernel_ir::Program& program, kernel_ir::NodeId phi);

}  // namespace ntkc::duals
