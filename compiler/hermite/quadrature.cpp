#include "compiler/hermite/quadrature.hpp"

#include <cmath>
#include <numbers>

namespace ntkc::hermite {
namespace {

constexpr long double pi = std::numbers::pi_v<long double>;

long double density(long double t) { return std::exp(-t * t / 2) / std::sqrt(2 * pi); }

/// Pₙ(x) and its derivative, by the three-term recurrence.
struct Legendre {
  long double value = 0;
  long double slope = 0;
};
Legendre legendre(int n, long double x) {
  long double previous = 1;
  long double current = x;
  for (int k = 2; k <= n; ++k) {
    const long double next = ((2 * k - 1) * x * current - (k - 1) * previous) / k;
    previous = current;
    current = next;
  }
  return {current, n * (x * current - previous) / (x * x - 1)};
}

/// A node of Gauss-Legendre on [0, 1] with its weight.
struct UnitNode {
  long double x;
  long double weight;
};

/// Roots by Newton's method from Tricomi's estimate, in ascending order.
std::vector<UnitNode> unit_nodes(int n) {
  std::vector<UnitNode> result;
  for (int i = n; i >= 1; --i) {
    long double x = std::cos(pi * (i - 0.25L) / (n + 0.5L));
    for (int step = 0; step < 4; ++step) {
      const Legendre p = legendre(n, x);
      x -= p.value / p.slope;
    }
    const long double slope = legendre(n, x).slope;
    result.push_back({(1 + x) / 2, 1 / ((1 - x * x) * slope * slope)});
  }
  return result;
}

/// Gauss-Legendre on [0, reach].
Quadrature gauss_legendre(int n, long double reach) {
  Quadrature result;
  for (const UnitNode& node : unit_nodes(n)) {
    const long double t = reach * node.x;
    result.nodes.push_back(static_cast<double>(t));
    result.weights.push_back(static_cast<double>(reach * node.weight * density(t)));
  }
  return result;
}

/// Nodes 0, h, 2h, …; the node 0 counts once on each side.
Quadrature trapezoid(int n, long double reach) {
  Quadrature result;
  const long double h = reach / (n - 1);
  for (int i = 0; i < n; ++i) {
    const long double t = i * h;
    result.nodes.push_back(static_cast<double>(t));
    result.weights.push_back(static_cast<double>((i == 0 ? h / 2 : h) * density(t)));
  }
  return result;
}

}  // namespace

Quadrature unit_legendre(int nodes) {
  Quadrature result;
  for (const UnitNode& node : unit_nodes(nodes)) {
    result.nodes.push_back(static_cast<double>(node.x));
    result.weights.push_back(static_cast<double>(node.weight));
  }
  return result;
}

Quadrature make_quadrature(const Rule& rule) {
  return rule.split ? gauss_legendre(rule.nodes, rule.reach) : trapezoid(rule.nodes, rule.reach);
}

}  // namespace ntkc::hermite
