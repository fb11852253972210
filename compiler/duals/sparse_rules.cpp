// Expansions over sparse degrees as arithmetic. With v = |u| = 1 - 2m and w = 1 - v² = 4m (1 - m), the parts of
// even and of odd degrees are v^first Σ_j A_j B_j (1 - w)^e.
#include <array>
#include <cmath>

#include "compiler/duals/calculus.hpp"
#include "compiler/duals/hermite_rules.hpp"

namespace ntkc::duals {

using hermite::Parity;
using kernel_ir::NodeId;
using kernel_ir::Operation;

namespace {

/// What is stated of samples that are smaller than a plan foresees: 4e-5 is the largest that was found at √q of 1/64
/// of the largest.
constexpr double unplanned_loss = 1e-4;

Expression power(Expression a, int n) {
  Expression result = a.literal(1);
  for (int i = 0; i < n; ++i) result = result.is(1) ? a : result * a;
  return result;
}

/// 1 - vⁿ = 2m (1 + v + … + vⁿ⁻¹).
Expression power_deficit(Expression m, Expression v, int n) {
  Expression sum = m.literal(n > 0 ? 1 : 0);
  for (int i = 1; i < n; ++i) sum = 1.0 + v * sum;
  return 2.0 * (m * sum);
}

/// What even and what odd degrees add up to.
using ByParity = std::array<Expression, 2>;

}  // namespace

HermiteRules::SparseSeries HermiteRules::sparse_series(const SelfCovariance& q, NodeId f,
                                                       const Sparse& sparse) const {
  const Expression square = mean_square(q, f, sparse.mean);
  const Expression over = self_covariance(square).reciprocal;
  const auto mean = [&](NodeId g) {
    return Expression(program_, program_.gaussian_mean(q.root.id(), g, sparse.mean));
  };
  SparseSeries result = {{}, {}, {}, {}, square, over};
  const int order = sparse.plan.order;
  const NodeId r = sparse.derivatives[0];
  Expression loss = (r == f ? square : mean_square(q, r, sparse.mean)) * (over * over);
  Expression scale = over;
  for (int k = 0; k < order; ++k) {
    const Expression a = scale * mean(sparse.derivatives[static_cast<std::size_t>(k)]);
    result.lower_r.push_back(a);
    loss = loss - a * a;
    scale = scale * q.root;
    if (k > 0) scale = (1 / std::sqrt(k + 1.0)) * scale;
  }
  // The factorials of the entries are in the series.
  const Expression raised = power(q.root, order) * over;
  const auto series = [&](Expression by, NodeId g, const hermite::Terms& terms, double remainder) {
    return Expression(program_, program_.hermite_series(q.root.id(), by.id(), g, terms, remainder));
  };
  for (const hermite::Terms& terms : sparse.plan.r) {
    result.r.push_back(series(raised, sparse.derivatives.back(), terms, sparse.plan.remainder));
    loss = loss - result.r.back().apply(Operation::series_square);
  }
  for (const hermite::Terms& terms : sparse.plan.s) result.s.push_back(series(over, sparse.s, terms, 0));
  if (!result.s.empty()) {
    NodeId g = sparse.s;
    for (int k = 0; k < order; ++k) {  // h₀ = 1, h₁ = t
      result.lower_s.push_back(k == 0 ? over * mean(g) : over * (q.reciprocal * mean(g)));
      g = program_.multiply(g, program_.variable());
    }
  }
  double last = 0;
  // What else is off is known of ranges of σ.
  Expression stated = loss.literal(0);
  for (const auto& [sigma, most] : sparse.plan.losses) {
    const Expression each = loss.literal(most + sparse.other_error);
    stated = stated.is(0) ? each : select_less(q.root, q.root.literal(last), each, stated);
    last = sigma * (1 - 1e-9);
  }
  if (sparse.s != kernel_ir::no_node) {
    // Of what is split, a smaller sample beside large ones was not looked at.
    const Expression unknown =
        select_less(loss.literal(0), q.root, loss.literal(unplanned_loss), loss.literal(0));
    stated = select_less(q.root, q.root.literal(last), unknown, stated);
  }
  result.loss = absolute(loss) + stated;
  return result;
}

Expression HermiteRules::sparse_self(const SelfCovariance& q, NodeId f, const Sparse& sparse) const {
  const SparseSeries series = sparse_series(q, f, sparse);
  return with_loss(series.square, series.loss);
}

namespace {

/// Σ a_k b_k v^k over the lower degrees.
void add_lower(ByParity& sums, const std::vector<Expression>& a, const std::vector<Expression>& b,
               Expression v) {
  for (std::size_t k = 0; k < a.size(); ++k)
    sums.at(k % 2) = sums.at(k % 2) + a[k].first() * b[k].second() * power(v, static_cast<int>(k));
}

void add_parts(ByParity& sums, const std::vector<Expression>& a, const std::vector<Expression>& b,
               const std::vector<hermite::Terms>& parts, Expression v, Expression w) {
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Expression& sum = sums.at(static_cast<std::size_t>(parts[i].first % 2));
    sum = sum + power(v, parts[i].first) * a[i].first().apply(Operation::sparse_product, {b[i].second(), w});
  }
}

Expression join(const CrossCovariance& k, const ByParity& sums, Parity parity) {
  if (parity == Parity::even) return sums[0];
  if (parity == Parity::odd) return select_negative(k, -sums[1], sums[1]);
  return select_negative(k, sums[0] - sums[1], sums[0] + sums[1]);
}

Parity parity_of(const hermite::SparsePlan& plan) {
  if (plan.r.size() > 1) return Parity::none;
  return plan.r[0].first % 2 == 0 ? Parity::even : Parity::odd;
}

}  // namespace

