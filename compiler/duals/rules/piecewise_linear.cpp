// φ = α min(t, 0) + β max(t, 0): arc-cosine kernels of order 0 and 1 without cancellation.
//
// N = (α² + β²)/2, F = (β - α)²/(2π), cos θ = u, m = (1 - |u|)/2, s = √m, P and Q the angle ratios of m:
//   K = √(qq') (N u + F (sin θ - θ cos θ)),   K̇ = N - F θ
// and, as sin θ - θ cos θ = s³Q and θ = 2sP for u ≥ 0,
//   u ≥ 0: z' = m - e,                z̄' = m + e + (1 - 2m),     K̇ = N - 2F s P
//   u < 0: z' = m - e + (1 - 2m) λ,   z̄' = m + e + (1 - 2m) μ,   K̇ = αβ + 2F s P
// with e = (F/2N) m s Q, λ = (α + β)²/(4N) and μ = (β - α)²/(4N) = 1 - λ.
#include "compiler/duals/rules/rules.hpp"

namespace ntkc::duals {
namespace {

struct Constants {
  Expression norm;     // N
  Expression fold;     // F
  Expression product;  // αβ
  Expression lambda;
  Expression mu;
};

Constants constants(const Expression& any, const moments::Constant& below, const moments::Constant& above) {
  const Expression alpha = any.constant(below);
  const Expression beta = any.constant(above);
  const Expression norm = 0.5 * (square(alpha) + square(beta));
  const Expression reciprocal = 0.25 * reciprocal_or_zero(norm);
  return {norm, square(beta - alpha) / (2.0 * alpha.pi()), alpha * beta, square(alpha + beta) * reciprocal,
          square(beta - alpha) * reciprocal};
}

}  // namespace

std::string PiecewiseLinearRule::name() const {
  return (beta_ - alpha_).is(0) ? "linear" : "arc-cosine kernels of order 1 and 0 (kappa_1, kappa_0)";
}

Expression PiecewiseLinearRule::self(const SelfCovariance& q) const {
  return constants(q.q, alpha_, beta_).norm * q.q;
}

CrossCovariance PiecewiseLinearRule::cross(const CrossCovariance& k, const SelfCovariance& self,
                                           bool /*critical*/) const {
  const Constants n = constants(k.complement, alpha_, beta_);
  const Expression m = smaller_complement(k);
  const Expression ratio = 0.5 * n.fold * reciprocal_or_zero(n.norm);  // F/2N
  const Expression e = m * (ratio * (sqrt(m) * arccosine_ratio(m, k.range.z_max)));
  const Expression rest = 1.0 - 2.0 * m;
  const Expression zero = m.literal(0);
  const Expression z = (m - e) + select_negative(k, rest * n.lambda, zero);
  const Expression zbar =
      k.range.nonnegative ? 1.0 - z : (m + e) + rest * select_negative(k, n.mu, m.literal(1));
  const Expression g = self.root.both();
  return {self, z, zbar, g * (k.range.nonnegative ? 1.0 - 2.0 * z : zbar - z), {}};
}

Expression PiecewiseLinearRule::derivative(const CrossCovariance& k) const {
  const Constants n = constants(k.complement, alpha_, beta_);
  const Expression m = smaller_complement(k);
  const Expression angle = 2.0 * n.fold * (sqrt(m) * arcsine_ratio(m, k.range.z_max));
  return select_negative(k, n.product + angle, n.norm - angle);
}

}  // namespace ntkc::duals
