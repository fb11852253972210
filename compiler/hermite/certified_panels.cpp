#include "compiler/hermite/certified_panels.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <queue>

#include "compiler/hermite/expansion.hpp"

namespace ntkc::hermite {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::array<double, 3> rhos = {4, 2.4, 1.8};
/// Of E[f²], a panel: a few hundred of them leave less than rounding does.
constexpr double share = 2e-17;
constexpr std::size_t most_panels = 3000;

double density(double t) { return std::exp(-t * t / 2) / std::sqrt(2 * std::numbers::pi); }

struct Panel {
  double low = 0;
  double high = 0;
  double error = 0;  ///< at the worst σ, relative to E[f²]

  bool operator<(const Panel& other) const { return error < other.error; }
};

/// A served σ and E[f(σt)²] there, as well as it is known before.
struct Scale {
  double sigma = 0;
  double square = 0;
};

class Search {
 public:
  Search(const Bound& bound, std::vector<Scale> scales, double reach)
      : bound_(bound), scales_(std::move(scales)), reach_(reach) {}

  [[nodiscard]] Panel panel(double low, double high) const {
    Panel result = {low, high, infinity};
    for (const double rho : rhos) {
      const double size = bound_(low, high, rho);
      if (size < infinity) result.error = std::min(result.error, by_ellipse(low, high, rho, size));
      if (result.error <= share) return result;
    }
    const double size = bound_(low, high, 1);
    if (size < infinity) result.error = std::min(result.error, by_size(low, high, size));
    return result;
  }

  /// Whether it is too thin for its ends to be told apart where f varies.
  [[nodiscard]] bool is_thin(const Panel& panel) const {
    const double place = std::max(std::fabs(panel.low), std::fabs(panel.high));
    return panel.high - panel.low <= std::max(1e-14 * place, 1e-15 * scales_.front().sigma);
  }

 private:
  double by_ellipse(double low, double high, double rho, double size) const {
    const double half = (high - low) / 2;
    const double height = half * (rho - 1 / rho) / 2;
    const double over = half * (rho + 1 / rho) / 2 - half;
    const double rest = 64.0 / 15 * half * std::pow(rho, 2 - 2 * certified_nodes) / (1 - 1 / (rho * rho));
    return worst(low, high, [&](double sigma) {
      const double t = std::max(nearest(low, high) - over, 0.0) / sigma;
      const double weight = std::exp((height / sigma) * (height / sigma) / 2) * density(t) / sigma;
      return rest * size * size * weight;
    });
  }
  /// True value and rule lie between 0 and this.
  double by_size(double low, double high, double size) const {
    return worst(low, high, [&](double sigma) {
      return (high - low) * size * size * density(nearest(low, high) / sigma) / sigma;
    });
  }
  static double nearest(double low, double high) {
    return low <= 0 && high >= 0 ? 0 : std::min(std::fabs(low), std::fabs(high));
  }
  template <typename Error>
  double worst(double low, double high, const Error& error) const {
    double result = 0;
    for (const auto& [sigma, square] : scales_) {
      if (nearest(low, high) >= reach_ * sigma) continue;
      const double each = error(sigma) / square;
      if (!(each <= result)) result = std::isnan(each) ? infinity : each;
    }
    return result;
  }

  const Bound& bound_;
  std::vector<Scale> scales_;
  double reach_;
};

/// By nodes that are fixed in t, for σ that is small beside what f has, and by the panels that are begun with, for
/// large σ: each sees nothing where the other does.
std::vector<Scale> scales_of(const RealFunction& f, const std::vector<double>& sigmas,
                             const std::vector<double>& breaks, double reach,
                             const std::vector<double>& edges) {
  const PanelNodes nodes = panel_nodes(f, edges);
  std::vector<Scale> result;
  for (const double sigma : sigmas) {
    if (sigma <= 0) continue;
    double square = 0;
    for (std::size_t i = 0; i < nodes.z.size(); ++i) {
      const double weight = nodes.weights[i] * density(nodes.z[i] / sigma);
      if (weight != 0) square += weight * nodes.values[i] * nodes.values[i];
    }
    square = std::max(square / sigma, mean_square(f, sigma, {breaks, 100, reach}));
    // Where f is 0 at all nodes, bounds tell whether it is elsewhere: with this scale they have to be 0, too.
    if (std::isfinite(square))
      result.push_back({sigma, std::max(square, std::numeric_limits<double>::min())});
  }
  std::ranges::sort(result, {}, &Scale::sigma);
  return result;
}

}  // namespace

