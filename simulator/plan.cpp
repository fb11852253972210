#include "simulator/plan.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>

#include "ntkc/errors.hpp"
#include "simulator/visitor.hpp"

namespace ntkc::simulator {
namespace {

using layer_graph::argument;
using layer_graph::Builtin;
using layer_graph::LayerGraph;
using layer_graph::LayerNode;
using layer_graph::NodeId;
using layer_graph::Parametrization;
using layer_graph::ScalarId;

/// The graph with loops written out, widths left open, and which values must have equal channels.
class Unrolling {
 public:
  explicit Unrolling(const LayerGraph& graph) : graph_(graph), images_(graph.nodes.size()) {
    unroll(0);
    plan.output = images_[graph.output];
  }

  /// The representative of the values that have as many channels as `step`.
  StepId group(StepId step) const {
    while (parents_[step] != step) step = parents_[step];
    return step;
  }

  Plan plan;
  std::vector<NodeId> origins;                                ///< by step: the node it comes from
  std::map<StepId, std::int64_t> input_sizes;                 ///< by step: channels that the data have
  std::map<StepId, std::optional<std::int64_t>> dense_sizes;  ///< by step: what a layer states
  std::map<StepId, std::vector<StepId>> joined_values;        ///< by step: whose channels it has in all
  std::map<StepId, std::vector<double>> fractions;            ///< likewise: the part of each in the graph
  std::map<StepId, std::int64_t> fan_in;  ///< of dense steps in the graph, where it is stated

 private:
  StepId add(NodeId node, decltype(Step::operation) operation) {
    const StepId step = plan.steps.size();
    plan.steps.push_back({std::move(operation), 0});
    origins.push_back(node);
    parents_.push_back(step);
    images_[node] = step;
    return step;
  }

  void tie(StepId a, StepId b) {
    a = group(a);
    b = group(b);
    parents_[std::max(a, b)] = std::min(a, b);
  }

  [[nodiscard]] double value(ScalarId scalar) const { return graph_.scalars[scalar].value; }

  void unroll(layer_graph::RegionId region) {
    for (const NodeId id : graph_.regions[region].nodes) {
      // A kind of node without a rule is a compile error here.
      std::visit(Visitor{[&](const layer_graph::InputNode&) { input(id); },
                         [&](const LayerNode& node) { layer(id, node); },
                         [&](const layer_graph::ActivationNode& node) { activation(id, node); },
                         [&](const layer_graph::SumNode& node) { sum(id, node); },
                         [&](const layer_graph::ProductNode& node) { product(id, node); },
                         [&](const layer_graph::ConcatNode& node) { concat(id, node); },
                         [&](const layer_graph::LoopNode& node) { loop(id, node); },
                         [&](const layer_graph::LoopArgumentNode&) {},  // set by loop()
                         [&](const layer_graph::LoopResultNode& node) {
                           images_[id] = loop_results_.at(node.loop)[node.index];
                         }},
                 graph_.nodes[id].node);
    }
  }

  void input(NodeId id) {
    const std::int64_t channels = graph_.nodes[id].type.channels.value_or(1);
    const bool divided = graph_.parametrization != Parametrization::cntk;
    input_sizes[add(id, InputStep{divided ? 1.0 : std::sqrt(static_cast<double>(channels))})] = channels;
  }

  void layer(NodeId id, const LayerNode& node) {
    if (!graph_.nodes[id].type.positions.empty())
      throw std::logic_error("the simulator has no rule for layers on positions");
    switch (node.builtin) {
      case Builtin::dense:
        return dense(id, node);
    }
  }

  /// The multipliers of the parametrization follow once widths are known: fill_scales().
  void dense(NodeId id, const LayerNode& node) {
    DenseStep step;
    step.operand = images_[node.operand];
    step.number = static_cast<std::uint32_t>(plan.dense_steps++);
    const bool frozen = std::get<bool>(argument(node, "frozen"));
    const double rate = frozen ? 0 : value(std::get<ScalarId>(argument(node, "lr")));
    step.weights.rate = rate;
    step.weights.multiplier = value(std::get<ScalarId>(argument(node, "W_std")));
    const double bias = value(std::get<ScalarId>(argument(node, "b_std")));
    const bool trained_from_zero =
        graph_.parametrization == Parametrization::standard && std::get<bool>(argument(node, "bias"));
    if (bias > 0 || trained_from_zero) step.bias = ParameterArray{1, bias, rate};
    const StepId added = add(id, step);
    if (const auto channels = graph_.nodes[node.operand].type.channels) fan_in[added] = *channels;
    const auto& width = argument(node, "width");
    const auto* const stated = std::get_if<std::int64_t>(&width);
    dense_sizes[added] = stated == nullptr ? std::nullopt : std::optional(*stated);
  }

