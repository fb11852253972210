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

namespace {

/// E[f(u)g(v)] at one sample, by what f and g are near 0 where the variance is small.
Expression self_moment(const moments::NormalForm& f, const moments::NormalForm& g,
                       const std::optional<moments::SmallForm>& small_f,
                       const std::optional<moments::SmallForm>& small_g, const GaussianPair& equal) {
  const Expression value = moment(f, g, equal);
  if (!small_f || !small_g) return value;
  return select_less(equal.a, equal.a.literal(small_f->largest_variance),
                     moment(small_f->form, small_g->form, equal), value);
}

}  // namespace

Expression GenericRule::self(const SelfCovariance& q) const {
  const Expression value = self_moment(form_, form_, small_, small_, equal_pair(q.q));
  return moments::vanishes_at_zero(form_) ? unless_zero(q.q, value) : value;
}

Expression GenericRule::pair_moment(const moments::NormalForm& form,
                                    const std::optional<moments::SmallForm>& small,
                                    const CrossCovariance& k) {
  const GaussianPair pair = gaussian_pair(k);
  const Expression value = moment(form, form, pair);
  if (!small) return value;
  // Of a small and another variance the terms cancel against √q only.
  const Expression larger = maximum(k.self.q.first(), k.self.q.second());
  return select_less(larger, value.literal(small->largest_variance), moment(small->form, small->form, pair),
                     value);
}

CrossCovariance GenericRule::cross(const CrossCovariance& k, const SelfCovariance& self,
                                   bool critical) const {
  Expression product = pair_moment(form_, small_, k);
  if (moments::vanishes_at_zero(form_))
    product = unless_zero(minimum(k.self.q.first(), k.self.q.second()), product);
  const CrossCovariance value = from_value(product, self);
  if (!critical) return value;
  const std::vector<moments::Jump> jumps = moments::jumps(form_);
  const moments::NormalForm slope = moments::derivative(form_);
  const moments::NormalForm growth = moments::times_variable(slope);
  if (!has_moment(growth, growth) || !has_moment(form_, growth))
    return jumps.empty() ? value : exact_if_equal(value, k, parity());
  std::optional<moments::SmallForm> small_growth;
  if (small_)
    small_growth = {moments::times_variable(moments::derivative(small_->form)), small_->largest_variance};
  const GaussianPair equal = equal_pair(k.self.q);
  NearPairs near =
      NearPairs::of(k.self, self, moment(slope, slope, equal),
                    self_moment(growth, growth, small_growth, small_growth, equal),
                    self_moment(form_, growth, small_, small_growth, equal), parity(), 3 * unit_roundoff_);
  near.add(jumps, k.self, self);
  return refine_near_pairs(value, k, near);
}

hermite::Parity GenericRule::parity() const {
  if (moments::is_even(form_)) return hermite::Parity::even;
  return moments::is_odd(form_) ? hermite::Parity::odd : hermite::Parity::none;
}

Expression GenericRule::derivative(const CrossCovariance& k) const {
  const moments::NormalForm slope = moments::derivative(form_);
  return pair_moment(slope, moments::small_form(slope), k);
}

}  // namespace ntkc::duals