CertifiedPanels certify(const RealFunction& f, const Bound& bound, const std::vector<double>& sigmas,
                        const std::vector<double>& breaks, const std::vector<double>& places, double reach) {
  if (!bound) return {};
  const double furthest = reach * *std::ranges::max_element(sigmas);
  CertifiedPanels result;
  for (const double place : places) {
    if (std::fabs(place) < furthest) result.edges.push_back(place);
  }
  result.edges.push_back(-furthest);
  result.edges.push_back(furthest);
  for (double z = places.empty() ? 1 : 2 * places.back(); z < furthest; z *= 2) {
    result.edges.push_back(z);
    result.edges.push_back(-z);
  }
  std::ranges::sort(result.edges);
  result.edges.erase(std::ranges::unique(result.edges).begin(), result.edges.end());
  const std::vector<Scale> scales = scales_of(f, sigmas, breaks, reach, result.edges);
  if (scales.empty()) return {};
  const Search search(bound, scales, reach);
  std::priority_queue<Panel> open;
  for (std::size_t i = 0; i + 1 < result.edges.size(); ++i)
    open.push(search.panel(result.edges[i], result.edges[i + 1]));
  const auto is_break = [&](double z) { return std::ranges::binary_search(breaks, z); };
  while (!open.empty() && open.top().error > share) {
    const Panel worst = open.top();
    open.pop();
    if (result.edges.size() > most_panels) {
      result.error += worst.error;
    } else if (search.is_thin(worst)) {
      // What is infinite at a break that is known is estimated with the coefficients.
      if (worst.error < infinity || !(is_break(worst.low) || is_break(worst.high)))
        result.error += worst.error;
    } else {
      const double middle = worst.low + (worst.high - worst.low) / 2;
      result.edges.push_back(middle);
      open.push(search.panel(worst.low, middle));
      open.push(search.panel(middle, worst.high));
    }
  }
  result.error = std::min(result.error, 1.0);
  std::ranges::sort(result.edges);
  return result;
}

PanelNodes panel_nodes(const RealFunction& f, const std::vector<double>& edges) {
  const Quadrature unit = unit_legendre(certified_nodes);
  PanelNodes result;
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
    const double width = edges[i + 1] - edges[i];
    for (std::size_t k = 0; k < unit.nodes.size(); ++k) {
      result.z.push_back(edges[i] + width * unit.nodes[k]);
      result.weights.push_back(width * unit.weights[k]);
      result.values.push_back(f(result.z.back()));
    }
  }
  return result;
}

double coefficient_error(const RealFunction& f, const std::vector<double>& sigmas, const Terms& terms,
                         const PanelNodes& nodes) {
  constexpr std::size_t degrees = 16;
  Terms first = terms;
  first.parity = Parity::none;
  first.count = degrees;
  double worst = 0;
  for (const double sigma : sigmas) {
    if (sigma <= 0) continue;
    std::array<long double, degrees> sums{};
    long double square = 0;
    for (std::size_t i = 0; i < nodes.z.size(); ++i) {
      const double t = nodes.z[i] / sigma;
      const double weight = nodes.weights[i] * density(t) / sigma;
      if (weight == 0) continue;
      const double value = weight * nodes.values[i];
      square += static_cast<long double>(value) * nodes.values[i];
      double before = 0;
      double h = 1;
      for (std::size_t k = 0; k < degrees; ++k) {
        sums.at(k) += value * h;
        const double next = (t * h - std::sqrt(static_cast<double>(k)) * before) / std::sqrt(k + 1.0);
        before = h;
        h = next;
      }
    }
    if (!(square > 0)) continue;
    const std::vector<double> found = coefficients(f, sigma, first);
    long double error = 0;
    for (std::size_t k = 0; k < degrees; ++k) error += (found[k] - sums.at(k)) * (found[k] - sums.at(k));
    // A narrow feature has about the same share of each degree, √K of them all as h_k(t)² falls like k^(-½).
    const double more = std::sqrt(std::max(1.0, terms.count / static_cast<double>(degrees)));
    worst = std::max(worst, static_cast<double>(std::sqrt(error * more / square)));
  }
  return worst > 2e-14 ? worst : 0;  // else rounding
}

}  // namespace ntkc::hermite
