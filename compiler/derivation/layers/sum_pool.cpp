#include "compiler/derivation/layers/pools.hpp"

namespace ntkc::derivation {

/// The sum over a window at both positions.
kernel_ir::NodeId layers::sum_pool(const RuleContext& context, const layer_graph::Node& node) {
  return window_pool(context, node, Pool::sum);
}

}  // namespace ntkc::derivation
