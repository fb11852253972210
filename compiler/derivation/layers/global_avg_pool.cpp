#include "compiler/derivation/layers/pools.hpp"

namespace ntkc::derivation {

/// Σ' is the mean of Σ[p, p'] over all pairs of positions.
kernel_ir::NodeId layers::global_avg_pool(const RuleContext& context, const layer_graph::Node& node) {
  return global_pool(context, node, Pool::average);
}

}  // namespace ntkc::derivation
