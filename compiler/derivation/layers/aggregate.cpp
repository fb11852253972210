#include "compiler/derivation/layers/layer_rules.hpp"

namespace ntkc::derivation {

/// Σ' = M Σ Mᵀ (Du et al. 2019, "Graph neural tangent kernel", section 3, for an adjacency matrix that is the same for
/// all samples).
kernel_ir::NodeId layers::aggregate(const RuleContext& context, const layer_graph::Node& node) {
  const auto& layer = std::get<layer_graph::LayerNode>(node.node);
  const auto& list = std::get<layer_graph::ListArgument>(argument(layer, "matrix"));
  const std::size_t columns = list.numbers.size() / list.rows;
  kernel_ir::PositionMatrix matrix{.inputs = static_cast<std::int64_t>(columns), .rows = {}};
  for (std::size_t row = 0; row < list.rows; ++row) {
    auto& entries = matrix.rows.emplace_back();
    for (std::size_t column = 0; column < columns; ++column) {
      const double weight = context.graph.scalars[list.numbers[row * columns + column]].value;
      if (weight != 0) entries.push_back({static_cast<std::int64_t>(column), weight});
    }
  }
  return context.program.congruent(context.sigma(layer.operand),
                                   {{std::move(matrix)}, node.type.positions, false});
}

}  // namespace ntkc::derivation