  void activation(NodeId id, const layer_graph::ActivationNode& node) {
    const StepId operand = images_[node.operand];
    const auto [entry, is_new] = functions_.try_emplace(node.function, plan.functions.size());
    if (is_new) {
      plan.functions.emplace_back(graph_, node.function);
      const bool normalized = graph_.parametrization == Parametrization::cntk;
      scales_.push_back(normalized ? 1 / std::sqrt(mean_square(plan.functions.back())) : 1.0);
    }
    tie(add(id, ActivationStep{operand, entry->second, scales_[entry->second]}), operand);
  }

  void sum(NodeId id, const layer_graph::SumNode& node) {
    SumStep step;
    for (const layer_graph::SumTerm& term : node.terms)
      step.terms.push_back({images_[term.value], value(term.coefficient)});
    const std::vector<SumStep::Term> terms = step.terms;
    const StepId added = add(id, std::move(step));
    for (const SumStep::Term& term : terms) tie(added, term.operand);
  }

  void product(NodeId id, const layer_graph::ProductNode& node) {
    const std::array<StepId, 2> factors = {images_[node.factors[0]], images_[node.factors[1]]};
    const StepId added = add(id, ProductStep{factors});
    for (const StepId factor : factors) tie(added, factor);
  }

  void concat(NodeId id, const layer_graph::ConcatNode& node) {
    ConcatStep step;
    std::vector<StepId> values;
    for (const NodeId value : node.values) {
      step.parts.push_back({images_[value], 1});
      values.push_back(images_[value]);
    }
    const StepId added = add(id, std::move(step));
    joined_values[added] = std::move(values);
    fractions[added] = layer_graph::channel_fractions(graph_, node);
  }

  void loop(NodeId id, const layer_graph::LoopNode& node) {
    const layer_graph::Region& body = graph_.regions[node.body];
    std::vector<StepId> carried;
    for (const NodeId initial : node.initial) carried.push_back(images_[initial]);
    for (std::int64_t iteration = 0; iteration < node.count; ++iteration) {
      for (std::size_t i = 0; i < carried.size(); ++i) images_[body.arguments[i]] = carried[i];
      unroll(node.body);
      for (std::size_t i = 0; i < carried.size(); ++i) carried[i] = images_[body.results[i]];
    }
    loop_results_[id] = std::move(carried);
  }

