#include <algorithm>
#include <iterator>

#include "compiler/derivation/derive.hpp"
#include "compiler/derivation/layers/layer_rules.hpp"

namespace ntkc::derivation {
namespace {

using kernel_ir::Carried;
using kernel_ir::NodeId;
using kernel_ir::Program;
using layer_graph::LayerGraph;
using layer_graph::ScalarOperation;

constexpr NodeId (*layer_rules[])(const RuleContext& context, const layer_graph::Node& node) = {
#define NTKC_LAYER(name) layers::name,
#include "compiler/layer_graph/layers/layers.def"
};

class Derivation {
 public:
  explicit Derivation(const LayerGraph& graph)
      : graph_(graph), context_(graph, program_), loop_results_(graph.nodes.size()) {
    program_.name = graph.network;
    for (const auto& parameter : graph.parameters)
      program_.parameters.push_back({parameter.name, parameter.value});
    const auto& input = graph.nodes[graph.input].type;
    program_.input_size = input.channels.value_or(1);
    program_.input_positions = input.positions;
    derive_scalars();
    name_activations();
  }

  /// By name, the first activation of the graph that has it.
  [[nodiscard]] const std::map<std::string, layer_graph::NodeId>& activations() const { return activations_; }

  Program run() {
    derive_region(0);
    add_roots();
    return std::move(program_);
  }

  Program run_activation(const layer_graph::ActivationNode& node) {
    const NodeId phi = context_.scalar(node.function);
    const NodeId dual = program_.dual(program_.input_cross(), phi);
    program_.roots = {{"Dual", dual},
                      {"Sigma", context_.normalized(dual, phi)},
                      {"Theta", program_.dual_derivative(program_.input_cross(), phi)}};
    return std::move(program_);
  }

 private:
  void add_roots() {
    if (graph_.depths.empty()) program_.roots.push_back({"Sigma", context_.sigma(graph_.output)});
    for (const auto depth : graph_.depths) {
      const auto& loop = graph_.regions[graph_.nodes[depth].region].loop;
      const std::int64_t count =
          loop ? std::get<layer_graph::LoopNode>(graph_.nodes[*loop].node).count : std::int64_t{1};
      program_.roots.push_back({"Sigma", context_.sigma(depth), program_.planes("Sigma"), count});
    }
  }

  // --- scalars: constant arithmetic, symbol for symbol

  void derive_scalars() {
    for (const auto& scalar : graph_.scalars) context_.scalars.push_back(derive_scalar(scalar));
  }

  void name_activations() {
    for (layer_graph::NodeId id = 0; id < graph_.nodes.size(); ++id) {
      const auto* activation = std::get_if<layer_graph::ActivationNode>(&graph_.nodes[id].node);
      if (activation == nullptr) continue;
      const NodeId phi = context_.scalars[activation->function];
      if (phi != program_.variable()) activations_.emplace(program_.name_function(phi, activation->name), id);
    }
  }

  NodeId derive_scalar(const layer_graph::Scalar& scalar) {
    switch (scalar.operation) {
      case ScalarOperation::literal:
        return program_.literal(scalar.value);
      case ScalarOperation::parameter:
        return program_.parameter(scalar.parameter);
      case ScalarOperation::variable:
        return program_.variable();
      default: {
        std::vector<NodeId> operands;
        for (std::size_t i = 0; i < layer_graph::operand_count(scalar.operation); ++i)
          operands.push_back(context_.scalars[scalar.operands.at(i)]);
        return program_.real(kernel_ir::operation_of(scalar.operation), std::move(operands));
      }
    }
  }

  // --- regions

  /// A Σ that the loop carries is two carried values: its self covariance and itself; over pairs of positions the
  /// variances, which correlations are relative to, are a third.
  void loop(layer_graph::NodeId id, const layer_graph::LoopNode& node) {
    const auto& body = graph_.regions[node.body];
    std::vector<Carried> carried;
    std::vector<std::size_t> places;  // of each Σ among the carried values
    for (const auto initial : node.initial) {
      for (const NodeId value : values_of(context_.sigmas[initial])) {
        const auto dependence =
            value == context_.sigmas[initial] ? kernel_ir::Dependence::pair : kernel_ir::Dependence::sample;
        const bool is_variance = program_[value].self == kernel_ir::no_node;
        const auto before = static_cast<std::uint32_t>(carried.size()) - 1;
        carried.push_back({value, dependence, is_variance ? Carried::no_self : before});
      }
      places.push_back(carried.size() - 1);
    }
    const auto region = program_.begin_loop(carried, node.count);
    for (std::size_t i = 0; i < body.arguments.size(); ++i)
      context_.sigmas[body.arguments[i]] = program_.regions()[region].arguments[places[i]];
    derive_region(node.body);
    std::vector<NodeId> next;
    for (const auto result : body.results)
      std::ranges::copy(values_of(context_.sigmas[result]), std::back_inserter(next));
    const std::vector<NodeId> results = program_.end_loop(next);
    for (const std::size_t place : places) loop_results_[id].push_back(results[place]);
  }

  /// Σ(x, x') with the self covariances that belong to it, each after its own.
  [[nodiscard]] std::vector<NodeId> values_of(NodeId sigma) const {
    std::vector<NodeId> values;
    for (NodeId value = sigma; value != kernel_ir::no_node; value = program_[value].self)
      values.insert(values.begin(), value);
    return values;
  }

  void derive_region(layer_graph::RegionId region) {
    for (const auto id : graph_.regions[region].nodes) {
      const auto& node = graph_.nodes[id];
      if (const auto kind = kind_of(node)) {
        context_.sigmas[id] = layer_rules[static_cast<std::size_t>(*kind)](context_, node);
      } else if (const auto* repeated = std::get_if<layer_graph::LoopNode>(&node.node)) {
        loop(id, *repeated);
      } else if (const auto* result = std::get_if<layer_graph::LoopResultNode>(&node.node)) {
        context_.sigmas[id] = loop_results_[result->loop][result->index];
      }  // a carried value is set by loop()
    }
  }

  const LayerGraph& graph_;
  Program program_;
  RuleContext context_;
  std::vector<std::vector<NodeId>> loop_results_;  // by LoopNode
  std::map<std::string, layer_graph::NodeId> activations_;
};

}  // namespace

Program derive_sigma(const LayerGraph& graph) { return Derivation(graph).run(); }

Program derive_activation(const LayerGraph& graph, const layer_graph::ActivationNode& activation) {
  return Derivation(graph).run_activation(activation);
}

std::map<std::string, layer_graph::NodeId> activation_names(const LayerGraph& graph) {
  return Derivation(graph).activations();
}

}  // namespace ntkc::derivation
