// Composite Gauss-Legendre quadrature in quadruple precision.
#pragma once

#include <array>
#include <vector>

#include "compiler/elementary/quad.hpp"

namespace ntkc::elementary {

struct PanelRule {
  static constexpr int points = 20;
  std::array<Quad, points> nodes;  // on [-1, 1]
  std::array<Quad, points> weights;
};
const PanelRule& panel_rule();

/// Where a panel may not reach over, and how small panels are next to it.
struct Break {
  Quad at = 0;
  Quad finest = 0;
};

/// The ends of panels that cover [low, high], none longer than `width`, growing twofold from each break.
std::vector<Quad> panels(Quad low, Quad high, Quad width, const std::vector<Break>& breaks);

template <typename Integrand>
Quad integrate_panels(const Integrand& f, const std::vector<Quad>& edges) {
  const PanelRule& rule = panel_rule();
  Quad sum = 0;
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
    const Quad middle = (edges[i] + edges[i + 1]) / 2;
    const Quad half = (edges[i + 1] - edges[i]) / 2;
    for (std::size_t k = 0; k < PanelRule::points; ++k)
      sum += rule.weights[k] * half * f(middle + half * rule.nodes[k]);
  }
  return sum;
}

}  // namespace ntkc::elementary
