#include "compiler/kernel_ir/arithmetic.hpp"

#include <quadmath.h>

#include <stdexcept>

#include "compiler/kernel_ir/normal.hpp"

namespace ntkc::kernel_ir {
namespace {

/// P(z) = asin(√z)/√z, and 1 at 0.
Quad arcsine_ratio(Quad z) {
  const Quad s = sqrtq(z);
  return s > 0 ? asinq(s) / s : 1;
}

/// Q(z) = (sin θ - θ cos θ)/s³, s = √z = sin(θ/2). The numerator is Σ_{k≥1} (-1)^(k+1) 2k θ^(2k+1)/(2k+1)!,
/// which has no cancellation for θ ≤ 2.1, the domain z ≤ 1/2 being θ ≤ π/2.
Quad arccosine_ratio(Quad z) {
  const Quad s = sqrtq(z);
  if (s == 0) return Quad(8) / 3;
  const Quad theta = 2 * asinq(s);
  Quad power = theta;
  Quad sum = 0;
  for (int k = 1; k < 40; ++k) {
    power *= -theta * theta / (2 * k * (2 * k + 1));
    sum -= 2 * k * power;
  }
  return sum / (s * s * s);
}

}  // namespace

Quad evaluate(Operation operation, std::span<const Quad> a) {
  switch (operation) {
    case Operation::add:
      return a[0] + a[1];
    case Operation::subtract:
      return a[0] - a[1];
    case Operation::multiply:
      return a[0] * a[1];
    case Operation::divide:
      return a[0] / a[1];
    case Operation::square_root:
      return sqrtq(a[0]);
    case Operation::reciprocal_or_zero:
      return a[0] == 0 ? Quad(0) : 1 / a[0];
    case Operation::minimum:
      return fminq(a[0], a[1]);
    case Operation::maximum:
      return fmaxq(a[0], a[1]);
    case Operation::select_less:
      return a[0] < a[1] ? a[2] : a[3];
    case Operation::expm1:
      return expm1q(a[0]);
    case Operation::arcsine_ratio:
      return arcsine_ratio(a[0]);
    case Operation::arccosine_ratio:
      return arccosine_ratio(a[0]);
    case Operation::normal_tail:
      return normal_tail(a[0], a[1]);
    case Operation::normal_orthant:
      return normal_orthant(a[0], a[1], a[2], a[3], a[4]);
    case Operation::dawson:
      return dawson(a[0]);
    case Operation::with_loss:
      return a[0];
    case Operation::power:
      return powq(a[0], a[1]);
    case Operation::exp:
      return expq(a[0]);
    case Operation::log:
      return logq(a[0]);
    case Operation::sin:
      return sinq(a[0]);
    case Operation::cos:
      return cosq(a[0]);
    case Operation::tanh:
      return tanhq(a[0]);
    case Operation::erf:
      return erfq(a[0]);
    case Operation::abs:
      return fabsq(a[0]);
    case Operation::sign:
      return a[0] > 0 ? Quad(1) : a[0] < 0 ? Quad(-1) : Quad(0);
    default:
      throw std::invalid_argument("interpret: not an operation on reals: " +
                                  std::string(info(operation).name));
  }
}

}  // namespace ntkc::kernel_ir
