#include <algorithm>
#include <cmath>

#include "compiler/derivation/layers/layer_rules.hpp"
#include "compiler/layer_graph/layers/windows.hpp"

namespace ntkc::derivation {
namespace {

using kernel_ir::PositionMatrix;

/// Of n positions the one that holds the middle of each of m.
PositionMatrix nearest(std::int64_t n, std::int64_t m) {
  PositionMatrix matrix{.inputs = n, .rows = {}};
  for (std::int64_t output = 0; output < m; ++output)
    matrix.rows.push_back({{(2 * output + 1) * n / (2 * m), 1.0}});
  return matrix;
}

/// Weights 1 - |c - i|/w around the place c of each output, divided by their sum.
PositionMatrix linear(std::int64_t n, std::int64_t m, bool antialias) {
  PositionMatrix matrix{.inputs = n, .rows = {}};
  const double ratio = static_cast<double>(n) / static_cast<double>(m);
  const double width = antialias ? std::max(ratio, 1.0) : 1.0;
  for (std::int64_t output = 0; output < m; ++output) {
    const double center = (static_cast<double>(output) + 0.5) * ratio - 0.5;
    auto& row = matrix.rows.emplace_back();
    double sum = 0;
    for (std::int64_t input = 0; input < n; ++input) {
      const double weight = 1 - std::fabs(center - static_cast<double>(input)) / width;
      if (!(weight > 0)) continue;
      row.push_back({input, weight});
      sum += weight;
    }
    for (auto& entry : row) entry.weight /= sum;
  }
  return matrix;
}

}  // namespace

/// Σ' = R Σ Rᵀ, R the product of a matrix for each axis; one that has the right number already stays.
kernel_ir::NodeId layers::resize(const RuleContext& context, const layer_graph::Node& node) {
  const auto& layer = std::get<layer_graph::LayerNode>(node.node);
  const auto& inputs = context.graph.nodes[layer.operand].type.positions;
  const bool is_nearest = std::get<layer_graph::ChoiceArgument>(argument(layer, "method")).name == "nearest";
  const bool antialias = std::get<bool>(argument(layer, "antialias"));
  kernel_ir::Congruent map;
  for (std::size_t axis = 0; axis < inputs.size(); ++axis) {
    const std::int64_t n = inputs[axis];
    const std::int64_t m = node.type.positions[axis];
    map.factors.emplace_back(is_nearest || n == m ? nearest(n, m) : linear(n, m, antialias));
  }
  return context.program.congruent(context.sigma(layer.operand), std::move(map));
}

}  // namespace ntkc::derivation
