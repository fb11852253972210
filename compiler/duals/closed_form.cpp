// Which rule a function's parts have, and the function put together from them.
#include <algorithm>

#include "compiler/duals/calculus.hpp"
#include "compiler/duals/closed_form.hpp"

namespace ntkc::duals {
namespace {

using moments::Constant;
using moments::NormalForm;
using moments::Switch;
using moments::Term;
using moments::Wave;

std::optional<ClosedPart> piecewise_linear(const NormalForm& form) {
  const auto found = moments::find_piecewise_linear(form);
  if (!found) return std::nullopt;
  return ClosedPart{
      .rule = std::make_unique<PiecewiseLinearRule>(found->odd - found->even, found->odd + found->even)};
}

/// One term.
std::optional<ClosedPart> single(const Term& t) {
  const Constant& b = t.coefficient;
  if (t.is_threshold()) return std::nullopt;
  if (t.is_plain() && t.s != Switch::erf)
    return ClosedPart{.rule = std::make_unique<MonomialRule>(t.power, t.s == Switch::sign), .amplitude = b};
  if (t.is_plain() && t.power == 0)
    return ClosedPart{.rule = std::make_unique<ErfRule>(), .amplitude = b, .scale_square = t.k * t.k};
  if (t.is_plain() && t.power == 1)  // z = t/√(2k²)
    return ClosedPart{.rule = std::make_unique<EvenGeluRule>(),
                      .amplitude = b,
                      .scale_square = Constant(2) * t.k * t.k,
                      .over_scale = true};
  if (t.power != 0 || t.s != Switch::none) return std::nullopt;
  if (t.wave == Wave::none && t.g.is(0))
    return ClosedPart{.rule = std::make_unique<ExpRule>(), .amplitude = b, .scale_square = t.a * t.a};
  if (t.wave == Wave::none && t.a.is(0))
    return ClosedPart{.rule = std::make_unique<BellRule>(), .amplitude = b, .scale_square = t.g};
  if (!t.a.is(0) || !t.g.is(0)) return std::nullopt;
  ClosedPart part = {.rule = nullptr, .amplitude = b, .scale_square = t.b * t.b};
  if (t.wave == Wave::sine) {
    part.rule = std::make_unique<SineRule>();
  } else {
    part.rule = std::make_unique<CosineRule>();
  }
  return part;
}

std::optional<ClosedPart> polynomial(const NormalForm& form) {
  auto powers = moments::polynomial_coefficients(form);
  if (!powers) return std::nullopt;
  return ClosedPart{.rule = std::make_unique<PolynomialRule>(std::move(*powers)), .keeps_sign = false};
}

SelfCovariance scaled(const SelfCovariance& q, const ClosedPart& part) {
  return part.scale_square.is(1) ? q : self_covariance(part.scale_square * q.q);
}

CrossCovariance scaled(const CrossCovariance& k, const ClosedPart& part) {
  if (part.scale_square.is(1)) return k;
  return {scaled(k.self, part), k.complement, k.cocomplement, part.scale_square * k.c, k.range};
}

/// b². Over k² as it is rounded there, which q is multiplied by.
Expression amplitude_square(Expression any, const ClosedPart& part) {
  const Expression b2 = any.constant(part.amplitude * part.amplitude);
  return part.over_scale ? b2 / any.constant(part.scale_square) : b2;
}

bool is_scaled(const ClosedPart& part) { return part.over_scale || !(part.amplitude * part.amplitude).is(1); }

Expression self_of(const ClosedPart& part, const SelfCovariance& q) {
  const Expression value = part.rule->self(scaled(q, part));
  return is_scaled(part) ? amplitude_square(q.q, part) * value : value;
}

CrossCovariance cross_of(const ClosedPart& part, const CrossCovariance& k, const SelfCovariance& self,
                         bool critical) {
  if (!is_scaled(part)) return part.rule->cross(scaled(k, part), self, critical);
  const CrossCovariance inner = scaled(k, part);
  CrossCovariance result = part.rule->cross(inner, self_covariance(part.rule->self(inner.self)), critical);
  result.self = self;
  result.c = amplitude_square(k.complement, part) * result.c;
  return result;
}

std::optional<ClosedPart> by_calculus(const NormalForm& form, double unit_roundoff) {
  if (!has_moments(form)) return std::nullopt;
  return ClosedPart{
      .rule = std::make_unique<GenericRule>(form, unit_roundoff), .keeps_sign = false, .by_calculus = true};
}

/// A function's part by the first rule that has it.
std::optional<ClosedPart> find_part(const NormalForm& form, double unit_roundoff) {
  std::optional<ClosedPart> part = piecewise_linear(form);
  if (!part && form.size() == 1) part = single(form[0]);
  if (!part) part = polynomial(form);
  if (!part) part = by_calculus(form, unit_roundoff);
  if (part) part->form = form;
  return part;
}

}  // namespace

std::optional<ClosedForm> ClosedForm::find(kernel_ir::Program& program, kernel_ir::NodeId phi,
                                           double unit_roundoff) {
  const auto form = moments::normal_form(program, phi);
  if (!form) return std::nullopt;
  ClosedForm result;
  for (const Term& term : *form) {
    if (term.power > 0 && term.s != Switch::none && !term.a.is(0)) result.largest_deviation_ = 3;
  }
  const auto add = [&](const NormalForm& terms, bool odd) {
    std::optional<ClosedPart> found = find_part(terms, unit_roundoff);
    if (!found) return false;
    found->odd = odd;
    result.parts_.push_back(std::move(*found));
    return true;
  };
  const bool has_parity = std::ranges::all_of(*form, [](const Term& term) { return term.has_parity(); });
  if (!has_parity || piecewise_linear(*form)) {
    if (!add(*form, false)) return std::nullopt;
    ClosedPart& whole = result.parts_[0];
    whole.keeps_sign = whole.keeps_sign && !has_parity;
    return result;
  }
  for (const int parity : {0, 1}) {
    NormalForm terms;
    std::ranges::copy_if(*form, std::back_inserter(terms),
                         [&](const Term& t) { return t.parity() == parity; });
    if (!terms.empty() && !add(terms, parity == 1)) return std::nullopt;
  }
  return result;
}

std::string ClosedForm::name() const {
  std::string result;
  for (auto part = parts_.rbegin(); part != parts_.rend(); ++part) {  // the odd one first
    const std::string each = part->rule->name();
    if (each != result) result += (result.empty() ? "" : " + ") + each;
  }
  return result;
}

Expression ClosedForm::self(const SelfCovariance& q) const {
  Expression result = self_of(parts_[0], q);
  for (std::size_t i = 1; i < parts_.size(); ++i) result = result + self_of(parts_[i], q);
  return result;
}

CrossCovariance ClosedForm::cross(const CrossCovariance& k, const SelfCovariance& self, bool critical) const {
  if (parts_.size() == 1) return cross_of(parts_[0], k, self, critical);
  const auto branch = [&](const ClosedPart& part) {
    return cross_of(part, k, self_covariance(self_of(part, k.self)), critical);
  };
  return sum(branch(parts_[0]), branch(parts_[1]), self);
}

Expression ClosedForm::derivative(const CrossCovariance& k) const {
  const auto of = [&](const ClosedPart& part) {
    const Constant b2 = part.amplitude * part.amplitude;
    return (part.over_scale ? b2 : b2 * part.scale_square) * part.rule->derivative(scaled(k, part));
  };
  Expression result = of(parts_[0]);
  for (std::size_t i = 1; i < parts_.size(); ++i) result = result + of(parts_[i]);
  return result;
}

bool ClosedForm::is_nonnegative(bool nonnegative) const {
  return std::ranges::all_of(
      parts_, [&](const ClosedPart& part) { return part.keeps_sign && (nonnegative || !part.odd); });
}

}  // namespace ntkc::duals
