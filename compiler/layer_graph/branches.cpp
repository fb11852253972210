#include "compiler/layer_graph/branches.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "compiler/layer_graph/correlation.hpp"
#include "compiler/layer_graph/layers/layer_traits.hpp"
#include "compiler/layer_graph/operands.hpp"

namespace ntkc::layer_graph {
namespace {

class BranchCheck {
 public:
  BranchCheck(const LayerGraph& graph, DiagnosticBuffer& diagnostics)
      : graph_(graph), diagnostics_(diagnostics), analysis_(graph) {}

  std::set<RepeatPlace> run(const BranchSources& sources) {
    for (const auto& [node, source] : sources) {
      const LayerTraits& layer = *traits_of(graph_.nodes[node]);
      const std::vector<NodeId> operands = operands_of(graph_.nodes[node]);
      if (layer.multiplies)
        check_independent(operands, source);
      else
        check_uncorrelated(operands, source, layer.uncorrelated_operands);
      if (!analysis_.is_exhausted()) continue;
      diagnostics_.report(DiagnosticKind::limit_exceeded, graph_.nodes[node].range,
                          "too many branches of sums and products to compare", {},
                          "split the network, or write sums of many values as one statement");
      break;
    }
    return std::move(to_peel_);
  }

 private:
  void check_uncorrelated(const std::vector<NodeId>& values, const BranchSource& source,
                          std::string_view what) {
    for (std::size_t j = 1; j < values.size(); ++j) {
      for (std::size_t i = 0; i < j; ++i) {
        const Comparison comparison = analysis_.uncorrelated(values[i], values[j]);
        if (analysis_.is_exhausted()) return;
        if (comparison.holds) continue;
        blame(comparison);
        // A sum of sums holds the pairs of its summands again.
        if (!reported_.insert(std::minmax(values[i], values[j])).second) continue;
        diagnostics_.report_in(source.context, DiagnosticKind::dependent_branches, source.branches[j].op,
                               fmt::format("{} are not independent: the mean of their product need not be 0, "
                                           "so their kernels do not add",
                                           what),
                               {{source.branches[i].summand, "one branch"},
                                {source.branches[j].summand, "the other, which depends on the same values"}},
                               "end one of the branches in a `dense` of its own");
      }
    }
  }

  void check_independent(const std::vector<NodeId>& factors, const BranchSource& source) {
    const Comparison comparison = analysis_.independent(factors[0], factors[1]);
    if (comparison.holds || analysis_.is_exhausted()) return;
    blame(comparison);
    diagnostics_.report_in(
        source.context, DiagnosticKind::dependent_branches, source.branches[1].op,
        "the branches of this product are not independent: they are made of the same units",
        {{source.branches[0].summand, "one branch"}, {source.branches[1].summand, "the other"}},
        "end each branch in a `dense` of its own; a power of one value is an activation, such as "
        "`monomial(2)`");
  }

  void blame(const Comparison& comparison) {
    if (!comparison.loop) return;
    const SourceRange range = graph_.nodes[*comparison.loop].range;
    to_peel_.insert({range.file, range.begin});
  }

  const LayerGraph& graph_;
  DiagnosticBuffer& diagnostics_;
  CorrelationAnalysis analysis_;
  std::set<std::pair<NodeId, NodeId>> reported_;
  std::set<RepeatPlace> to_peel_;
};

}  // namespace

std::set<RepeatPlace> check_branches(const LayerGraph& graph, const BranchSources& sources,
                                     DiagnosticBuffer& diagnostics) {
  return BranchCheck(graph, diagnostics).run(sources);
}

}  // namespace ntkc::layer_graph
