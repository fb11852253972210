// Activations with jumps.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "compiler/layer_graph/scalar_function.hpp"
#include "compiler/layer_graph/warnings.hpp"

namespace ntkc::layer_graph {
namespace {

// --- Jumps

void warn_of_jumps(const LayerGraph& graph, DiagnosticBuffer& diagnostics) {
  // Jumps of what is affine in z are looked for everywhere, others near 0, where most of the mass is.
  constexpr double limit = 16;
  constexpr double reach = HUGE_VAL;
  std::map<ScalarId, std::vector<double>> known;
  for (const Node& node : graph.nodes) {
    const auto* activation = std::get_if<ActivationNode>(&node.node);
    if (activation == nullptr) continue;
    const auto [position, is_new] = known.try_emplace(activation->function);
    std::vector<double>& places = position->second;
    if (is_new) places = scalar_function(graph.scalars, activation->function).jumps(limit, reach);
    if (places.empty()) continue;
    diagnostics.report(
        DiagnosticKind::jump, node.range,
        fmt::format("`{}` jumps at z = {:.6g}; Theta has its derivative between jumps only", activation->name,
                    places.front()),
        {}, "use a smooth activation, or freeze the layers before it; `-Wno-jump` suppresses this warning");
  }
}

}  // namespace

void warn_of_kernels(const LayerGraph& graph, DiagnosticBuffer& diagnostics) {
  warn_of_jumps(graph, diagnostics);
  warn_of_constant_kernels(graph, diagnostics);
}

}  // namespace ntkc::layer_graph
