// A sum Σ coefficient · value while it is being read. A value may be a sum that was bound to a name before.
// It stays one, unless one of its values turns up beside it (h + d with h = d + e is 2 d + e): a residual
// network written out to depth n would otherwise have n²/2 terms.
#pragma once

#include <cstddef>
#include <vector>

#include "compiler/diagnostics/diagnostic.hpp"
#include "compiler/layer_graph/layer_graph.hpp"
#include "compiler/layer_graph/scalar_table.hpp"

namespace ntkc::layer_graph {

/// Where a term comes from: the summand as it was written, and the `+` or `-` that added it, which for the
/// first term of a sum is its own range.
struct TermSource {
  SourceRange summand;
  SourceRange op;
};

struct LinearForm {
  std::vector<SumTerm> terms;
  std::vector<TermSource> sources;

  /// Adds `other`, merging equal values; `op` is the operator between the two.
  void add(ScalarTable& scalars, const LinearForm& other, SourceRange op);
  /// Multiplies by a constant, or divides by it.
  void scale(ScalarTable& scalars, ScalarOperation operation, ScalarId factor);
  /// Whether a value is reached through more than one term.
  [[nodiscard]] bool shares_values(const LayerGraph& graph) const;
  /// Replaces sums by their terms, merging equal values.
  void flatten(const LayerGraph& graph, ScalarTable& scalars);
  /// A coefficient that kernels cannot take (`is_factor` in scalar_table.hpp), or nothing if there is none.
  [[nodiscard]] std::optional<double> out_of_range(const ScalarTable& scalars) const;
  /// Leaves out the terms whose coefficient is the literal zero, but keeps one if there is nothing else.
  void drop_zeros(const ScalarTable& scalars);
};

}  // namespace ntkc::layer_graph
