#include "compiler/hermite/mean_rule.hpp"

#include <algorithm>
#include <cmath>

namespace ntkc::hermite {
namespace {

constexpr int nodes = 24;
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

/// By interval, the largest difference of the rule and one of half as many nodes, relative to the whole.
std::vector<double> errors(const RealFunction& f, const std::vector<double>& sigmas, const Rule& rule) {
  std::vector<double> result(rule.breaks.size() + 1, 0);
  for (const double sigma : sigmas) {
    const std::vector<double> fine = parts(f, sigma, rule);
    const std::vector<double> coarse = parts(f, sigma, {rule.breaks, 2 * nodes / 3, rule.reach});
    double whole = 0;
    for (const double part : fine) whole += part;
    if (whole == 0) continue;
    for (std::size_t i = 0; i < fine.size(); ++i) {
      const double error = std::fabs(fine[i] - coarse[i]) / whole;
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
                   const std::vector<double>& breaks, double reach) {
  const std::vector<double> all = fill(sigmas);
  // Where sigmoids have their middles: what is narrow in an interval that is wide falls between its nodes.
  std::vector<double> places = breaks;
  for (double z = 0.5; z <= 64; z *= 2) {
    places.push_back(z);
    places.push_back(-z);
  }
  std::ranges::sort(places);
  places.erase(std::ranges::unique(places).begin(), places.end());
  MeanRule result = {{places, nodes, reach}, 0};
  for (;;) {
    const std::vector<double> found = errors(f, all, result.rule);
    result.error = 0;
    for (const double error : found) result.error = error <= result.error ? result.error : error;
    if (!(result.error <= 1)) result.error = 1;
    std::vector<double> cuts;
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (!(found[i] <= mean_rule_error)) cuts.push_back(cut(result.rule.breaks, i));
    }
    if (cuts.empty()) {
      result.error = 0;
      return result;
    }
    if (result.rule.breaks.size() + cuts.size() > most_breaks) return result;
    std::vector<double>& into = result.rule.breaks;
    into.insert(into.end(), cuts.begin(), cuts.end());
    std::ranges::sort(into);
  }
}

}  // namespace ntkc::hermite