HermiteRules::Normalised HermiteRules::sparse_moment(const CrossCovariance& k, NodeId f,
                                                     const Sparse& sparse) const {
  const SparseSeries series = sparse_series(k.self, f, sparse);
  const Expression m = smaller_complement(k);
  const Expression v = 1.0 - 2.0 * m;
  const Expression w = 4.0 * (m * (1.0 - m));
  ByParity sums = {m.literal(0), m.literal(0)};
  const auto add = [&](const auto& a_lower, const auto& a, const auto& b_lower, const auto& b) {
    add_lower(sums, a_lower, b_lower, v);
    add_parts(sums, a, b, sparse.plan.r, v, w);
  };
  add(series.lower_r, series.r, series.lower_r, series.r);
  const SelfCovariance whole = self_covariance(series.square);
  if (!series.s.empty()) {
    add(series.lower_r, series.r, series.lower_s, series.s);
    add(series.lower_s, series.s, series.lower_r, series.r);
  }
  Expression value = join(k, sums, parity_of(sparse.plan));
  if (!series.s.empty())
    value = value + whole.reciprocal.both() * singular_moment(sparse.singular, gaussian_pair(k));
  return {value, with_loss(whole.root, series.loss).both()};
}

CrossCovariance HermiteRules::sparse_cross(const CrossCovariance& k, const SelfCovariance& self,
                                           const PlannedExpansion& phi, bool critical) const {
  const Sparse& sparse = *phi.sparse;
  const Normalised whole = sparse_moment(k, phi.function, sparse);
  if (sparse.s != kernel_ir::no_node || !critical) return from_value(self.root.both() * whole.value, self);
  // 1 - U = D + Σ_k a_k a'_k (1 - v^k), as where degrees are consecutive. With u = -v, 1 + v^k in place of 1 - v^k for odd
  // k: twice the sum of a_k a'_k less that of the deficits, of which half is left at least.
  const SparseSeries series = sparse_series(k.self, phi.function, sparse);
  const Expression m = smaller_complement(k);
  const Expression v = 1.0 - 2.0 * m;
  const Expression w = 4.0 * (m * (1.0 - m));
  Expression distance = m.literal(0);
  ByParity deficits = {m.literal(0), m.literal(0)};
  Expression odd_product = m.literal(0);
  for (std::size_t i = 0; i < series.lower_r.size(); ++i) {
    const Expression a = series.lower_r[i].first();
    const Expression b = series.lower_r[i].second();
    distance = distance + 0.5 * square(a - b);
    deficits.at(i % 2) = deficits.at(i % 2) + a * b * power_deficit(m, v, static_cast<int>(i));
    if (i % 2 == 1) odd_product = odd_product + a * b;
  }
  for (std::size_t i = 0; i < series.r.size(); ++i) {
    const Expression a = series.r[i].first();
    const Expression b = series.r[i].second();
    const int first = sparse.plan.r[i].first;
    distance = distance + a.apply(Operation::series_distance, {b});
    Expression& deficit = deficits.at(static_cast<std::size_t>(first % 2));
    deficit = deficit + power(v, first) * a.apply(Operation::sparse_deficit, {b, w});
    if (first == 0) continue;
    const Expression product = a.apply(Operation::sparse_product, {b, m.literal(0)});
    deficit = deficit + power_deficit(m, v, first) * product;
    if (first % 2 == 1) odd_product = odd_product + product;
  }
  const auto half = [&](const Expression& rest) { return maximum(0.5 * rest, m.literal(0)); };
  const Expression z = half(distance + deficits[0] + deficits[1]);
  const Expression magnitude = self.root.both() * (1.0 - 2.0 * z);
  const Parity parity = parity_of(sparse.plan);
  if (parity == Parity::even) return {self, z, 1.0 - z, magnitude, {}};
  if (parity == Parity::odd) {
    return {self,
            select_negative(k, 1.0 - z, z),
            select_negative(k, z, 1.0 - z),
            select_negative(k, -magnitude, magnitude),
            {}};
  }
  const Expression opposite = half(distance + deficits[0] + (2.0 * odd_product - deficits[1]));
  const Expression complement = select_negative(k, opposite, z);
  return {self, complement, 1.0 - complement, self.root.both() * (1.0 - 2.0 * complement), {}};
}

}  // namespace ntkc::duals
