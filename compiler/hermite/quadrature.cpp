#include "compiler/hermite/quadrature.hpp"

#include <cmath>
#include <map>
#include <numbers>

#include "ntkc/cancellation.hpp"

namespace ntkc::hermite {
namespace {

constexpr long double pi = std::numbers::pi_v<long double>;

long double density(long double t) { return std::exp(-t * t / 2) / std::sqrt(2 * pi); }

/// Pₙ(x) and its derivative.
struct Legendre {
  long double value = 0;
  long double slope = 0;
};

/// The three-term recurrence of Legendre polynomials of degree up to n, its quotients computed once: a plan
/// asks for thousands of nodes, each by a walk through all degrees.
class LegendreRecurrence {
 public:
  explicit LegendreRecurrence(int n) : n_(n) {
    for (int k = 2; k <= n; ++k) shares_.push_back(1.0L / k);
  }
  [[nodiscard]] Legendre evaluate(long double x) const {
    long double previous = 1;
    long double current = x;
    for (const long double share : shares_) {
      const long double next = (2 - share) * (x * current) - (1 - share) * previous;
      previous = current;
      current = next;
    }
    return {current, n_ * (x * current - previous) / (x * x - 1)};
  }

 private:
  int n_;
  std::vector<long double> shares_;  ///< 1/k for k = 2 … n
};

/// A node of Gauss-Legendre on [0, 1] with its weight.
struct UnitNode {
  long double x;
  long double weight;
};

/// Roots by Newton's method from Tricomi's estimate, in ascending order; those below ½ mirror those above.
/// Known ones are kept.
const std::vector<UnitNode>& unit_nodes(int n) {
  thread_local std::map<int, std::vector<UnitNode>> known;
  std::vector<UnitNode>& result = known[n];
  if (!result.empty()) return result;
  const LegendreRecurrence recurrence(n);
  result.resize(static_cast<std::size_t>(n));
  for (int i = 1; 2 * i <= n + 1; ++i) {
    CancellationScope::poll();
    long double x = std::cos(pi * (i - 0.25L) / (n + 0.5L));
    Legendre p = recurrence.evaluate(x);
    // Quadratic convergence: after a step below 1e-10 the error is below the rounding of x.
    for (long double step = 1; std::abs(step) > 1e-10L; p = recurrence.evaluate(x)) {
      step = p.value / p.slope;
      x -= step;
    }
    const long double weight = 1 / ((1 - x * x) * p.slope * p.slope);
    result[static_cast<std::size_t>(n - i)] = {(1 + x) / 2, weight};
    result[static_cast<std::size_t>(i - 1)] = {(1 - x) / 2, weight};
  }
  return result;
}

std::vector<UnitNode> unit_trapezoid(int n) {
  std::vector<UnitNode> result;
  for (int i = 0; i < n; ++i) result.push_back({static_cast<long double>(i) / (n - 1), 1.0L / (n - 1)});
  result.front().weight /= 2;
  result.back().weight /= 2;
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

Quadrature unit_rule(const Rule& rule) {
  if (!rule.breaks.empty() || rule.extent == 0) return unit_legendre(rule.nodes);
  Quadrature result;
  for (const UnitNode& node : unit_trapezoid(rule.nodes)) {
    result.nodes.push_back(static_cast<double>(node.x));
    result.weights.push_back(static_cast<double>(node.weight));
  }
  return result;
}

Quadrature symmetric_quadrature(const Rule& rule) {
  return rule.breaks.empty() ? trapezoid(rule.nodes, rule.reach) : gauss_legendre(rule.nodes, rule.reach);
}

Quadrature broken_quadrature(const Rule& rule, double sigma) {
  Quadrature result;
  const std::vector<UnitNode> unit =
      rule.breaks.empty() && rule.extent > 0 ? unit_trapezoid(rule.nodes) : unit_nodes(rule.nodes);
  const std::vector<long double> ends = edges<long double>(rule, sigma);
  for (std::size_t i = 0; i + 1 < ends.size(); ++i) {
    const long double width = ends[i + 1] - ends[i];
    for (const UnitNode& node : unit) {
      const long double t = ends[i] + width * node.x;
      result.nodes.push_back(static_cast<double>(t));
      result.weights.push_back(static_cast<double>(width * node.weight * density(t)));
    }
  }
  return result;
}

}  // namespace ntkc::hermite
