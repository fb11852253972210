// Any normal form whose moments the calculus has.
#include "compiler/duals/calculus.hpp"
#include "compiler/duals/near_pairs.hpp"
#include "compiler/duals/rules/rules.hpp"

namespace ntkc::duals {

std::string GenericRule::name() const { return "calculus of Gaussian moments"; }

namespace {

/// Where the variance is 0, so is the expectation of a function that vanishes at 0; its terms need not cancel
/// to the last bit.
Expression unless_zero(Expression variance, Expression value) {
  const Expression zero = value.literal(0);
  return select_less(zero, variance, value, zero);
}

}  // namespace

Expression GenericRule::self(const SelfCovariance& q) const {
  const Expression value = moment(form_, form_, equal_pair(q.q));
  return moments::vanishes_at_zero(form_) ? unless_zero(q.q, value) : value;
}

CrossCovariance GenericRule::cross(const CrossCovariance& k, const SelfCovariance& self,
                                   bool critical) const {
  Expression product = moment(form_, form_, gaussian_pair(k));
  if (moments::vanishes_at_zero(form_))
    product = unless_zero(minimum(k.self.q.first(), k.self.q.second()), product);
  const CrossCovariance value = from_value(product, self);
  if (!critical) return value;
  if (!moments::is_continuous(form_)) return exact_if_equal(value, k, parity());
  const moments::NormalForm slope = moments::derivative(form_);
  const moments::NormalForm growth = moments::times_variable(slope);
  if (!has_moment(growth, growth) || !has_moment(form_, growth)) return value;
  const GaussianPair equal = equal_pair(k.self.q);
  const NearPairs near =
      NearPairs::of(k.self, self, moment(slope, slope, equal), moment(growth, growth, equal),
                    moment(form_, growth, equal), parity(), 3 * unit_roundoff_);
  return refine_near_pairs(value, k, near);
}

hermite::Parity GenericRule::parity() const {
  if (moments::is_even(form_)) return hermite::Parity::even;
  return moments::is_odd(form_) ? hermite::Parity::odd : hermite::Parity::none;
}

Expression GenericRule::derivative(const CrossCovariance& k) const {
  const moments::NormalForm slope = moments::derivative(form_);
  return moment(slope, slope, gaussian_pair(k));
}

}  // namespace ntkc::duals
