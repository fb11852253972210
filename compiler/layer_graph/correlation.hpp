// Which values have a cross second moment E[a bᵀ] that is known to vanish, so that their kernels add.
#pragma once

#include <vector>

#include "compiler/layer_graph/diagnostic_buffer.hpp"
#include "compiler/layer_graph/layer_graph.hpp"
#include "compiler/layer_graph/linear_form.hpp"

namespace ntkc::layer_graph {

/// Answers `false` where it cannot tell.
class CorrelationAnalysis {
 public:
  explicit CorrelationAnalysis(const LayerGraph& graph);

  /// Whether a and b are uncorrelated in every iteration of the loops around them. Both are visible in one
  /// region.
  ///
  /// A dense layer's output has mean zero given everything that its weights do not enter, so it is
  /// uncorrelated with every value that does not descend from it. Values of loops are traced to those of the
  /// body: two values carried by a loop are uncorrelated if their initial values are and the results of an
  /// iteration are whenever its arguments are (induction over the iterations).
  [[nodiscard]] bool uncorrelated(NodeId a, NodeId b) const;

 private:
  [[nodiscard]] bool is_inside(RegionId region, RegionId outer) const;
  /// Whether `value` descends from `origin`, which is a layer or a loop; a value that descends from the loop
  /// around `origin` does as well.
  [[nodiscard]] bool descends_from(NodeId value, NodeId origin) const;
  [[nodiscard]] bool is_fresh(NodeId a, NodeId b) const;
  using Pair = std::pair<NodeId, NodeId>;
  /// The pairs that must be uncorrelated for (a, b) to be, by looking into a; false if a cannot be looked
  /// into.
  bool expand(NodeId a, NodeId b, std::vector<Pair>& pairs) const;

  const LayerGraph& graph_;
  std::vector<std::vector<NodeId>> outer_operands_;  ///< by region: what its nodes use from outside
};

/// Reports every sum of values that are not known to be uncorrelated.
void check_sums(const LayerGraph& graph, const SumSources& sources, DiagnosticBuffer& diagnostics);

}  // namespace ntkc::layer_graph
