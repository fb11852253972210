#include "compiler/hermite/sparse_plan.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "compiler/hermite/mean_rule.hpp"
#include "compiler/hermite/sparse.hpp"

namespace ntkc::hermite {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double reach = 13;
constexpr int consecutive = 256;
constexpr int most_nodes = 768;
constexpr double target = 2e-13;

/// Beyond which |z| the function is nothing beside its largest value; infinity if it does not fall off.
double find_extent(const RealFunction& g, double furthest) {
  constexpr double ratio = 1.01;
  double largest = 0;
  for (double z = furthest; z > 1e-3; z /= ratio)
    largest = std::max({largest, std::fabs(g(z)), std::fabs(g(-z))});
  if (!std::isfinite(largest)) return infinity;
  for (double z = furthest; z > 1e-3; z /= ratio) {
    if (std::max(std::fabs(g(z)), std::fabs(g(-z))) > 1e-16 * largest)
      return z * ratio < furthest ? z * ratio * ratio : infinity;
  }
  return infinity;
}

double mean_product(const RealFunction& f, const RealFunction& g, double sigma, const Rule& rule) {
  const Quadrature quadrature = broken_quadrature(rule, sigma);
  long double sum = 0;
  for (std::size_t i = 0; i < quadrature.nodes.size(); ++i) {
    const double z = sigma * quadrature.nodes[i];
    if (quadrature.weights[i] != 0) sum += static_cast<long double>(quadrature.weights[i]) * f(z) * g(z);
  }
  return static_cast<double>(sum);
}

/// As many fourfold ranges as there are degrees that the rule resolves at this σ.
int find_tail(const Terms& terms, double sigma) {
  const double ratio = std::pow(largest_nu(terms.rule, sigma), 2) / (terms.first + 2.0 * terms.count);
  if (!(ratio > 1)) return 1;
  return static_cast<int>(std::min(1 + std::log2(ratio) / 2, static_cast<double>(Terms::most_tail)));
}

/// The entries of all parts, one after the other.
std::vector<double> entries(const RealFunction& f, double sigma, const std::vector<Terms>& parts) {
  std::vector<double> result;
  for (const Terms& terms : parts) {
    const std::vector<double> part = coefficients(f, sigma, terms);
    const double scale = std::pow(sigma, terms.order);
    for (const double a : part) result.push_back(scale * a);
  }
  return result;
}

std::vector<Terms> make_parts(const SparseRequest& request, int order, int own_order, const Rule& rule,
                              int count) {
  std::vector<Terms> result;
  for (const int parity : {0, 1}) {
    if (request.parity == (parity == 0 ? Parity::odd : Parity::even)) continue;
    Terms terms = {.count = count, .parity = parity == 0 ? Parity::even : Parity::odd, .rule = rule};
    terms.first = order % 2 == parity ? order : order + 1;
    terms.order = own_order;
    terms.tail = find_tail(terms, *std::ranges::max_element(request.sigmas));
    result.push_back(std::move(terms));
  }
  return result;
}

/// a_k for k < order: σ^k E[r^(k)]/√k!, and those of s, E[s h_k].
std::vector<double> lower_r(const SparseRequest& request, int order, double sigma) {
  std::vector<double> result;
  double scale = 1;
  for (int k = 0; k < order; ++k) {
    result.push_back(
        scale * mean_product(
                    request.r[static_cast<std::size_t>(k)], [](double) { return 1.0; }, sigma, request.mean));
    scale *= sigma / std::sqrt(k + 1.0);
  }
  return result;
}
std::vector<double> lower_s(const SparseRequest& request, int order, double sigma) {
  std::vector<double> result;
  for (int k = 0; k < order; ++k) {
    const auto h = [&](double z) {
      const double t = z / sigma;
      return k == 0 ? 1 : k == 1 ? t : (t * t - 1) / std::sqrt(2);
    };
    result.push_back(mean_product(request.s, h, sigma, request.mean));
  }
  return result;
}

double product(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// Σ A B (1 - w)^e over the entries of all parts.
double contract(const std::vector<Terms>& parts, const std::vector<double>& a, const std::vector<double>& b,
                double w) {
  const double logarithm = std::log1p(-w);
  double sum = 0;
  std::size_t i = 0;
  for (const Terms& terms : parts) {
    for (int j = 0; j < terms.count; ++j, ++i) sum += a[i] * b[i] * std::exp(logarithm * terms.degree(j) / 2);
    for (const SparseDegree& each : sparse_degrees(terms)) {
      sum += a[i] * b[i] * std::exp(logarithm * each.degree / 2);
      ++i;
    }
  }
  return sum;
}

/// The coefficients of r and s at one σ.
struct Coefficients {
  std::vector<double> r;
  std::vector<double> s;
};

Coefficients coefficients_at(const SparseRequest& request, const SparsePlan& plan, double sigma) {
  return {entries(request.r[static_cast<std::size_t>(plan.order)], sigma, plan.r),
          request.s ? entries(request.s, sigma, plan.s) : std::vector<double>{}};
}

/// Σ rr' + rs' + sr' at 1 - w = ρ².
double total(const SparsePlan& plan, const Coefficients& a, const Coefficients& b, double w) {
  double sum = contract(plan.r, a.r, b.r, w);
  if (!a.s.empty()) sum += contract(plan.r, a.r, b.s, w) + contract(plan.r, a.s, b.r, w);
  return sum;
}

double whole_square(const SparseRequest& request, double sigma) {
  const RealFunction f = [&](double z) { return request.r[0](z) + (request.s ? request.s(z) : 0); };
  return mean_product(f, f, sigma, request.mean);
}

double parseval_gap(const SparseRequest& request, const SparsePlan& plan, const Coefficients& at,
                    double sigma) {
  const double square = whole_square(request, sigma);
  if (square == 0) return 0;
  const std::vector<double> lower = lower_r(request, plan.order, sigma);
  double gap = std::fabs(product(lower, lower) + product(at.r, at.r) -
                         mean_product(request.r[0], request.r[0], sigma, request.mean));
  if (request.s) {
    const std::vector<double> other = lower_s(request, plan.order, sigma);
    gap += 2 * std::fabs(product(lower, other) + product(at.r, at.s) -
                         mean_product(request.r[0], request.s, sigma, request.mean));
  }
  return gap / square;
}

/// What other degrees, and other nodes, make of the sums: of two σ, the largest over correlations.
class Comparison {
 public:
  Comparison(const SparseRequest& request, const SparsePlan& plan, const SparsePlan& other)
      : request_(request), plan_(plan), other_(other) {}

  /// Of this σ with itself and those before.
  double add(double sigma) {
    ours_.push_back(coefficients_at(request_, plan_, sigma));
    theirs_.push_back(coefficients_at(request_, other_, sigma));
    sizes_.push_back(std::sqrt(whole_square(request_, sigma)));
    double worst = 0;
    const std::size_t i = sizes_.size() - 1;
    for (std::size_t j = 0; j <= i; ++j) {
      if (sizes_[i] * sizes_[j] == 0) continue;
      for (double w = 1e-12; w < 1; w *= 10) {
        const double found = total(plan_, ours_[i], ours_[j], w) - total(other_, theirs_[i], theirs_[j], w);
        const double each = std::fabs(found) / (sizes_[i] * sizes_[j]);
        if (!(each <= worst)) worst = each;
      }
    }
    return worst;
  }
  [[nodiscard]] const Coefficients& last() const { return ours_.back(); }

 private:
  const SparseRequest& request_;
  const SparsePlan& plan_;
  const SparsePlan& other_;
  std::vector<Coefficients> ours_;
  std::vector<Coefficients> theirs_;
  std::vector<double> sizes_;
};

double difference(const SparseRequest& request, const SparsePlan& plan, const SparsePlan& other) {
  Comparison comparison(request, plan, other);
  double worst = 0;
  for (const double sigma : request.sigmas) {
    const double each = comparison.add(sigma);
    if (!(each <= worst)) worst = each;
  }
  return worst;
}

/// Where r⁽ᵖ⁾ and s are nothing any more.
struct Extents {
  double r = infinity;
  double s = infinity;
};

/// With more degrees and nodes, by which a plan is judged.
SparsePlan refined(const SparseRequest& request, SparsePlan plan) {
  const double largest = *std::ranges::max_element(request.sigmas);
  for (Terms& terms : plan.r) {
    terms.count = terms.count * 4 / 3;
    terms.rule.nodes += terms.rule.nodes / 2;
    terms.tail = find_tail(terms, largest);
  }
  for (std::size_t i = 0; i < plan.s.size(); ++i) {
    const Rule coarse = plan.s[i].rule;
    plan.s[i].count = plan.r[i].count;
    plan.s[i].tail = plan.r[i].tail;
    plan.s[i].rule.nodes = coarse.nodes + coarse.nodes / 2;
  }
  return plan;
}

SparsePlan make_plan(const SparseRequest& request, int order, const Extents& extents, int nodes, int count) {
  SparsePlan plan;
  plan.order = order;
  plan.r = make_parts(request, order, order, {request.breaks, nodes, reach, extents.r}, count);
  if (!request.s) return plan;
  plan.s = make_parts(request, order, 0, {request.breaks, nodes, reach, extents.s}, count);
  for (std::size_t i = 0; i < plan.s.size(); ++i) plan.s[i].tail = plan.r[i].tail;
  return plan;
}

double largest_gap(const SparseRequest& request, const SparsePlan& plan, const std::vector<double>& sigmas) {
  double worst = 0;
  for (const double sigma : sigmas) {
    const double gap = parseval_gap(request, plan, coefficients_at(request, plan, sigma), sigma);
    if (!(gap <= worst)) worst = gap;
  }
  return worst;
}

}  // namespace

SparsePlan plan_sparse(const SparseRequest& request) {
  const double furthest = reach * *std::ranges::max_element(request.sigmas);
  Extents extents;
  int order = -1;
  while (!std::isfinite(extents.r) && ++order < static_cast<int>(request.r.size()))
    extents.r = find_extent(request.r[static_cast<std::size_t>(order)], furthest);
  if (request.s) extents.s = find_extent(request.s, furthest);
  SparsePlan best = {.remainder = infinity};
  if (!std::isfinite(extents.r) || (request.s && !std::isfinite(extents.s))) return best;
  // Parseval's gap sees the squares of what is left out, the difference that more nodes make the product of one
  // with what is kept at another σ.
  double before = infinity;
  for (int nodes = 192; nodes <= most_nodes; nodes *= 2) {
    SparsePlan plan = make_plan(request, order, extents, nodes, consecutive);
    plan.remainder = largest_gap(request, plan, request.sigmas);
    if (plan.remainder > target && nodes < most_nodes) continue;
    plan.remainder += difference(request, plan, refined(request, plan));
    if (plan.remainder < best.remainder) best = plan;
    if (best.remainder <= target || !(best.remainder < before / 2)) break;
    before = best.remainder;
  }
  return best;
}

void find_losses(const SparseRequest& request, SparsePlan& plan) {
  constexpr double steps = 5;
  const auto [low, high] = std::ranges::minmax(request.sigmas);
  const double ratio = std::max(std::sqrt(2.0), std::pow(high / low, 1 / steps));
  const SparsePlan finer = refined(request, plan);
  Comparison comparison(request, plan, finer);
  double worst = 0;
  for (double sigma = high;; sigma = std::max(sigma / ratio, low)) {
    const double difference = comparison.add(sigma);
    const double each = difference + parseval_gap(request, plan, comparison.last(), sigma);
    if (!(2 * each <= worst)) worst = 2 * each;  // more between
    plan.losses.push_back({sigma, worst});
    if (sigma <= low) break;
  }
  plan.remainder = worst < infinity ? worst : infinity;
}

}  // namespace ntkc::hermite
