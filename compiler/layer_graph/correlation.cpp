#include "compiler/layer_graph/correlation.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "compiler/layer_graph/operands.hpp"

namespace ntkc::layer_graph {
namespace {

template <typename T>
const T* get_if(const LayerGraph& graph, NodeId id) {
  return std::get_if<T>(&graph.nodes[id].node);
}

bool is_dense(const LayerGraph& graph, NodeId id) {
  const auto* layer = get_if<LayerNode>(graph, id);
  return layer != nullptr && layer->builtin == Builtin::dense;
}

bool is_zero(const LayerGraph& graph, ScalarId coefficient) {
  const Scalar& scalar = graph.scalars[coefficient];
  return scalar.operation == ScalarOperation::literal && scalar.value == 0;
}

}  // namespace

CorrelationAnalysis::CorrelationAnalysis(const LayerGraph& graph)
    : graph_(graph), outer_operands_(graph.regions.size()) {
  // Regions are numbered from the outside in, so that an inner one has handed its outer operands on before
  // the region around it is looked at.
  for (std::size_t i = graph.regions.size(); i-- > 1;) {
    std::vector<NodeId>& operands = outer_operands_[i];
    const Region& region = graph.regions[i];
    for (const NodeId node : region.nodes) {
      append_operands(graph.nodes[node], operands);
      if (const auto* loop = get_if<LoopNode>(graph, node)) {
        const auto& inner = outer_operands_[loop->body];
        operands.insert(operands.end(), inner.begin(), inner.end());
      }
    }
    operands.insert(operands.end(), region.results.begin(), region.results.end());
    std::erase_if(operands, [&](NodeId node) {
      return is_inside(graph_.nodes[node].region, static_cast<RegionId>(i));
    });
    std::ranges::sort(operands);
    operands.erase(std::unique(operands.begin(), operands.end()), operands.end());
  }
}

bool CorrelationAnalysis::is_inside(RegionId region, RegionId outer) const {
  while (region > outer) region = graph_.nodes[*graph_.regions[region].loop].region;
  return region == outer;
}

bool CorrelationAnalysis::descends_from(NodeId value, NodeId origin) const {
  std::set<NodeId> loops;  // their results hold `origin`
  if (get_if<LoopNode>(graph_, origin) != nullptr) loops.insert(origin);
  for (RegionId region = graph_.nodes[origin].region; region != 0;) {
    const NodeId loop = *graph_.regions[region].loop;
    loops.insert(loop);
    region = graph_.nodes[loop].region;
  }
  std::vector<NodeId> open;
  std::set<NodeId> seen;
  const auto visit = [&](NodeId node) {
    // Nodes are numbered as they are made: what is older than `origin` cannot descend from it.
    if (node >= origin && seen.insert(node).second) open.push_back(node);
  };
  visit(value);
  while (!open.empty()) {
    const NodeId node = open.back();
    open.pop_back();
    if (node == origin) return true;
    const auto visit_loop = [&](NodeId loop) {
      for (const NodeId initial : std::get<LoopNode>(graph_.nodes[loop].node).initial) visit(initial);
      for (const NodeId operand : outer_operands_[std::get<LoopNode>(graph_.nodes[loop].node).body])
        visit(operand);
    };
    if (const auto* result = get_if<LoopResultNode>(graph_, node)) {
      if (loops.contains(result->loop)) return true;
      visit_loop(result->loop);
    } else if (const auto* argument = get_if<LoopArgumentNode>(graph_, node)) {
      // Of earlier iterations: their weights are others than those of the body now.
      visit_loop(*graph_.regions[argument->body].loop);
    } else {
      std::vector<NodeId> operands;
      append_operands(graph_.nodes[node], operands);
      for (const NodeId operand : operands) visit(operand);
    }
  }
  return false;
}

bool CorrelationAnalysis::is_fresh(NodeId a, NodeId b) const {
  return is_dense(graph_, a) && !descends_from(b, a);
}

bool CorrelationAnalysis::expand(NodeId a, NodeId b, std::vector<Pair>& pairs) const {
  if (const auto* sum = get_if<SumNode>(graph_, a)) {
    for (const SumTerm& term : sum->terms) {
      if (!is_zero(graph_, term.coefficient)) pairs.emplace_back(term.value, b);
    }
    return true;
  }
  if (const auto* result = get_if<LoopResultNode>(graph_, a)) {
    // Values of the last iteration; b must not be made of values of the loop in any other way.
    const LoopNode& loop = std::get<LoopNode>(graph_.nodes[result->loop].node);
    const std::vector<NodeId>& results = graph_.regions[loop.body].results;
    const auto* other = get_if<LoopResultNode>(graph_, b);
    if (other != nullptr && other->loop == result->loop) {
      pairs.emplace_back(results[result->index], results[other->index]);
      return true;
    }
    if (descends_from(b, result->loop)) return false;
    pairs.emplace_back(results[result->index], b);
    return true;
  }
  if (const auto* argument = get_if<LoopArgumentNode>(graph_, a)) {
    // Induction: the initial values, and the results of an iteration under the assumption for its arguments.
    const NodeId loop_id = *graph_.regions[argument->body].loop;
    const LoopNode& loop = std::get<LoopNode>(graph_.nodes[loop_id].node);
    const std::vector<NodeId>& results = graph_.regions[loop.body].results;
    const auto* other = get_if<LoopArgumentNode>(graph_, b);
    if (other != nullptr && other->body == argument->body) {
      pairs.emplace_back(loop.initial[argument->index], loop.initial[other->index]);
      pairs.emplace_back(results[argument->index], results[other->index]);
      return true;
    }
    if (is_inside(graph_.nodes[b].region, argument->body) || descends_from(b, loop_id)) return false;
    pairs.emplace_back(loop.initial[argument->index], b);
    pairs.emplace_back(results[argument->index], b);
    return true;
  }
  return false;
}

bool CorrelationAnalysis::uncorrelated(NodeId a, NodeId b) const {
  // All pairs that come up must hold and each is looked into once: a pair met again is assumed, which is the
  // hypothesis of the induction.
  std::vector<Pair> open = {{a, b}};
  std::set<Pair> seen;
  while (!open.empty()) {
    const auto [first, second] = open.back();
    open.pop_back();
    if (!seen.insert(std::minmax(first, second)).second) continue;
    if (first == second) return false;
    if (is_fresh(first, second) || is_fresh(second, first)) continue;
    if (!expand(first, second, open) && !expand(second, first, open)) return false;
  }
  return true;
}

void check_sums(const LayerGraph& graph, const SumSources& sources, DiagnosticBuffer& diagnostics) {
  const CorrelationAnalysis analysis(graph);
  std::set<std::pair<NodeId, NodeId>> reported;  // a sum of sums holds the pairs of its summands again
  for (const auto& [sum, terms] : sources) {
    const std::vector<SumTerm>& values = std::get<SumNode>(graph.nodes[sum].node).terms;
    for (std::size_t j = 1; j < values.size(); ++j) {
      for (std::size_t i = 0; i < j; ++i) {
        const NodeId first = values[i].value;
        const NodeId second = values[j].value;
        if (analysis.uncorrelated(first, second) || !reported.insert(std::minmax(first, second)).second)
          continue;
        diagnostics.report(
            DiagnosticKind::dependent_branches, terms[j].op,
            "the branches of this sum are not independent: their cross second moment need not vanish",
            {{terms[i].summand, "one branch"},
             {terms[j].summand, "the other, which depends on the same values"}},
            "end one of the branches in a `dense` of its own");
      }
    }
  }
}

}  // namespace ntkc::layer_graph
