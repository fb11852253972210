// Duals and moments in quadruple precision: by the formulas of the literature for the functions that it
// knows, by quadrature for all others.
#include <quadmath.h>

#include <optional>

#include "compiler/kernel_ir/interpreter.hpp"

namespace ntkc::kernel_ir {
namespace {

const Quad pi = acosq(Quad(-1));

/// φ = α min(t, 0) + β max(t, 0): K = √(q q') (N u + F (sin θ - θ cos θ)), K̇ = N - F θ with N = (α² + β²)/2,
/// F = (β - α)²/(2π), cos θ = u. Cho and Saul 2009, eq. 3 and 6 (ReLU: N = 1/2, F = 1/(2π)); the general
/// slopes follow from relu(-t) being the other half. φ = α for t < 0, β for t > 0: K is the K̇ above.
DualValue homogeneous(const Function::Homogeneous& phi, Quad q, Quad q2, Quad c) {
  const Quad alpha = phi.below;
  const Quad beta = phi.above;
  const Quad norm = (alpha * alpha + beta * beta) / 2;
  const Quad fold = (beta - alpha) * (beta - alpha) / (2 * pi);
  const Quad scale = sqrtq(q) * sqrtq(q2);
  const Quad u = scale > 0 ? fmaxq(-1, fminq(1, c / scale)) : 0;
  const Quad theta = acosq(u);
  if (phi.degree == 0) return {norm - fold * theta, 0};
  return {scale * (norm * u + fold * (sqrtq((1 - u) * (1 + u)) - theta * u)), norm - fold * theta};
}

/// erf(kt): K = (2/π) asin(2c/A), K̇ = (4/π)/√(A² - 4c²), A² = (1 + 2q)(1 + 2q') for k = 1. Williams 1996,
/// eq. 11.
DualValue erf(Quad k, Quad q, Quad q2, Quad c) {
  const Quad k2 = k * k;
  const Quad a2 = (1 + 2 * k2 * q) * (1 + 2 * k2 * q2);
  return {2 / pi * asinq(2 * k2 * c / sqrtq(a2)), 4 * k2 / pi / sqrtq(a2 - 4 * k2 * k2 * c * c)};
}

/// t erf(t/√2): with B² = (1 + q)(1 + q'), D = B² - c²:
/// K = (2/π) (c asin(c/B) + (q q' √D + c²/√D)/B²),
/// K̇ = (2/π) (asin(c/B) + c (1/(1 + q) + 1/(1 + q') + 1/D)/√D).
/// From E[erf(u/√2)erf(v/√2)] = (2/π) asin(c/B) by Stein's lemma; Tsuchida et al. 2021 give K of gelu.
DualValue even_gelu(Quad q, Quad q2, Quad c) {
  const Quad b2 = (1 + q) * (1 + q2);
  const Quad d = b2 - c * c;
  const Quad root = sqrtq(d);
  const Quad angle = asinq(c / sqrtq(b2));
  return {2 / pi * (c * angle + (q * q2 * root + c * c / root) / b2),
          2 / pi * (angle + c * (1 / (1 + q) + 1 / (1 + q2) + 1 / d) / root)};
}

/// a₀ + a₁t + (b₀ + b₁t) erf(kt). Odd moments vanish; E[u erf(kv)] = 2kc/√(π(1 + 2k²q')) by Stein's lemma.
DualValue with_erf(const Function::Single& f, Quad q, Quad q2, Quad c) {
  const Quad k2 = f.k * f.k;
  const DualValue odd = erf(f.k, q, q2, c);
  const DualValue even = even_gelu(2 * k2 * q, 2 * k2 * q2, 2 * k2 * c);
  const Quad slope = 2 * f.k / sqrtq(pi * (1 + 2 * k2 * q));
  const Quad slope2 = 2 * f.k / sqrtq(pi * (1 + 2 * k2 * q2));
  const Quad mixed = f.a1 * f.b0 * (slope + slope2);
  const Quad even_square = f.b1 * k2 == 0 ? 0 : f.b1 * f.b1 * even.value / (2 * k2);
  return {f.a0 * f.a0 + f.a1 * f.a1 * c + f.b0 * f.b0 * odd.value + even_square +
              f.a0 * f.b1 * (q * slope + q2 * slope2) + mixed * c,
          f.a1 * f.a1 + f.b0 * f.b0 * odd.derivative + f.b1 * f.b1 * even.derivative + mixed};
}

/// a₀ + b₀ sin(kt + p): K = a₀² + a₀b₀ sin p (e^(-k²q/2) + e^(-k²q'/2)) + b₀² (e₋ - cos(2p) e₊)/2,
/// K̇ = b₀²k² (e₋ + cos(2p) e₊)/2, e∓ = e^(-k²(q + q')/2 ± k²c).
DualValue with_sine(const Function::Single& f, Quad q, Quad q2, Quad c) {
  const Quad p = f.operation == Operation::cos ? f.p + pi / 2 : f.p;
  // cos 2p without the rounding of π/2
  const Quad cos2p = f.operation == Operation::cos ? -cosq(2 * f.p) : cosq(2 * f.p);
  const Quad sinp = f.operation == Operation::cos ? cosq(f.p) : sinq(p);
  const Quad k2 = f.k * f.k;
  const Quad minus = expq(k2 * (c - (q + q2) / 2));
  const Quad plus = expq(k2 * (-c - (q + q2) / 2));
  const Quad mean = expq(-k2 * q / 2) + expq(-k2 * q2 / 2);
  const Quad b2 = f.b0 * f.b0;
  return {f.a0 * f.a0 + f.a0 * f.b0 * sinp * mean + b2 * (minus - cos2p * plus) / 2,
          b2 * k2 * (minus + cos2p * plus) / 2};
}

std::optional<DualValue> known_dual(const Function& phi, Quad q, Quad q2, Quad c) {
  if (const auto h = phi.homogeneous()) return homogeneous(*h, q, q2, c);
  const auto f = phi.single();
  if (!f) return std::nullopt;
  if (f->step == Function::Single::no_step)
    return DualValue{f->a0 * f->a0 + f->a1 * f->a1 * c, f->a1 * f->a1};
  if (f->operation != Operation::erf) {
    return f->a1 == 0 && f->b1 == 0 ? std::optional(with_sine(*f, q, q2, c)) : std::nullopt;
  }
  return f->p == 0 ? std::optional(with_erf(*f, q, q2, c)) : std::nullopt;
}

}  // namespace

DualValue evaluate_dual(const Function& phi, Quad q, Quad q2, Quad c) {
  if (const auto known = known_dual(phi, q, q2, c)) return *known;
  return {integrate(phi, phi, Side::function, q, q2, c), integrate(phi, phi, Side::derivative, q, q2, c)};
}

Quad evaluate_dual_derivative(const Function& phi, Quad q, Quad q2, Quad c) {
  const auto known = known_dual(phi, q, q2, c);
  return known ? known->derivative : integrate(phi, phi, Side::derivative, q, q2, c);
}

Quad evaluate_moment(const Function& f, const Function& g, Quad q, Quad q2, Quad c) {
  if (&f == &g || f == g) {
    if (const auto known = known_dual(f, q, q2, c)) return known->value;
  }
  return integrate(f, g, Side::function, q, q2, c);
}

}  // namespace ntkc::kernel_ir
