#include "compiler/derivation/layers/pools.hpp"

namespace ntkc::derivation {

/// The mean over a window at both positions; where it reads beyond an edge, zeros count unless `normalize_edges`.
kernel_ir::NodeId layers::avg_pool(const RuleContext& context, const layer_graph::Node& node) {
  return window_pool(context, node, Pool::average);
}

}  // namespace ntkc::derivation
