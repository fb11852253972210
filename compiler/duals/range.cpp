#include "compiler/duals/range.hpp"

#include <array>
#include <cmath>
#include <numbers>

#include "compiler/duals/closed_form.hpp"
#include "compiler/kernel_ir/function.hpp"

namespace ntkc::duals {
namespace {

/// Ends of ranges are rounded up to these, so that a loop's fixed point is found in a few rounds and few
/// different polynomials are needed. 0.341 and 0.253 are what one and two ReLU layers leave of 1/2.
constexpr std::array<double, 3> z_steps = {narrowest_range.z_max, 0.342, 0.5};

double round_up(double z) {
  for (const double step : z_steps) {
    if (z <= step) return step;
  }
  return z_steps.back();
}

}  // namespace

Range dual_range(kernel_ir::Program& program, kernel_ir::NodeId phi, Range operand) {
  const auto linear = kernel_ir::Function(program, phi).homogeneous();
  if (!linear || linear->degree != 1) {
    // Of other functions Σ_k a_k(q) a_k(q') u^k may be negative for u ≥ 0 where q and q' differ.
    const auto known = ClosedForm::find(program, phi);
    return {known && known->is_nonnegative(operand.nonnegative), 0.5};
  }
  const auto alpha = static_cast<double>(linear->below);
  const auto beta = static_cast<double>(linear->above);
  if (!operand.nonnegative) return {alpha * beta <= 0, 0.5};
  // z' = z - (F/2N)(sin θ - θ cos θ) grows with z.
  const double fold = (beta - alpha) * (beta - alpha) / (2 * std::numbers::pi);
  const double norm = (alpha * alpha + beta * beta) / 2;
  if (norm == 0) return {true, 0.5};
  const double theta = 2 * std::asin(std::sqrt(operand.z_max));
  return {true, round_up(operand.z_max - fold / (2 * norm) * (std::sin(theta) - theta * std::cos(theta)))};
}

}  // namespace ntkc::duals
