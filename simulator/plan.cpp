#include "simulator/plan.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "compiler/layer_graph/layers/windows.hpp"
#include "compiler/layer_graph/operands.hpp"
#include "ntkc/errors.hpp"
#include "simulator/layers/steps.hpp"

namespace ntkc::simulator {

std::vector<StepId> PlanContext::operands_of(const layer_graph::Node& node) const {
  std::vector<StepId> steps;
  for (const layer_graph::NodeId operand : layer_graph::operands_of(node)) steps.push_back(images[operand]);
  return steps;
}

namespace {

using layer_graph::LayerGraph;
using layer_graph::NodeId;

constexpr std::unique_ptr<Step> (*step_makers[])(PlanContext& context, const layer_graph::Node& node) = {
#define NTKC_LAYER(name) layers::name,
#include "compiler/layer_graph/layers/layers.def"
};

/// The graph with its loops written out, and which values have equal numbers of channels. The numbers are
/// still open.
class Unrolling {
 public:
  explicit Unrolling(const LayerGraph& graph)
      : graph_(graph), context_{.graph = graph, .images = std::vector<StepId>(graph.nodes.size())} {
    unroll(0);
    plan.output = context_.images[graph.output];
    plan.layers_with_parameters = context_.layers_with_parameters;
  }

  /// The representative of the values that have as many channels as `step`.
  StepId group(StepId step) const {
    while (parents_[step] != step) step = parents_[step];
    return step;
  }

  Plan plan;
  std::vector<NodeId> origins;  ///< by step: the node it comes from

 private:
  void unroll(layer_graph::RegionId region) {
    for (const NodeId id : graph_.regions[region].nodes) {
      const layer_graph::Node& node = graph_.nodes[id];
      if (const auto kind = kind_of(node)) {
        add(id, step_makers[static_cast<std::size_t>(*kind)](context_, node));
      } else if (const auto* repeated = std::get_if<layer_graph::LoopNode>(&node.node)) {
        loop(id, *repeated);
      } else if (const auto* result = std::get_if<layer_graph::LoopResultNode>(&node.node)) {
        context_.images[id] = loop_results_.at(result->loop)[result->index];
      }  // a carried value is set by loop()
    }
  }

  void add(NodeId node, std::unique_ptr<Step> step) {
    const StepId id = plan.steps.size();
    context_.images[node] = id;
    origins.push_back(node);
    step->positions = position_count(graph_.nodes[node].type);
    parents_.push_back(id);
    if (step->channel_rule.rule == Channels::Rule::as_operands) {
      for (const StepId operand : step->operands) tie(id, operand);
    }
    plan.steps.push_back(std::move(step));
  }

  void tie(StepId a, StepId b) {
    a = group(a);
    b = group(b);
    parents_[std::max(a, b)] = std::min(a, b);
  }

  void loop(NodeId id, const layer_graph::LoopNode& node) {
    const layer_graph::Region& body = graph_.regions[node.body];
    std::vector<StepId>& images = context_.images;
    std::vector<StepId> carried;
    for (const NodeId initial : node.initial) carried.push_back(images[initial]);
    for (std::int64_t iteration = 0; iteration < node.count; ++iteration) {
      for (std::size_t i = 0; i < carried.size(); ++i) images[body.arguments[i]] = carried[i];
      unroll(node.body);
      for (std::size_t i = 0; i < carried.size(); ++i) carried[i] = images[body.results[i]];
    }
    loop_results_[id] = std::move(carried);
  }

