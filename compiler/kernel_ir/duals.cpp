// Dual activations in quadruple precision, by the formulas of the literature.
#include <quadmath.h>

#include <array>

#include "compiler/kernel_ir/interpreter.hpp"

namespace ntkc::kernel_ir {
namespace {

const Quad pi = acosq(Quad(-1));

/// φ = α min(t, 0) + β max(t, 0): K = √(q q') (N u + F (sin θ - θ cos θ)), K̇ = N - F θ with N = (α² + β²)/2,
/// F = (β - α)²/(2π), cos θ = u. Cho and Saul 2009, eq. 3 and 6 (ReLU: N = 1/2, F = 1/(2π)); the general
/// slopes follow from relu(-t) being the other half.
DualValue piecewise_linear(std::span<const Quad> slopes, Quad q, Quad q2, Quad c) {
  const Quad alpha = slopes[0];
  const Quad beta = slopes[1];
  const Quad norm = (alpha * alpha + beta * beta) / 2;
  const Quad fold = (beta - alpha) * (beta - alpha) / (2 * pi);
  const Quad scale = sqrtq(q) * sqrtq(q2);
  const Quad u = scale > 0 ? fmaxq(-1, fminq(1, c / scale)) : 0;
  const Quad theta = acosq(u);
  return {scale * (norm * u + fold * (sqrtq((1 - u) * (1 + u)) - theta * u)), norm - fold * theta};
}

/// K = (2/π) asin(2c/A), K̇ = (4/π)/√(A² - 4c²), A² = (1 + 2q)(1 + 2q'). Williams 1996, eq. 11.
DualValue erf(std::span<const Quad> /*numbers*/, Quad q, Quad q2, Quad c) {
  const Quad a2 = (1 + 2 * q) * (1 + 2 * q2);
  return {2 / pi * asinq(2 * c / sqrtq(a2)), 4 / pi / sqrtq(a2 - 4 * c * c)};
}

/// With B² = (1 + q)(1 + q'), D = B² - c²:
/// K = c/4 + (c asin(c/B) + (q q' √D + c²/√D)/B²)/(2π),
/// K̇ = 1/4 + (asin(c/B) + c (1/(1 + q) + 1/(1 + q') + 1/D)/√D)/(2π).
/// From E[Φ(u)Φ(v)] = 1/4 + asin(c/B)/(2π) by Stein's lemma; Tsuchida et al. 2021 give K.
DualValue gelu(std::span<const Quad> /*numbers*/, Quad q, Quad q2, Quad c) {
  const Quad b2 = (1 + q) * (1 + q2);
  const Quad d = b2 - c * c;
  const Quad root = sqrtq(d);
  const Quad angle = asinq(c / sqrtq(b2));
  return {c / 4 + (c * angle + (q * q2 * root + c * c / root) / b2) / (2 * pi),
          Quad(1) / 4 + (angle + c * (1 / (1 + q) + 1 / (1 + q2) + 1 / d) / root) / (2 * pi)};
}

/// E[sin u sin v] = e^(-(q+q')/2) sinh c and E[cos u cos v] = e^(-(q+q')/2) cosh c, written so that nothing
/// overflows.
Quad sine(Quad q, Quad q2, Quad c) { return (expq(c - (q + q2) / 2) - expq(-c - (q + q2) / 2)) / 2; }
Quad cosine(Quad q, Quad q2, Quad c) { return (expq(c - (q + q2) / 2) + expq(-c - (q + q2) / 2)) / 2; }

}  // namespace

DualValue evaluate_dual(Activation activation, std::span<const Quad> numbers, Quad q, Quad q2, Quad c) {
  switch (activation) {
    case Activation::piecewise_linear:
      return piecewise_linear(numbers, q, q2, c);
    case Activation::erf:
      return erf(numbers, q, q2, c);
    case Activation::gelu:
      return gelu(numbers, q, q2, c);
    case Activation::sin:
      return {sine(q, q2, c), cosine(q, q2, c)};
    case Activation::cos:
      return {cosine(q, q2, c), sine(q, q2, c)};
    case Activation::none:
      break;
  }
  return {};
}

}  // namespace ntkc::kernel_ir
