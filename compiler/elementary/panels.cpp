#include "compiler/elementary/panels.hpp"

#include <quadmath.h>

#include <algorithm>
#include <stdexcept>

namespace ntkc::elementary {

/// Zeros of the Legendre polynomial by Newton's method.
const PanelRule& panel_rule() {
  static const PanelRule rule = [] {
    PanelRule result;
    constexpr int n = PanelRule::points;
    const Quad pi = acosq(Quad(-1));
    for (int i = 0; i < n; ++i) {
      Quad x = cosq(pi * (i + Quad(0.75)) / (n + Quad(0.5)));
      Quad slope = 0;
      for (int round = 0; round < 12; ++round) {
        Quad p = 1;
        Quad before = 0;
        for (int k = 1; k <= n; ++k) {
          const Quad next = ((2 * k - 1) * x * p - (k - 1) * before) / k;
          before = p;
          p = next;
        }
        slope = n * (x * p - before) / (x * x - 1);
        x -= p / slope;
      }
      result.nodes.at(static_cast<std::size_t>(i)) = x;
      result.weights.at(static_cast<std::size_t>(i)) = 2 / ((1 - x * x) * slope * slope);
    }
    return result;
  }();
  return rule;
}

/// Between two breaks; more is a mistake of the caller, who knows where the mass is.
constexpr double most_parts = 1e6;

std::vector<Quad> panels(Quad low, Quad high, Quad width, const std::vector<Break>& breaks) {
  std::vector<Quad> edges = {low, high};
  for (const Break& b : breaks) {
    if (b.at < low || b.at > high) continue;
    edges.push_back(b.at);
    for (Quad step = b.finest; step < width; step *= 2) {
      if (b.at + step < high) edges.push_back(b.at + step);
      if (b.at - step > low) edges.push_back(b.at - step);
    }
  }
  std::ranges::sort(edges);
  std::vector<Quad> result;
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
    const Quad length = edges[i + 1] - edges[i];
    if (length <= 0) continue;
    if (!(length / width < most_parts)) throw std::length_error("a quadrature of too many panels");
    const int parts = 1 + static_cast<int>(length / width);
    for (int k = 0; k < parts; ++k) result.push_back(edges[i] + length * k / parts);
  }
  result.push_back(high);
  return result;
}

}  // namespace ntkc::elementary