  const LayerGraph& graph_;
  std::vector<StepId> images_;
  std::vector<StepId> parents_;
  std::map<NodeId, std::vector<StepId>> loop_results_;
  std::map<ScalarId, std::size_t> functions_;
  std::vector<double> scales_;  // by function
};

/// What is known of the channels of one group of values.
struct Group {
  std::optional<std::int64_t> data;    ///< tied to the input
  std::optional<std::int64_t> stated;  ///< by a layer
  std::vector<StepId> joined = {};     ///< as many channels as these values have in all
  bool read = false;                   ///< by a dense layer, or joined to others
};

std::map<StepId, Group> groups_of(const Unrolling& unrolling) {
  std::map<StepId, Group> groups;
  for (const auto& [step, size] : unrolling.input_sizes) groups[unrolling.group(step)].data = size;
  for (const auto& [step, size] : unrolling.dense_sizes) {
    Group& group = groups[unrolling.group(step)];
    if (size) group.stated = size;
    groups[unrolling.group(std::get<DenseStep>(unrolling.plan.steps[step].operation).operand)].read = true;
  }
  for (const auto& [step, values] : unrolling.joined_values) {
    groups[unrolling.group(step)].joined = values;
    for (const StepId value : values) groups[unrolling.group(value)].read = true;
  }
  return groups;
}

/// The widest layer that states its width, but for the output's.
std::int64_t largest_stated(const std::map<StepId, Group>& groups, StepId output_group) {
  std::int64_t largest = 1;
  for (const auto& [id, group] : groups) {
    if (id != output_group || group.read) largest = std::max(largest, group.stated.value_or(1));
  }
  return largest;
}

/// The table of plan.hpp; the multipliers hold W_std and b_std so far. `fan_in` is that of the graph.
void fill_scales(DenseStep& dense, Parametrization parametrization, std::int64_t fan_in) {
  dense.weights.multiplier /= std::sqrt(static_cast<double>(dense.inputs));
  if (parametrization != Parametrization::standard) return;
  dense.weights.rate *= static_cast<double>(fan_in) / static_cast<double>(dense.inputs);
  std::swap(dense.weights.multiplier, dense.weights.standard_deviation);
  if (dense.bias) std::swap(dense.bias->multiplier, dense.bias->standard_deviation);
}

}  // namespace

std::vector<StepId> operands_of(const Step& step) {
  return std::visit(Visitor{[](const InputStep&) { return std::vector<StepId>(); },
                            [](const DenseStep& dense) { return std::vector{dense.operand}; },
                            [](const ActivationStep& activation) { return std::vector{activation.operand}; },
                            [](const SumStep& sum) {
                              std::vector<StepId> operands;
                              for (const SumStep::Term& term : sum.terms) operands.push_back(term.operand);
                              return operands;
                            },
                            [](const ProductStep& product) {
                              return std::vector<StepId>(product.factors.begin(), product.factors.end());
                            },
                            [](const ConcatStep& concat) {
                              std::vector<StepId> operands;
                              for (const ConcatStep::Part& part : concat.parts)
                                operands.push_back(part.value);
                              return operands;
                            }},
                    step.operation);
}

std::int64_t Plan::parameter_count() const {
  std::int64_t count = 0;
  for (const Step& step : steps) {
    if (const auto* const dense = std::get_if<DenseStep>(&step.operation))
      count += dense->outputs * (dense->inputs + (dense->bias ? 1 : 0));
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
      return sum;
    }
    if (id == output_group && !group.read && widths.outputs) return *widths.outputs;
    return of_layer(group.stated);
  };
  for (StepId id = 0; id < unrolling.plan.steps.size(); ++id) {
    Step& step = unrolling.plan.steps[id];
    step.channels = channels(id);
    if (auto* const dense = std::get_if<DenseStep>(&step.operation)) {
      dense->inputs = channels(dense->operand);
      dense->outputs = step.channels;
      const auto fan_in = unrolling.fan_in.find(id);
      fill_scales(*dense, graph.parametrization,
                  fan_in == unrolling.fan_in.end() ? dense->inputs : fan_in->second);
    }
    if (auto* const concat = std::get_if<ConcatStep>(&step.operation)) {
      for (std::size_t i = 0; i < concat->parts.size(); ++i) {
        const double part = unrolling.fractions.at(id)[i] * static_cast<double>(step.channels);
        const auto own = static_cast<double>(channels(concat->parts[i].value));
        if (std::abs(part - own) > 1e-9 * own) concat->parts[i].scale = std::sqrt(part / own);
      }
    }
  }
  return std::move(unrolling.plan);
}

bool widths_count(const LayerGraph& graph) {
  if (graph.parametrization == Parametrization::standard) return true;
  return std::ranges::any_of(graph.nodes, [&](const layer_graph::Node& node) {
    const auto* const concat = std::get_if<layer_graph::ConcatNode>(&node.node);
    return concat != nullptr && std::ranges::any_of(concat->values, [&](NodeId value) {
             return graph.nodes[value].type.channels.has_value();
           });
  });
}

std::vector<NodeId> fixed_widths(const LayerGraph& graph, bool in_proportion) {
  const Unrolling unrolling(graph);
  const std::map<StepId, Group> groups = groups_of(unrolling);
  const StepId output_group = unrolling.group(unrolling.plan.output);
  std::vector<NodeId> fixed;
  for (const auto& [step, size] : unrolling.dense_sizes) {
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
