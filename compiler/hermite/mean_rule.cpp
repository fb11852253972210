#include "compiler/hermite/mean_rule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>
#include <utility>

namespace ntkc::hermite {
namespace {

/// With a break at 0 no interval is wider than the reach, 13 as a rule, however small σ is: so many nodes have
/// e^(-t²/2) there to 2e-15, where 24 have it to 2e-13.
constexpr int nodes = 28;
constexpr std::size_t most_breaks = 96;
/// Between any two σ there is one every factor of √2.
constexpr double sigma_step = 1.4142135623730951;

/// The parts of E[f(σt)²] between the breaks.
std::vector<double> parts(const RealFunction& f, double sigma, const Rule& rule) {
  const Quadrature quadrature = broken_quadrature(rule, sigma);
  std::vector<double> result(rule.breaks.size() + 1, 0);
  for (std::size_t i = 0; i < quadrature.nodes.size(); ++i) {
    if (quadrature.weights[i] == 0) continue;
    const double value = f(sigma * quadrature.nodes[i]);
    result[i / static_cast<std::size_t>(rule.nodes)] += quadrature.weights[i] * value * value;
  }
  return result;
}

/// The same by certified panels, which the breaks of a rule cut.
class CertifiedParts {
 public:
  CertifiedParts(const RealFunction& f, std::vector<double> edges, const Rule& rule) : breaks_(rule.breaks) {
    const double furthest = edges.back();
    for (const double z : breaks_) {
      if (std::fabs(z) < furthest) edges.push_back(z);
    }
    std::ranges::sort(edges);
    edges.erase(std::ranges::unique(edges).begin(), edges.end());
    nodes_ = panel_nodes(f, edges);
  }
  [[nodiscard]] std::vector<double> operator()(double sigma) const {
    std::vector<double> result(breaks_.size() + 1, 0);
    std::size_t interval = 0;
    for (std::size_t i = 0; i < nodes_.z.size(); ++i) {
      while (interval < breaks_.size() && nodes_.z[i] > breaks_[interval]) ++interval;
      const double t = nodes_.z[i] / sigma;
      const double weight = nodes_.weights[i] * std::exp(-t * t / 2);
      if (weight != 0) result[interval] += weight * nodes_.values[i] * nodes_.values[i];
    }
    for (double& part : result) part /= sigma * std::sqrt(2 * std::numbers::pi);
    return result;
  }

 private:
  std::vector<double> breaks_;
  PanelNodes nodes_;
};

/// By interval, the largest difference of the rule and what is certified, or one of half as many nodes, relative to
/// the whole.
std::vector<double> errors(const RealFunction& f, const std::vector<double>& sigmas, const Rule& rule,
                           const CertifiedPanels& panels) {
  std::vector<double> result(rule.breaks.size() + 1, 0);
  std::optional<CertifiedParts> certified;
  if (!panels.edges.empty()) certified.emplace(f, panels.edges, rule);
  for (const double sigma : sigmas) {
    const std::vector<double> fine = parts(f, sigma, rule);
    const std::vector<double> other = certified && sigma > 0
                                          ? (*certified)(sigma)
                                          : parts(f, sigma, {rule.breaks, 2 * nodes / 3, rule.reach});
    double whole = 0;
    for (const double part : other) whole += part;
    if (whole == 0) continue;
    for (std::size_t i = 0; i < fine.size(); ++i) {
      const double error = std::fabs(fine[i] - other[i]) / whole;
      if (!(error <= result[i])) result[i] = error;
    }
  }
  return result;
}

/// Where an interval between the breaks is cut.
double cut(const std::vector<double>& breaks, std::size_t interval) {
  if (interval == 0) return breaks.front() < 0 ? 2 * breaks.front() : breaks.front() - 1;
  if (interval == breaks.size()) return breaks.back() > 0 ? 2 * breaks.back() : breaks.back() + 1;
  return (breaks[interval - 1] + breaks[interval]) / 2;
}

}  // namespace

std::vector<double> fill(const std::vector<double>& sigmas) {
  const auto [low, high] = std::ranges::minmax(sigmas);
  std::vector<double> result = sigmas;
  if (low <= 0) return result;
  const double step = std::max(sigma_step, std::pow(high / low, 1.0 / 64));
  for (double sigma = low * step; sigma < high; sigma *= step) result.push_back(sigma);
  std::ranges::sort(result);
  return result;
}

MeanRule mean_rule(const RealFunction& f, const std::vector<double>& sigmas,
                   const std::vector<double>& breaks, double reach, const Bound& bound) {
  const std::vector<double> all = fill(sigmas);
  // Where sigmoids have their middles: what is narrow in an interval that is wide falls between its nodes.
  std::vector<double> places = breaks;
  places.push_back(0);
  for (double z = 0.5; z <= 64; z *= 2) {
    places.push_back(z);
    places.push_back(-z);
  }
  std::ranges::sort(places);
  places.erase(std::ranges::unique(places).begin(), places.end());
  // Before what is made of it: GCC 12 destroys the parts of an aggregate twice where a later one throws.
  CertifiedPanels panels = certify(f, bound, all, breaks, places, reach);
  MeanRule result = {{places, nodes, reach}, 0, std::move(panels)};
  for (;;) {
    const std::vector<double> found = errors(f, all, result.rule, result.panels);
    result.error = 0;
    for (const double error : found) result.error = error <= result.error ? result.error : error;
    if (!(result.error <= 1)) result.error = 1;
    std::vector<double> cuts;
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (!(found[i] <= mean_rule_error)) cuts.push_back(cut(result.rule.breaks, i));
    }
    if (cuts.empty()) {
      result.error = result.panels.error > mean_rule_error ? result.panels.error : 0;
      return result;
    }
    if (result.rule.breaks.size() + cuts.size() > most_breaks) {
      result.error = std::min(1.0, result.error + result.panels.error);
      return result;
    }
    std::vector<double>& into = result.rule.breaks;
    into.insert(into.end(), cuts.begin(), cuts.end());
    std::ranges::sort(into);
  }
}

}  // namespace ntkc::hermite
