// φ = sin and φ = cos. With v∓ = Var(u ∓ v) = (√q - √q')² + 4√(qq') (z or z̄) and e∓ = expm1(-v∓/2):
//   E[sin u sin v] = (e₋ - e₊)/2,   E[cos u cos v] = 1 + (e₋ + e₊)/2;   each is the other's derivative by c.
// Complements from M = E[(φ(u) - φ(v))²] with E = e^(-q) for each sample; no differences of nearly equal
// numbers:
//   sin, u:  M = -e₋ (2 + e₊) - (E - E')²/2, and for -u the same with e₋ and e₊ exchanged,
//   cos:     M = e₋ e₊ + (E - E')²/2; K > 0.
// They cost next to nothing, so they are used throughout: in the chaotic phase, where z of a near pair grows
// from layer to layer, its relative error then does not. (From Q = -expm1(-2q)/2 for sin, 1 + expm1(-2q)/2
// for cos, and v₋ + v₊ = 2(q + q').)
#include "compiler/duals/rules/rules.hpp"

namespace ntkc::duals {
namespace {

struct Exponentials {
  Expression minus;      // e₋
  Expression plus;       // e₊
  Expression half_step;  // (E - E')²/2
};

Exponentials exponentials(const CrossCovariance& k) {
  const Expression step = square(k.self.root.first() - k.self.root.second());
  const Expression scale = 4.0 * k.self.root.both();
  const Expression decay = expm1(-k.self.q);
  return {expm1(-0.5 * (step + scale * k.complement)), expm1(-0.5 * (step + scale * k.cocomplement)),
          0.5 * square(decay.first() - decay.second())};
}

Expression sine_value(const CrossCovariance& k) {
  const Exponentials e = exponentials(k);
  return 0.5 * (e.minus - e.plus);
}

Expression cosine_value(const CrossCovariance& k) {
  const Exponentials e = exponentials(k);
  return 1.0 + 0.5 * (e.minus + e.plus);
}

}  // namespace

std::string SineRule::name() const { return "characteristic function of the Gaussian"; }

Expression SineRule::self(const SelfCovariance& q) const { return -0.5 * expm1(-2.0 * q.q); }

CrossCovariance SineRule::cross(const CrossCovariance& k, const SelfCovariance& self,
                                bool /*critical*/) const {
  const Expression value = sine_value(k);
  const Exponentials e = exponentials(k);
  const Expression z = complement_from_distance(-(e.minus * (2.0 + e.plus)) - e.half_step, value, self);
  const Expression zbar = complement_from_distance(-(e.plus * (2.0 + e.minus)) - e.half_step, -value, self);
  return {self, z, zbar, value, {}};
}

Expression SineRule::derivative(const CrossCovariance& k) const { return cosine_value(k); }

std::string CosineRule::name() const { return "characteristic function of the Gaussian"; }

Expression CosineRule::self(const SelfCovariance& q) const { return 1.0 + 0.5 * expm1(-2.0 * q.q); }

CrossCovariance CosineRule::cross(const CrossCovariance& k, const SelfCovariance& self,
                                  bool /*critical*/) const {
  const Expression value = cosine_value(k);
  const Exponentials e = exponentials(k);
  const Expression z = complement_from_distance(e.minus * e.plus + e.half_step, value, self);
  return {self, z, 1.0 - z, value, {}};
}

Expression CosineRule::derivative(const CrossCovariance& k) const { return sine_value(k); }

}  // namespace ntkc::duals
