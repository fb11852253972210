#include "compiler/duals/hermite_rules.hpp"

#include <algorithm>

#include "compiler/duals/calculus.hpp"
#include "compiler/duals/numeric_function.hpp"
#include "compiler/kernel_ir/function.hpp"

namespace ntkc::duals {

using hermite::Parity;
using kernel_ir::NodeId;
using kernel_ir::Operation;

namespace {

/// Less is within what is said to be exact.
constexpr double stated_from = 1e-13;

Expression contract(Operation operation, Expression a, Expression b, Expression s) {
  return operation == Operation::series_distance ? a.apply(operation, {b}) : a.apply(operation, {b, s});
}

/// u, which is known well enough as a difference where only its value counts.
Expression correlation(const CrossCovariance& k) {
  return k.range.nonnegative ? 1.0 - 2.0 * k.complement : k.cocomplement - k.complement;
}

/// Σ_k A_k B_k u^k, the series holding what the parity leaves of it.
Expression value(Parity parity, Expression a, Expression b, Expression u) {
  if (parity == Parity::none) return contract(Operation::series_product, a, b, u);
  const Expression product = contract(Operation::series_product, a, b, square(u));
  return parity == Parity::odd ? u * product : product;
}

}  // namespace

HermiteRules::Normalised HermiteRules::split_moment(const CrossCovariance& k, NodeId f,
                                                    const Split& split) const {
  const hermite::Terms& terms = split.plan.terms;
  const SelfCovariance whole = self_covariance(mean_square(k.self, f, split.plan.mean));
  const SelfCovariance rest = self_covariance(mean_square(k.self, split.r, split.plan.mean));
  // r of unit length, as its remainder is looked at; s over √E[f²], its remainder accounted for by the plan.
  const Expression r = {program_, program_.hermite_series(k.self.root.id(), rest.reciprocal.id(), split.r,
                                                          terms, split.plan.remainder)};
  const Expression s = {program_,
                        program_.hermite_series(k.self.root.id(), whole.reciprocal.id(), split.s, terms, 0)};
  const Expression share = rest.root * whole.reciprocal;
  const Expression u = correlation(k);
  const auto product = [&](Expression a, Expression b) { return value(terms.parity, a, b, u); };
  const Expression expanded =
      share.both() * product(r.first(), r.second()) +
      (share.first() * product(r.first(), s.second()) + share.second() * product(s.first(), r.second()));
  const Expression closed = whole.reciprocal.both() * singular_moment(split.singular, gaussian_pair(k));
  return {closed + expanded, stating(whole.root, split.plan.remainder).both()};
}

Expression HermiteRules::stating(Expression value, double loss) const {
  // Not of what W_std = 0 leaves constant.
  const bool is_of_sample = program_[value.id()].dependence == kernel_ir::Dependence::sample;
  return is_of_sample && loss > stated_from ? with_loss(value, value.literal(loss)) : value;
}

Expression HermiteRules::mean_square(const SelfCovariance& q, NodeId f, const hermite::Rule& rule) const {
  return {program_, program_.gaussian_mean(q.root.id(), program_.square(f), rule)};
}

HermiteRules::Scaled HermiteRules::scaled(const SelfCovariance& q, NodeId f,
                                          const hermite::Plan& plan) const {
  const SelfCovariance square = self_covariance(mean_square(q, f, plan.mean));
  const NodeId series =
      program_.hermite_series(q.root.id(), square.reciprocal.id(), f, plan.terms, plan.remainder);
  return {{program_, series}, stating(square.root, plan.unseen), plan.terms.parity};
}

Expression HermiteRules::self(const SelfCovariance& q, const PlannedExpansion& phi) const {
  if (phi.sparse) return sparse_self(q, phi.function, *phi.sparse);
  // Of a split what the rest leaves out at a sample is not all.
  return stating(mean_square(q, phi.function, phi.whole.mean),
                 phi.split ? phi.split->plan.remainder : phi.whole.unseen);
}

Expression HermiteRules::mean(const SelfCovariance& q, NodeId f, const hermite::Plan& plan) const {
  return {program_, program_.gaussian_mean(q.root.id(), f, plan.mean)};
}

CrossCovariance HermiteRules::cross(const CrossCovariance& k, const SelfCovariance& self,
                                    const PlannedExpansion& phi, bool critical) const {
  if (phi.sparse) {
    const CrossCovariance value = sparse_cross(k, self, phi, critical);
    const bool is_split = phi.sparse->s != kernel_ir::no_node;
    if (!critical || !is_split) return value;
    return near_pairs_refined(value, k, phi.function, phi.sparse->singular, phi.sparse->mean,
                              phi.whole.terms.parity, phi.sparse->plan.remainder);
  }
  if (phi.split) {
    const Normalised whole = split_moment(k, phi.function, *phi.split);
    const CrossCovariance result = from_value(self.root.both() * whole.value, self);
    if (!critical) return result;
    return near_pairs_refined(result, k, phi.function, phi.split->singular, phi.split->plan.mean,
                              phi.split->plan.terms.parity, phi.split->plan.remainder);
  }
  const Scaled f = scaled(k.self, phi.function, phi.whole);
  const Expression a = f.series.first();
  const Expression b = f.series.second();
  const Expression g = self.root.both();
  if (!critical) {
    const Expression u = value(f.parity, a, b, correlation(k));
    return {self, 0.5 * (1.0 - u), 0.5 * (1.0 + u), g * u, {}};
  }
  const Expression distance = contract(Operation::series_distance, a, b, a);
  const Expression zero = k.complement.literal(0);
  if (f.parity == Parity::none) {
    const Expression slope = contract(Operation::series_slope, a, b, correlation(k));
    const Expression z = maximum(0.5 * distance + k.complement * slope, zero);
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

CrossCovariance HermiteRules::near_pairs_refined(const CrossCovariance& value, const CrossCovariance& k,
                                                 NodeId phi, const std::vector<SingularPart>& singular,
                                                 const hermite::Rule& mean, Parity parity,
                                                 double remainder) const {
  const std::vector<moments::Jump> known = jumps_of(singular);
  if (kernel_ir::Function(program_, phi).jumps(furthest_jump, furthest_jump).size() != known.size())
    return value;
  const SelfCovariance& q = k.self;
  const SelfCovariance& self = value.self;
  const NodeId slope = slope_of(program_, phi);
  const NodeId growth = program_.multiply(program_.variable(), slope);
  const Expression drift = {program_,
                            program_.gaussian_mean(q.root.id(), program_.multiply(phi, growth), mean)};
  NearPairs near = NearPairs::of(q, self, mean_square(q, slope, mean), mean_square(q, growth, mean), drift,
                                 parity, std::max(3 * unit_roundoff_, remainder));
  near.add(known, q, self);
  return refine_near_pairs(value, k, near);
}

Expression HermiteRules::moment(const CrossCovariance& k, const PlannedExpansion& f,
                                const PlannedExpansion& g) const {
  const bool is_square = f.function == g.function;
  if (is_square && f.sparse) {
    const Normalised whole = sparse_moment(k, f.function, *f.sparse);
    return whole.norm * whole.value;
  }
  if (is_square && f.split) {
    const Normalised whole = split_moment(k, f.function, *f.split);
    return whole.norm * whole.value;
  }
  hermite::Plan first = f.whole;
  hermite::Plan second = g.whole;
  const Parity parity = first.terms.parity;
  if (parity != second.terms.parity && parity != Parity::none && second.terms.parity != Parity::none)
    return k.complement.literal(0);
  if (parity != second.terms.parity) {
    for (hermite::Plan* each : {&first, &second}) {
      if (each->terms.parity != Parity::none) each->terms.count *= 2;
      each->terms.parity = Parity::none;
    }
  }
  first.terms.count = second.terms.count = std::max(first.terms.count, second.terms.count);
  const Scaled a = scaled(k.self, f.function, first);
  const Scaled b = is_square ? a : scaled(k.self, g.function, second);
  return a.norm.first() * b.norm.second() *
         value(a.parity, a.series.first(), b.series.second(), correlation(k));
}

}  // namespace ntkc::duals
