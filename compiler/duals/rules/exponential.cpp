// φ = e^t and φ = e^(-t²), the first with mean: no parity, stands alone.
//
// e^t: with V = Var(u - v) = (√q - √q')² + 4√(qq') z
//   Q = e^(2q),   K = e^((q + q')/2 + c) = √(QQ') e^(-V/2),   K̇ = K,   z' = -expm1(-V/2)/2.
// e^(-t²): with D = (1 + 2q)(1 + 2q') - 4c² = 1 + 2(q + q') + 4Δ, Δ = qq' - c² = qq'·4m(1 - m), which is
// D = 1 + 4q for x = x', and with U = K/√(QQ')
//   Q = 1/√(1 + 4q),   K = 1/√D,   K̇ = 4c/D^(3/2),
//   1 - U⁴ = δ = (4(q - q')² + 8Δ(1 + 2(q + q')) + 16Δ²)/D²,   z' = δ/(2(1 + U²)(1 + U)).
// All terms are positive.
#include "compiler/duals/rules/rules.hpp"

namespace ntkc::duals {

std::string ExpRule::name() const { return "Gaussian integral"; }

Expression ExpRule::self(const SelfCovariance& q) const { return exp(2.0 * q.q); }

CrossCovariance ExpRule::cross(const CrossCovariance& k, const SelfCovariance& self,
                               bool /*critical*/) const {
  const Expression variance =
      square(k.self.root.first() - k.self.root.second()) + 4.0 * (k.self.root.both() * k.complement);
  const Expression z = -0.5 * expm1(-0.5 * variance);
  return {self, z, 1.0 - z, self.root.both() * (1.0 - 2.0 * z), {}};
}

Expression ExpRule::derivative(const CrossCovariance& k) const {
  return cross(k, self_covariance(self(k.self)), false).c;
}

namespace {

struct Bell {
  Expression sum;          // q + q'
  Expression determinant;  // Δ
  Expression d;            // D
};

Bell bell(const CrossCovariance& k) {
  const Expression m = smaller_complement(k);
  const Expression sum = k.self.q.first() + k.self.q.second();
  const Expression determinant = k.self.q.both() * (4.0 * (m * (1.0 - m)));
  return {sum, determinant, 1.0 + (2.0 * sum + 4.0 * determinant)};
}

}  // namespace

std::string BellRule::name() const { return "Gaussian integral"; }

Expression BellRule::self(const SelfCovariance& q) const { return 1.0 / sqrt(1.0 + 4.0 * q.q); }

CrossCovariance BellRule::cross(const CrossCovariance& k, const SelfCovariance& self,
                                bool /*critical*/) const {
  const Bell b = bell(k);
  const Expression value = 1.0 / sqrt(b.d);
  const Expression step =
      (k.self.root.first() - k.self.root.second()) * (k.self.root.first() + k.self.root.second());
  const Expression numerator =
      4.0 * square(step) + b.determinant * (8.0 * (1.0 + 2.0 * b.sum) + 16.0 * b.determinant);
  const Expression u = value * self.reciprocal.both();
  const Expression z = 0.5 * (numerator / square(b.d)) / ((1.0 + square(u)) * (1.0 + u));
  return {self, z, 1.0 - z, value, {}};
}

Expression BellRule::derivative(const CrossCovariance& k) const {
  const Expression d = bell(k).d;
  return 4.0 * k.c / (d * sqrt(d));
}

}  // namespace ntkc::duals
