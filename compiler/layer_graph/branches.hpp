// The branches of sums and products: where they stand in the text, and whether their kernels may be added or
// multiplied. Kernels may be added where the branches are uncorrelated, and multiplied where they are
// independent.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "compiler/layer_graph/diagnostic_buffer.hpp"
#include "compiler/layer_graph/layer_graph.hpp"
#include "compiler/layer_graph/linear_form.hpp"

namespace ntkc::layer_graph {

struct BranchSource {
  std::vector<TermSource> branches;  ///< in the order of the node's operands
  DiagnosticBuffer::ContextId context;
};
/// One entry for each node whose operands have to be uncorrelated or independent: sums, products, and
/// `concat` along positions.
using BranchSources = std::map<NodeId, BranchSource>;

/// A `repeat`, known by where it begins in the text, with the number of its first iterations that are written
/// out.
using RepeatPlace = std::pair<std::uint32_t, std::uint32_t>;
using PeeledRepeats = std::map<RepeatPlace, int>;

/// Reports every sum and every `concat` along positions of values that are not known to be uncorrelated, and
/// every product of values that are not known to be independent. Returns the repeats whose first iteration is
/// to blame.
std::set<RepeatPlace> check_branches(const LayerGraph& graph, const BranchSources& sources,
                                     DiagnosticBuffer& diagnostics);

}  // namespace ntkc::layer_graph
