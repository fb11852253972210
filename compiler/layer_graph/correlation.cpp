#include "compiler/layer_graph/correlation.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "compiler/layer_graph/layers/layer_traits.hpp"
#include "compiler/layer_graph/operands.hpp"

namespace ntkc::layer_graph {
namespace {

template <typename T>
const T* get_if(const LayerGraph& graph, NodeId id) {
  return std::get_if<T>(&graph.nodes[id].node);
}

bool draws_weights(const LayerGraph& graph, NodeId id) {
  const LayerTraits* layer = traits_of(graph.nodes[id]);
  return layer != nullptr && layer->draws_weights;
}

}  // namespace

bool CorrelationAnalysis::is_inside(RegionId region, RegionId outer) const {
  while (region > outer) region = graph_.nodes[*graph_.regions[region].loop].region;
  return region == outer;
}

CorrelationAnalysis::Instance CorrelationAnalysis::operand(NodeId node, RegionId earlier) const {
  return {node, earlier != 0 && is_inside(graph_.nodes[node].region, earlier) ? earlier : 0};
}

CorrelationAnalysis::Origin CorrelationAnalysis::origin(Instance carried) const {
  const auto& argument = std::get<LoopArgumentNode>(graph_.nodes[carried.node].node);
  const Region& body = graph_.regions[argument.body];
  const NodeId loop = body.loop.value();
  // An earlier iteration of a loop further out stays what it is, whichever iteration of this loop it is in.
  const RegionId earlier = carried.earlier != 0 ? carried.earlier : argument.body;
  return {.initial =
              operand(std::get<LoopNode>(graph_.nodes[loop].node).initial[argument.index], carried.earlier),
          .result = operand(body.results[argument.index], earlier),
          .loop = loop};
}

std::vector<CorrelationAnalysis::Instance> CorrelationAnalysis::parts(Instance value) const {
  if (get_if<LoopArgumentNode>(graph_, value.node) != nullptr) {
    const Origin carried = origin(value);
    return {carried.initial, carried.result};
  }
  std::vector<Instance> result;
  for (const NodeId node : parts_of(graph_, graph_.nodes[value.node]))
    result.push_back(operand(node, value.earlier));
  return result;
}

template <typename Wanted, typename Hopeless>
bool CorrelationAnalysis::search(Instance value, Wanted wanted, Hopeless hopeless) {
  std::vector<Instance> open = {value};
  std::set<Instance> seen = {value};
  while (!open.empty()) {
    const Instance next = open.back();
    open.pop_back();
    if (--steps_left_ <= 0 || wanted(next)) return true;
    for (const Instance part : parts(next)) {
      if (!hopeless(part) && seen.insert(part).second) open.push_back(part);
    }
  }
  return false;
}

bool CorrelationAnalysis::descends_from(Instance value, Instance layer) {
  // Nodes are numbered as they are made: in one iteration, what is older than the layer cannot descend from
  // it; from what an earlier iteration of a loop made, nothing that is older than the loop can.
  const NodeId oldest = layer.earlier == 0 ? layer.node : *graph_.regions[layer.earlier].loop;
  return search(
      value, [layer](Instance found) { return found == layer; },
      [oldest](Instance found) { return found.earlier == 0 && found.node < oldest; });
}

bool CorrelationAnalysis::descends_from_loop(Instance value, NodeId loop, RegionId earlier) {
  return search(
      value,
      [this, loop, earlier](Instance found) {
        // What the loop made in another iteration of a loop around it has weights of its own.
        const auto* result = get_if<LoopResultNode>(graph_, found.node);
        return result != nullptr && result->loop == loop && found.earlier == earlier;
      },
      [loop](Instance found) { return found.earlier == 0 && found.node < loop; });
}

bool CorrelationAnalysis::is_fresh(Instance a, Instance b) {
  return draws_weights(graph_, a.node) && !descends_from(b, a);
}

bool CorrelationAnalysis::has_fresh_factor(Instance a, Instance b) {
  const LayerTraits* layer = traits_of(graph_.nodes[a.node]);
  if (layer == nullptr || !layer->multiplies) return false;
  const std::vector<Instance> factors = parts(a);
  return std::ranges::any_of(factors, [&](const Instance& factor) {
    return is_fresh(factor, b) && std::ranges::all_of(factors, [&](const Instance& other) {
             return &other == &factor || is_fresh(factor, other);
           });
  });
}

bool CorrelationAnalysis::expand_result(const Pair& pair, std::vector<Pair>& pairs) {
  // The first value is one of the last iteration. The other must not be made of values of the same loop in
  // any other way.
  const auto& result = std::get<LoopResultNode>(graph_.nodes[pair.first.node].node);
  const auto* other = get_if<LoopResultNode>(graph_, pair.second.node);
  const bool together = other != nullptr && other->loop == result.loop;
  if (together && pair.first.earlier != pair.second.earlier) return false;
  if (!together && descends_from_loop(pair.second, result.loop, pair.first.earlier)) return false;
  pairs.push_back({parts(pair.first)[0], together ? parts(pair.second)[0] : pair.second, pair.loop});
  return true;
}

bool CorrelationAnalysis::expand_argument(const Pair& pair, std::vector<Pair>& pairs) {
  const auto& argument = std::get<LoopArgumentNode>(graph_.nodes[pair.first.node].node);
  const Origin first = origin(pair.first);
  const auto* other = get_if<LoopArgumentNode>(graph_, pair.second.node);
  if (other != nullptr && other->body == argument.body && pair.first.earlier == pair.second.earlier) {
    // Both values are of the same iteration, and so were the ones before them.
    if (pair.first.earlier != 0) return false;
    const Origin second = origin(pair.second);
    pairs.push_back({first.initial, second.initial, first.loop});
    pairs.push_back({{first.result.node}, {second.result.node}, pair.loop});
    return true;
  }
  // Two values of earlier iterations: it is not known which of them is the earlier.
  if (pair.second.earlier != 0) return false;
  pairs.push_back({first.initial, pair.second, first.loop});
  pairs.push_back({first.result, pair.second, pair.loop});
  return true;
}

bool CorrelationAnalysis::expand(const Pair& pair, std::vector<Pair>& pairs) {
  const Instance a = pair.first;
  const Node& node = graph_.nodes[a.node];
  const LayerTraits* layer = traits_of(node);
  if (layer == nullptr || layer->linear_in == nullptr) return false;
  for (const NodeId value : layer->linear_in(graph_, node))
    pairs.push_back({operand(value, a.earlier), pair.second, pair.loop});
  return true;
}

Comparison CorrelationAnalysis::uncorrelated(NodeId a, NodeId b) {
  // All pairs that come up have to be uncorrelated, and each is looked into once. A pair that is met again is
  // assumed to be so: that is the hypothesis of the induction.
  std::vector<Pair> open = {{{a}, {b}, std::nullopt}};
  std::set<std::pair<Instance, Instance>> seen;
  while (!open.empty()) {
    const Pair pair = open.back();
    open.pop_back();
    const auto& [first, second, loop] = pair;
    if (!seen.insert(std::minmax(first, second)).second) continue;
    const Comparison failure = {.holds = false, .loop = loop};
    if (--steps_left_ <= 0 || first == second) return failure;
    if (is_fresh(first, second) || is_fresh(second, first)) continue;
    if (has_fresh_factor(first, second) || has_fresh_factor(second, first)) continue;
    const Pair reversed = {second, first, loop};
    const auto expand_by = [&]<typename Node>(auto method) {
      return (get_if<Node>(graph_, first.node) != nullptr && (this->*method)(pair, open)) ||
             (get_if<Node>(graph_, second.node) != nullptr && (this->*method)(reversed, open));
    };
    if (expand(pair, open) || expand(reversed, open)) continue;
    if (expand_by.operator()<LoopResultNode>(&CorrelationAnalysis::expand_result)) continue;
    if (expand_by.operator()<LoopArgumentNode>(&CorrelationAnalysis::expand_argument)) continue;
    return failure;
  }
  return {.holds = true, .loop = std::nullopt};
}

std::vector<CorrelationAnalysis::Source> CorrelationAnalysis::sources(NodeId value, NodeId oldest) {
  std::vector<Source> open = {{{value}, std::nullopt}};
  std::set<Instance> seen = {{value}};
  std::vector<Source> found;
  const auto visit = [&](Instance part, std::optional<NodeId> loop) {
    if (part.earlier == 0 && part.node < oldest) return;
    if (seen.insert(part).second) open.push_back({part, loop});
  };
  while (!open.empty() && --steps_left_ > 0) {
    const Source source = open.back();
    open.pop_back();
    const NodeId node = source.layer.node;
    if (draws_weights(graph_, node) || get_if<InputNode>(graph_, node) != nullptr) {
      found.push_back(source);
    } else if (get_if<LoopArgumentNode>(graph_, node) != nullptr) {
      const Origin carried = origin(source.layer);
      visit(carried.result, source.loop);
      visit(carried.initial, carried.loop);
    } else {
      for (const Instance part : parts(source.layer)) visit(part, source.loop);
    }
  }
  return found;
}

Comparison CorrelationAnalysis::independent(NodeId a, NodeId b) {
  if (a > b) std::swap(a, b);
  // The newer value comes first: what is older than all that it is made of need not be looked at in the
  // other.
  std::map<Instance, std::optional<NodeId>> of_newer;
  NodeId oldest = b;
  for (const Source& source : sources(b, 0)) {
    of_newer.emplace(source.layer, source.loop);
    const RegionId earlier = source.layer.earlier;
    oldest = std::min(oldest, earlier == 0 ? source.layer.node : *graph_.regions[earlier].loop);
  }
  for (const Source& source : sources(a, oldest)) {
    const auto common = of_newer.find(source.layer);
    if (common == of_newer.end()) continue;
    return {.holds = false, .loop = source.loop ? source.loop : common->second};
  }
  return {.holds = !is_exhausted(), .loop = std::nullopt};
}

}  // namespace ntkc::layer_graph