  const LayerGraph& graph_;
  PlanContext context_;
  std::vector<StepId> parents_;
  std::map<NodeId, std::vector<StepId>> loop_results_;
};

/// What is known of the channels of one group of values.
struct Group {
  std::optional<std::int64_t> data;    ///< tied to the input
  std::optional<std::int64_t> stated;  ///< by a layer
  std::vector<StepId> joined = {};     ///< as many channels as these values have in all,
  std::int64_t multiple = 1;           ///< times this
  bool read = false;                   ///< by a layer with channels of its own, or joined to others
};

std::map<StepId, Group> groups_of(const Unrolling& unrolling) {
  std::map<StepId, Group> groups;
  for (StepId id = 0; id < unrolling.plan.steps.size(); ++id) {
    const Step& step = *unrolling.plan.steps[id];
    Group& group = groups[unrolling.group(id)];
    const auto& [rule, stated, multiple] = step.channel_rule;
    if (rule == Channels::Rule::as_operands) continue;
    if (rule == Channels::Rule::as_data) group.data = stated;
    if (rule == Channels::Rule::own && stated) group.stated = stated;
    if (rule == Channels::Rule::sum_of_operands) group.joined = step.operands;
    group.multiple = multiple;
    for (const StepId operand : step.operands) groups[unrolling.group(operand)].read = true;
  }
  return groups;
}

/// The largest width that a layer states, the output's layer aside.
std::int64_t largest_stated(const std::map<StepId, Group>& groups, StepId output_group) {
  std::int64_t largest = 1;
  for (const auto& [id, group] : groups) {
    if (id != output_group || group.read) largest = std::max(largest, group.stated.value_or(1));
  }
  return largest;
}

}  // namespace

std::int64_t Plan::parameter_count() const {
  std::int64_t count = 0;
  for (const auto& step : steps) {
    for (const LayerParameters& p : step->parameters()) count += p.outputs * (p.inputs + (p.bias ? 1 : 0));
  }
  return count;
}

Plan make_plan(const LayerGraph& graph, const Widths& widths) {
  Unrolling unrolling(graph);
  const std::map<StepId, Group> groups = groups_of(unrolling);
  const StepId output_group = unrolling.group(unrolling.plan.output);
  const auto scale =
      static_cast<double>(widths.width) / static_cast<double>(largest_stated(groups, output_group));
  const auto of_layer = [&](const std::optional<std::int64_t>& stated) {
    if (!stated || !widths.in_proportion) return stated.value_or(widths.width);
    return std::max<std::int64_t>(1, std::llround(scale * static_cast<double>(*stated)));
  };
  std::set<StepId> open;  // groups whose channels are being added up
  const std::function<std::int64_t(StepId)> channels = [&](StepId step) {
    const StepId id = unrolling.group(step);
    const Group& group = groups.at(id);
    if (group.data) return *group.data;
    if (!group.joined.empty()) {
      if (!open.insert(id).second)
        throw InputError("no finite widths fit: a value is added to a `concat` that it is itself part of");
      std::int64_t sum = 0;
      for (const StepId value : group.joined) sum += channels(value);
      open.erase(id);
      return sum * group.multiple;
    }
    if (id == output_group && !group.read && widths.outputs) return *widths.outputs;
    return of_layer(group.stated);
  };
  for (StepId id = 0; id < unrolling.plan.steps.size(); ++id) {
    Step& step = *unrolling.plan.steps[id];
    step.channels = channels(id);
    std::vector<std::int64_t> of_operands;
    for (const StepId operand : step.operands) of_operands.push_back(unrolling.plan.steps[operand]->channels);
    step.set_channels(of_operands);
  }
  return std::move(unrolling.plan);
}

bool widths_count(const LayerGraph& graph) {
  if (graph.parametrization == layer_graph::Parametrization::standard) return true;
  return std::ranges::any_of(graph.nodes, [&](const layer_graph::Node& node) {
    const layer_graph::LayerTraits* const layer = traits_of(node);
    return layer != nullptr && layer->weighs_by_width &&
           std::ranges::any_of(operands_of(node),
                               [&](NodeId value) { return graph.nodes[value].type.channels.has_value(); });
  });
}

std::vector<NodeId> fixed_widths(const LayerGraph& graph, bool in_proportion) {
  const Unrolling unrolling(graph);
  const std::map<StepId, Group> groups = groups_of(unrolling);
  const StepId output_group = unrolling.group(unrolling.plan.output);
  std::vector<NodeId> fixed;
  for (StepId step = 0; step < unrolling.plan.steps.size(); ++step) {
    if (unrolling.plan.steps[step]->channel_rule.rule != Channels::Rule::own) continue;
    const StepId id = unrolling.group(step);
    const Group& group = groups.at(id);
    const bool free_output = id == output_group && !group.read && !group.data;
    const NodeId node = unrolling.origins[step];
    if ((group.data || (group.stated && !in_proportion)) && !free_output &&
        std::ranges::find(fixed, node) == fixed.end())
      fixed.push_back(node);
  }
  return fixed;
}

}  // namespace ntkc::simulator
