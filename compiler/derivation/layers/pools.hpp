// Pooling layers: Σ' = P Σ Pᵀ, P a product of one matrix for each axis.
#pragma once

#include "compiler/derivation/layers/layer_rules.hpp"

namespace ntkc::derivation {

enum class Pool : std::uint8_t { average, sum };

kernel_ir::NodeId window_pool(const RuleContext& context, const layer_graph::Node& node, Pool pool);
kernel_ir::NodeId global_pool(const RuleContext& context, const layer_graph::Node& node, Pool pool);

}  // namespace ntkc::derivation
