// Any normal form whose moments the calculus has.
#include "compiler/duals/calculus.hpp"
#include "compiler/duals/near_pairs.hpp"
#include "compiler/duals/rules/rules.hpp"

namespace ntkc::duals {

std::string GenericRule::name() const { return "calculus of Gaussian moments"; }

Expression GenericRule::self(const SelfCovariance& q) const { return moment(form_, form_, equal_pair(q.q)); }

CrossCovariance GenericRule::cross(const CrossCovariance& k, const SelfCovariance& self,
                                   bool critical) const {
  const CrossCovariance value = from_value(moment(form_, form_, gaussian_pair(k)), self);
  if (!critical || !moments::is_continuous(form_)) return value;
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
