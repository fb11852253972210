// Hermite expansions by their definition, for the interpreter.
#include <quadmath.h>

#include "compiler/hermite/sparse.hpp"
#include "compiler/kernel_ir/interpret_expansions.hpp"

namespace ntkc::kernel_ir {
namespace {

/// E[f(rt)] is about Σ weights (f(rt)).
struct WeightedNode {
  Quad t;
  Quad weight;
};
std::vector<WeightedNode> nodes_of(const hermite::Rule& rule, Quad root) {
  std::vector<WeightedNode> result;
  if (rule.is_symmetric()) {
    const hermite::Quadrature quadrature = hermite::symmetric_quadrature(rule);
    for (std::size_t i = 0; i < quadrature.nodes.size(); ++i) {
      for (const int side : {1, -1}) result.push_back({side * quadrature.nodes[i], quadrature.weights[i]});
    }
    return result;
  }
  static const Quad root_two_pi = sqrtq(2 * acosq(Quad(-1)));
  const hermite::Quadrature unit = hermite::unit_rule(rule);
  const std::vector<Quad> ends = hermite::edges<Quad>(rule, root);
  for (std::size_t interval = 0; interval + 1 < ends.size(); ++interval) {
    const Quad width = ends[interval + 1] - ends[interval];
    if (width == 0) continue;
    for (std::size_t i = 0; i < unit.nodes.size(); ++i) {
      const Quad t = ends[interval] + width * unit.nodes[i];
      result.push_back({t, width * unit.weights[i] * expq(-t * t / 2) / root_two_pi});
    }
  }
  return result;
}

}  // namespace

Quad mean(const Function& f, Quad root, const hermite::Rule& rule) {
  Quad sum = 0;
  for (const auto& [t, weight] : nodes_of(rule, root)) sum += weight * f.value(root * t);
  return sum;
}

namespace {

/// Entries behind the consecutive ones, the waves in double precision.
void add_sparse(std::vector<Quad>& result, const Function& f, Quad root, Quad scale,
                const hermite::Terms& terms) {
  const bool is_odd = (terms.first - terms.order) % 2 != 0;
  const double resolved = hermite::largest_nu(terms.rule, static_cast<double>(root));
  const std::vector<WeightedNode> nodes = nodes_of(terms.rule, root);
  for (const hermite::SparseDegree& each : hermite::sparse_degrees(terms)) {
    const double m = each.degree - terms.order;
    const hermite::Wave wave = hermite::wave(m, is_odd);
    Quad sum = 0;
    if (wave.nu_square <= resolved * resolved) {
      for (const auto& [t, weight] : nodes)
        sum += weight * f.value(root * t) * expq(t * t / 4) *
               hermite::evaluate(wave, is_odd, static_cast<double>(t));
    }
    result.push_back(scale * sum * each.weight * hermite::integration_factor(m, terms.order) *
                     hermite::sparse_sign(terms));
  }
}

}  // namespace

Quad sum_of_squares(const std::vector<Quad>& series) {
  Quad sum = 0;
  for (const Quad a : series) sum += a * a;
  return sum;
}

Quad contract_sparse(const std::vector<Quad>& a, const std::vector<Quad>& b, Quad w,
                     const hermite::Terms& terms, bool is_deficit) {
  const std::vector<hermite::SparseDegree> sparse = hermite::sparse_degrees(terms);
  const Quad logarithm = log1pq(-w);
  Quad sum = 0;
  for (std::size_t j = 0; j < a.size(); ++j) {
    const auto count = static_cast<std::size_t>(terms.count);
    const Quad exponent = j < count ? Quad(j) : (sparse[j - count].degree - terms.first) / 2;
    const Quad power = exponent == 0 ? Quad(0) : exponent * logarithm;
    sum += a[j] * b[j] * (is_deficit ? -expm1q(power) : expq(power));
  }
  return sum;
}

std::vector<Quad> coefficients(const Function& f, Quad root, Quad scale, const hermite::Terms& terms) {
  const int degrees = terms.degree(terms.count - 1) + 1 + (terms.turned ? 2 : 0);
  std::vector<Quad> all(static_cast<std::size_t>(degrees), 0);
  std::vector<Quad> roots;
  for (int k = 0; k <= degrees; ++k) roots.push_back(sqrtq(k));
  for (const auto& [t, weight] : nodes_of(terms.rule, root)) {
    const Quad value = weight * f.value(root * t);
    Quad previous = 0;
    Quad current = 1;  // h_k(t)
    for (int k = 0; k < degrees; ++k) {
      all[static_cast<std::size_t>(k)] += current * value;
      const auto i_k = static_cast<std::size_t>(k);
      const Quad next = (t * current - roots[i_k] * previous) / roots[i_k + 1];
      previous = current;
      current = next;
    }
  }
  std::vector<Quad> result;
  for (int j = 0; j < terms.count; ++j) {
    const auto k = static_cast<std::size_t>(terms.degree(j) - terms.order);
    if (terms.tail > 0) {
      result.push_back(scale * all[k] * hermite::integration_factor(static_cast<double>(k), terms.order) *
                       hermite::consecutive_weight(terms, j));
      continue;
    }
    result.push_back(scale * (terms.turned
                                  ? terms.degree(j) * all[k] + roots[k + 1] * roots[k + 2] * all[k + 2]
                                  : all[k]));
  }
  if (terms.tail > 0) add_sparse(result, f, root, scale, terms);
  return result;
}

}  // namespace ntkc::kernel_ir
