#include "compiler/derivation/layers/pools.hpp"

namespace ntkc::derivation {

/// Σ' is the sum of Σ[p, p'] over all pairs of positions.
kernel_ir::NodeId layers::global_sum_pool(const RuleContext& context, const layer_graph::Node& node) {
  return global_pool(context, node, Pool::sum);
}

}  // namespace ntkc::derivation
