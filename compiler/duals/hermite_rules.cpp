#include "compiler/duals/hermite_rules.hpp"

#include <cmath>
#include <map>
#include <mutex>
#include <tuple>
#include <utility>

#include "compiler/duals/calculus.hpp"
#include "compiler/duals/numeric_function.hpp"
#include "compiler/hermite/integrability.hpp"
#include "compiler/kernel_ir/function.hpp"
#include "compiler/moments/derivative.hpp"

namespace ntkc::duals {

using hermite::Parity;
using kernel_ir::NodeId;
using kernel_ir::Operation;

namespace {

Expression contract(Operation operation, Expression a, Expression b, Expression s) {
  return operation == Operation::series_distance ? a.apply(operation, {b}) : a.apply(operation, {b, s});
}

/// u, which is known well enough as a difference where only its value counts.
Expression correlation(const CrossCovariance& k) {
  return k.range.nonnegative ? 1.0 - 2.0 * k.z : k.zbar - k.z;
}

/// Σ_k A_k B_k u^k, the series holding what the parity leaves of it.
Expression value(Parity parity, Expression a, Expression b, Expression u) {
  if (parity == Parity::none) return contract(Operation::series_product, a, b, u);
  const Expression product = contract(Operation::series_product, a, b, square(u));
  return parity == Parity::odd ? u * product : product;
}

/// Rounded up in steps of 19 %, so that layers alike share a plan.
double round_up(double deviation) {
  return deviation > 0 ? std::exp2(std::ceil(4 * std::log2(deviation)) / 4) : 0;
}

/// The √q to serve: the ends of their range and one between them.
std::vector<double> served(DeviationRange deviations) {
  const double high = round_up(deviations.high);
  const double low = round_up(deviations.low) / 2;
  return {high, std::sqrt(low * high), low};
}

/// Plans of many terms take a second, and a sweep over a parameter asks for the same one at every point.
hermite::Plan plan_once(const NumericFunction& function, const hermite::Request& request) {
  using Key = std::tuple<NumericFunction, std::vector<double>, std::vector<double>, double, int>;
  constexpr std::size_t most = 256;
  static std::mutex mutex;
  static std::map<Key, hermite::Plan> plans;
  Key key = {function, request.sigmas, request.breaks, request.tolerance, request.most_terms};
  {
    const std::scoped_lock lock(mutex);
    if (const auto found = plans.find(key); found != plans.end()) return found->second;
  }
  hermite::Plan plan = hermite::plan(function, request);
  const std::scoped_lock lock(mutex);
  if (plans.size() >= most) plans.clear();
  plans.emplace(std::move(key), plan);
  return plan;
}

/// Beyond this there is a probability of 1e-19.
double furthest(const std::vector<double>& sigmas) { return 9 * sigmas.front(); }

}  // namespace

const hermite::Plan& HermiteRules::plan_alone(NodeId f, DeviationRange deviations) {
  const std::vector<double> sigmas = served(deviations);
  const auto [position, inserted] = plans_.try_emplace({f, sigmas.back(), sigmas.front()});
  if (inserted) {
    const NumericFunction function(target_, f);
    if (hermite::check_integrability(function).kind != hermite::Integrability::integrable) {
      // The remainder says that there is no dual; the driver reports it.
      position->second = {{2, Parity::none, {{}, 8, 13}}, std::nan("")};
      return position->second;
    }
    std::vector<double> places;
    for (const Break& each : breaks(f, deviations)) places.push_back(each.at);
    // A kink makes the coefficients fall so slowly that more terms gain little.
    position->second = plan_once(function, {.sigmas = sigmas,
                                            .tolerance = options_.tolerance,
                                            .most_terms = places.empty() ? 4096 : 512,
                                            .breaks = places});
  }
  return position->second;
}

const std::vector<Break>& HermiteRules::breaks(NodeId f, DeviationRange deviations) {
  const std::vector<double> sigmas = served(deviations);
  const auto [position, inserted] = breaks_.try_emplace({f, sigmas.back(), sigmas.front()});
  if (inserted) position->second = find_breaks(target_, f, furthest(sigmas));
  return position->second;
}

const HermiteRules::Split* HermiteRules::split(NodeId f, DeviationRange deviations) {
  const hermite::Plan& whole = plan(f, deviations);
  const std::vector<double> sigmas = served(deviations);
  const auto [position, inserted] = splits_.try_emplace({f, sigmas.back(), sigmas.front()});
  // NaN has no parts either.
  if (inserted && !whole.terms.rule.breaks.empty() && whole.remainder > options_.tolerance) {
    std::vector<Break> places = breaks(f, deviations);
    // With a break that moves, ∂f is no function.
    if (differentiate_breaks(target_, f, furthest(sigmas), options_.derivatives, places))
      position->second = find_split(f, places, whole, sigmas);
  }
  return position->second ? &*position->second : nullptr;
}

std::optional<HermiteRules::Split> HermiteRules::find_split(NodeId f, const std::vector<Break>& breaks,
                                                            const hermite::Plan& whole,
                                                            const std::vector<double>& sigmas) {
  const NumericFunction phi(target_, f);
  std::optional<Split> best;
  double least = whole.remainder;
  for (const auto& [order, rate] : {std::pair{1, 0.0},
                                    {4, 0.0},
                                    {8, 0.0},
                                    {12, 0.0},
                                    {4, 0.5},
                                    {8, 0.5},
                                    {12, 0.5},
                                    {4, 1.0},
                                    {8, 1.0},
                                    {12, 1.0},
                                    {4, 2.0},
                                    {8, 2.0},
                                    {12, 2.0},
                                    {8, 4.0},
                                    {12, 4.0}}) {
    Split parts = {singular_parts(target_, breaks, order, rate), 0, 0, {}, 0};
    if (parts.singular.empty() || pair_terms(parts.singular) > most_pair_terms) continue;
    parts.s = singular_function(target_, parts.singular);
    parts.r = target_.subtract(f, parts.s);
    const NumericFunction r(target_, parts.r);
    const NumericFunction s(target_, parts.s);
    if (!is_moderate(r, s, whole.terms.rule, sigmas)) continue;
    const double rounding = rounding_of_split(parts.singular, phi, whole.terms.rule, sigmas);
    if (!(rounding < least)) continue;
    const double remainder = rounding + remainder_of_split(r, s, whole, sigmas.front());
    if (!(remainder < least)) continue;
    least = remainder;
    best = parts;
    best->rounding = rounding;
    if (remainder <= options_.tolerance) break;
  }
  if (!best) return std::nullopt;
  const auto numeric = [&](NodeId r, NodeId s) {
    return Parts{NumericFunction(target_, r), NumericFunction(target_, s)};
  };
  std::vector<Parts> by_parameter;
  for (const std::uint32_t index : options_.derivatives) {
    const NodeId parameter = target_.parameter(index);
    if (target_.is_literal(moments::differentiate(target_, f, parameter), 0)) continue;
    by_parameter.push_back(numeric(moments::differentiate(target_, best->r, parameter),
                                   moments::differentiate(target_, best->s, parameter)));
  }
  best->plan = plan_split(numeric(best->r, best->s), whole, sigmas, options_.tolerance - best->rounding,
                          !options_.derivatives.empty(), by_parameter);
  best->plan.remainder += best->rounding;
  return best;
}

HermiteRules::Normalised HermiteRules::split_moment(const CrossCovariance& k, NodeId f, const Split& split) {
  const hermite::Terms& terms = split.plan.terms;
  const SelfCovariance whole = self_covariance(mean_square(k.self, f, terms.rule));
  const SelfCovariance rest = self_covariance(mean_square(k.self, split.r, terms.rule));
  // r of unit length, as its remainder is looked at; s over √E[f²], its remainder accounted for by the plan.
  const Expression r = {target_, target_.hermite_series(k.self.root.id(), rest.reciprocal.id(), split.r,
                                                        terms, split.plan.remainder)};
  const Expression s = {target_,
                        target_.hermite_series(k.self.root.id(), whole.reciprocal.id(), split.s, terms, 0)};
  const Expression share = rest.root * whole.reciprocal;
  const Expression u = correlation(k);
  const auto product = [&](Expression a, Expression b) { return value(terms.parity, a, b, u); };
  const Expression expanded =
      share.both() * product(r.first(), r.second()) +
      (share.first() * product(r.first(), s.second()) + share.second() * product(s.first(), r.second()));
  const Expression closed = whole.reciprocal.both() * singular_moment(split.singular, gaussian_pair(k));
  return {closed + expanded, whole.root.both()};
}

Expression HermiteRules::mean_square(const SelfCovariance& q, NodeId f, const hermite::Rule& rule) {
  return {target_, target_.gaussian_mean(q.root.id(), target_.square(f), rule)};
}

HermiteRules::Scaled HermiteRules::scaled(const SelfCovariance& q, NodeId f, const hermite::Plan& plan) {
  const SelfCovariance square = self_covariance(mean_square(q, f, plan.terms.rule));
  const NodeId series =
      target_.hermite_series(q.root.id(), square.reciprocal.id(), f, plan.terms, plan.remainder);
  return {{target_, series}, square.root, plan.terms.parity};
}

Expression HermiteRules::self(const SelfCovariance& q, NodeId phi, DeviationRange deviations) {
  return mean_square(q, phi, plan(phi, deviations).terms.rule);
}

Expression HermiteRules::mean(const SelfCovariance& q, NodeId f, DeviationRange deviations) {
  return {target_, target_.gaussian_mean(q.root.id(), f, plan(f, deviations).terms.rule)};
}

CrossCovariance HermiteRules::cross(const CrossCovariance& k, const SelfCovariance& self, NodeId phi,
                                    bool critical, DeviationRange deviations) {
  if (const Split* parts = split(phi, deviations)) {
    const Normalised whole = split_moment(k, phi, *parts);
    const CrossCovariance result = from_value(self.root.both() * whole.value, self);
    constexpr double limit = 40;
    if (!critical || kernel_ir::Function(target_, phi).has_jump(limit)) return result;
    return refine_near_pairs(result, k, near_pairs(k.self, self, phi, parts->plan));
  }
  const Scaled f = scaled(k.self, phi, plan(phi, deviations));
  const Expression a = f.series.first();
  const Expression b = f.series.second();
  const Expression g = self.root.both();
  if (!critical) {
    const Expression u = value(f.parity, a, b, correlation(k));
    return {self, 0.5 * (1.0 - u), 0.5 * (1.0 + u), g * u, {}};
  }
  const Expression distance = contract(Operation::series_distance, a, b, a);
  const Expression zero = k.z.literal(0);
  if (f.parity == Parity::none) {
    const Expression slope = contract(Operation::series_slope, a, b, correlation(k));
    const Expression z = maximum(0.5 * distance + k.z * slope, zero);
    return {self, z, 1.0 - z, g * (1.0 - 2.0 * z), {}};
  }
  // In v = |u| = 1 - 2m: 1 - v² = 4m (1 - m), 1 - v^(2j+1) = (1 - v) + v (1 - v^(2j)).
  const Expression m = smaller_complement(k);
  const Expression v = 1.0 - 2.0 * m;
  const Expression slope = contract(Operation::series_slope, a, b, square(v));
  const Expression rest = 2.0 * (m * (1.0 - m)) * slope;
  if (f.parity == Parity::even) {
    const Expression z = maximum(0.5 * distance + rest, zero);
    return {self, z, 1.0 - z, g * (1.0 - 2.0 * z), {}};
  }
  const Expression z = maximum(0.5 * distance + m * (1.0 - distance) + v * rest, zero);
  const Expression magnitude = g * (1.0 - 2.0 * z);
  return {self,
          select_negative(k, 1.0 - z, z),
          select_negative(k, z, 1.0 - z),
          select_negative(k, -magnitude, magnitude),
          {}};
}

NearPairs HermiteRules::near_pairs(const SelfCovariance& q, const SelfCovariance& self, NodeId phi,
                                   const hermite::Plan& plan) {
  const NodeId slope = slope_of(target_, phi);
  const NodeId growth = target_.multiply(target_.variable(), slope);
  const Expression drift = {
      target_, target_.gaussian_mean(q.root.id(), target_.multiply(phi, growth), plan.terms.rule)};
  return NearPairs::of(q, self, mean_square(q, slope, plan.terms.rule),
                       mean_square(q, growth, plan.terms.rule), drift, plan.terms.parity,
                       std::max(3 * options_.unit_roundoff, plan.remainder));
}

Expression HermiteRules::moment(const CrossCovariance& k, NodeId f, NodeId g, DeviationRange deviations) {
  if (f == g) {
    if (const Split* parts = split(f, deviations)) {
      const Normalised whole = split_moment(k, f, *parts);
      return whole.norm * whole.value;
    }
  }
  hermite::Plan first = plan(f, deviations);
  hermite::Plan second = plan(g, deviations);
  const Parity parity = first.terms.parity;
  if (parity != second.terms.parity && parity != Parity::none && second.terms.parity != Parity::none)
    return k.z.literal(0);
  if (parity != second.terms.parity) {
    for (hermite::Plan* each : {&first, &second}) {
      if (each->terms.parity != Parity::none) each->terms.count *= 2;
      each->terms.parity = Parity::none;
    }
  }
  first.terms.count = second.terms.count = std::max(first.terms.count, second.terms.count);
  const Scaled a = scaled(k.self, f, first);
  const Scaled b = f == g ? a : scaled(k.self, g, second);
  return a.norm.first() * b.norm.second() *
         value(a.parity, a.series.first(), b.series.second(), correlation(k));
}

}  // namespace ntkc::duals
