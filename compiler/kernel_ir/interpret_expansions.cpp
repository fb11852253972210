// Hermite expansions by their definition, for the interpreter.
#include <quadmath.h>

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
  const hermite::Quadrature unit = hermite::unit_legendre(rule.nodes);
  const std::vector<Quad> ends = hermite::edges<Quad>(rule, root);
  for (std::size_t interval = 0; interval + 1 < ends.size(); ++interval) {
    const Quad width = ends[interval + 1] - ends[interval];
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
    const auto k = static_cast<std::size_t>(terms.degree(j));
    result.push_back(scale * (terms.turned
                                  ? terms.degree(j) * all[k] + roots[k + 1] * roots[k + 2] * all[k + 2]
                                  : all[k]));
  }
  return result;
}

}  // namespace ntkc::kernel_ir
