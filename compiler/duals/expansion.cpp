#include "compiler/duals/expansion.hpp"

#include <cmath>
#include <mutex>
#include <utility>

#include "compiler/duals/numeric_function.hpp"
#include "compiler/elementary/enclosure.hpp"
#include "compiler/hermite/integrability.hpp"
#include "compiler/hermite/work.hpp"
#include "compiler/moments/derivative.hpp"

namespace ntkc::duals {

using hermite::Parity;
using kernel_ir::NodeId;

namespace {

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
  struct Kept {
    hermite::Plan plan;
    double work = 0;  ///< counted again, so that limits do not depend on what was asked before
  };
  static std::map<Key, Kept> plans;
  Key key = {function, request.sigmas, request.breaks, request.tolerance, request.most_terms};
  {
    const std::scoped_lock lock(mutex);
    if (const auto found = plans.find(key); found != plans.end()) {
      hermite::WorkLimit::spend(found->second.work);
      return found->second.plan;
    }
  }
  const double before = hermite::WorkLimit::spent();
  hermite::Plan plan = hermite::plan(function, request);
  const std::scoped_lock lock(mutex);
  if (plans.size() >= most) plans.clear();
  plans.emplace(std::move(key), Kept{plan, hermite::WorkLimit::spent() - before});
  return plan;
}

/// Of consecutive degrees, before others are tried.
constexpr int most_consecutive = 1024;

/// Beyond this there is a probability of 1e-19.
double furthest(const std::vector<double>& sigmas) { return 9 * sigmas.front(); }

}  // namespace

const hermite::Plan& ExpansionPlanner::plan_alone(NodeId f, DeviationRange deviations, int most_terms) {
  const std::vector<double> sigmas = served(deviations);
  const auto [position, inserted] = plans_.try_emplace({f, sigmas.back(), sigmas.front()});
  const bool has_more = !inserted && position->second.remainder > options_.tolerance &&
                        position->second.terms.count < most_terms;
  if (inserted || has_more) {
    const NumericFunction function(program_, f);
    if (hermite::check_integrability(function).kind != hermite::Integrability::integrable) {
      // The remainder says that there is no dual; the driver reports it.
      position->second = {{2, Parity::none, {{}, 8, 13}}, {{}, 8, 13}, std::nan("")};
      return position->second;
    }
    std::vector<double> places;
    for (const Break& each : breaks(f, deviations)) places.push_back(each.at);
    // A kink makes the coefficients fall so slowly that more terms gain little.
    const elementary::Enclosure enclosure(function);
    const auto bound = [&](double low, double high, double rho) { return enclosure.largest(low, high, rho); };
    position->second = plan_once(function, {.sigmas = sigmas,
                                            .tolerance = options_.tolerance,
                                            .most_terms = places.empty() ? most_terms : 512,
                                            .breaks = places,
                                            .bound = bound});
  }
  return position->second;
}

const std::vector<Break>& ExpansionPlanner::breaks(NodeId f, DeviationRange deviations) {
  const std::vector<double> sigmas = served(deviations);
  const auto [position, inserted] = breaks_.try_emplace({f, sigmas.back(), sigmas.front()});
  if (inserted) position->second = find_breaks(program_, f, furthest(sigmas));
  return position->second;
}

const PlannedExpansion& ExpansionPlanner::find(NodeId f, DeviationRange deviations) {
  const std::vector<double> sigmas = served(deviations);
  const auto [position, inserted] = expansions_.try_emplace({f, sigmas.back(), sigmas.front()});
  PlannedExpansion& result = position->second;
  if (!inserted) return result;
  // Derivatives by parameters are taken term by term.
  const bool may_be_sparse = options_.derivatives.empty() && sigmas.back() > 0;
  result = {f, may_be_sparse ? plan_alone(f, deviations, most_consecutive) : plan(f, deviations)};
  // NaN has no parts either.
  if (!(result.whole.remainder > options_.tolerance)) return result;
  std::vector<Break> places = breaks(f, deviations);
  const bool is_broken = !result.whole.terms.rule.breaks.empty();
  const auto try_split = [&] {
    // With a break that moves, ∂f is no function.
    if (is_broken && differentiate_breaks(program_, f, furthest(sigmas), options_.derivatives, places))
      result.split = find_split(f, places, result.whole, sigmas);
  };
  const auto try_sparse = [&] {
    // Splitting takes seconds, which what was expanded to in this range so far does not call for.
    const double enough =
        is_broken && sigmas.front() < 8 ? std::max(1e-8, options_.tolerance) : options_.tolerance;
    if (may_be_sparse && result.remainder() > enough)
      result.sparse = find_sparse(f, places, result.whole, sigmas, result.remainder());
  };
  // Consecutive degrees are for √q of the size of what φ has.
  const bool is_wide = sigmas.front() > 8;
  if (!is_wide) try_split();
  try_sparse();
  if (is_wide && !result.sparse) try_split();
  if (result.whole.terms.rule.breaks.empty() && result.remainder() > options_.tolerance) {
    const hermite::Plan& longer = plan(f, deviations);
    if (longer.remainder < result.remainder()) {
      result.sparse.reset();
      result.whole = longer;
    }
  }
  return result;
}

std::optional<Split> ExpansionPlanner::find_split(NodeId f, const std::vector<Break>& breaks,
                                                  const hermite::Plan& whole,
                                                  const std::vector<double>& sigmas) {
  const NumericFunction phi(program_, f);
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
    Split parts = {singular_parts(program_, breaks, order, rate), 0, 0, {}, 0};
    if (parts.singular.empty() || pair_terms(parts.singular) > most_pair_terms) continue;
    parts.s = singular_function(program_, parts.singular);
    parts.r = program_.subtract(f, parts.s);
    const NumericFunction r(program_, parts.r);
    const NumericFunction s(program_, parts.s);
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
    return Parts{NumericFunction(program_, r), NumericFunction(program_, s)};
  };
  std::vector<Parts> by_parameter;
  for (const std::uint32_t index : options_.derivatives) {
    const NodeId parameter = program_.parameter(index);
    if (program_.is_literal(moments::differentiate(program_, f, parameter), 0)) continue;
    by_parameter.push_back(numeric(moments::differentiate(program_, best->r, parameter),
                                   moments::differentiate(program_, best->s, parameter)));
  }
  best->plan = plan_split(numeric(best->r, best->s), whole, sigmas, options_.tolerance - best->rounding,
                          !options_.derivatives.empty(), by_parameter);
  best->plan.remainder += best->rounding;
  return best;
}

}  // namespace ntkc::duals
