#include <array>
#include <functional>
#include <map>
#include <tuple>

#include <fmt/format.h>

#include "compiler/derivation/derive.hpp"

namespace ntkc::derivation {
namespace {

using kernel_ir::Carried;
using kernel_ir::NodeId;
using kernel_ir::Operation;
using kernel_ir::Program;
using layer_graph::argument;
using layer_graph::Builtin;
using layer_graph::LayerGraph;
using layer_graph::LayerNode;
using layer_graph::ScalarId;
using layer_graph::ScalarOperation;

/// Numbers the layers with trainable parameters: those at one place of the text are one layer.
class TrainableLayers {
 public:
  explicit TrainableLayers(const LayerGraph& graph) {
    for (layer_graph::NodeId id = 0; id < graph.nodes.size(); ++id) {
      const auto* layer = std::get_if<LayerNode>(&graph.nodes[id].node);
      if (layer == nullptr || std::get<bool>(argument(*layer, "frozen"))) continue;
      if (numbers_.try_emplace(key(graph.nodes[id].range), first_nodes_.size()).second)
        first_nodes_.push_back(id);
    }
  }
  [[nodiscard]] std::uint32_t number(const layer_graph::Node& node) const {
    return static_cast<std::uint32_t>(numbers_.at(key(node.range)));
  }
  [[nodiscard]] const std::vector<layer_graph::NodeId>& first_nodes() const { return first_nodes_; }

 private:
  using Key = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>;
  static Key key(const SourceRange& range) { return {range.file, range.begin, range.end}; }

  std::map<Key, std::size_t> numbers_;
  std::vector<layer_graph::NodeId> first_nodes_;
};

class Derivation {
 public:
  explicit Derivation(const LayerGraph& graph)
      : graph_(graph),
        trainable_(graph),
        images_(graph.nodes.size(), kernel_ir::no_node),
        loop_results_(graph.nodes.size()) {
    program_.name = graph.network;
    for (const auto& parameter : graph.parameters)
      program_.parameters.push_back({parameter.name, parameter.value});
    const auto& input = graph.nodes[graph.input].type;
    program_.input_size = input.channels.value_or(1);
    derive_scalars();
  }

  Program run() {
    derive_region(0);
    add_roots();
    return std::move(program_);
  }

  Program run_activation(const layer_graph::ActivationNode& node) {
    const NodeId phi = scalars_[node.function];
    const NodeId dual = program_.dual(program_.input_cross(), phi);
    program_.roots = {{"Dual", dual},
                      {"Sigma", normalized(dual, phi)},
                      {"Theta", program_.dual_derivative(program_.input_cross(), phi)}};
    return std::move(program_);
  }

 private:
  void add_roots() {
    if (graph_.depths.empty()) program_.roots.push_back({"Sigma", images_[graph_.output]});
    for (const auto depth : graph_.depths) {
      const auto& loop = graph_.regions[graph_.nodes[depth].region].loop;
      const std::int64_t count =
          loop ? std::get<layer_graph::LoopNode>(graph_.nodes[*loop].node).count : std::int64_t{1};
      program_.roots.push_back({"Sigma", images_[depth], program_.planes("Sigma"), count});
    }
  }

  // --- scalars: constant arithmetic, symbol for symbol

  void derive_scalars() {
    for (const auto& scalar : graph_.scalars) scalars_.push_back(derive_scalar(scalar));
  }

  NodeId derive_scalar(const layer_graph::Scalar& scalar) {
    const auto unary = [&](Operation operation) {
      return program_.real(operation, {scalars_[scalar.operands[0]]});
    };
    const auto binary = [&](Operation operation) {
      return program_.real(operation, {scalars_[scalar.operands[0]], scalars_[scalar.operands[1]]});
    };
    switch (scalar.operation) {
      case ScalarOperation::literal:
        return program_.literal(scalar.value);
      case ScalarOperation::parameter:
        return program_.parameter(scalar.parameter);
      case ScalarOperation::add:
        return binary(Operation::add);
      case ScalarOperation::subtract:
        return binary(Operation::subtract);
      case ScalarOperation::multiply:
        return binary(Operation::multiply);
      case ScalarOperation::divide:
        return binary(Operation::divide);
      case ScalarOperation::power:
        return binary(Operation::power);
      case ScalarOperation::negate:
        return program_.subtract(program_.literal(0), scalars_[scalar.operands[0]]);
      case ScalarOperation::sqrt:
        return unary(Operation::square_root);
      case ScalarOperation::exp:
        return unary(Operation::exp);
      case ScalarOperation::log:
        return unary(Operation::log);
      case ScalarOperation::sin:
        return unary(Operation::sin);
      case ScalarOperation::cos:
        return unary(Operation::cos);
      case ScalarOperation::tanh:
        return unary(Operation::tanh);
      case ScalarOperation::erf:
        return unary(Operation::erf);
      case ScalarOperation::abs:
        return unary(Operation::abs);
      case ScalarOperation::minimum:
        return binary(Operation::minimum);
      case ScalarOperation::maximum:
        return binary(Operation::maximum);
      case ScalarOperation::variable:
        return program_.variable();
      case ScalarOperation::sign:
        return unary(Operation::sign);
      case ScalarOperation::less:
      case ScalarOperation::less_equal:
      case ScalarOperation::equal:
        return select(scalar, program_.literal(1), program_.literal(0));
      case ScalarOperation::select:
        return select(graph_.scalars[scalar.operands[0]], scalars_[scalar.operands[1]],
                      scalars_[scalar.operands[2]]);
    }
    return kernel_ir::no_node;
  }

  /// condition ? yes : no
  NodeId select(const layer_graph::Scalar& condition, NodeId yes, NodeId no) {
    const auto operand = [&](std::size_t i) { return scalars_[condition.operands.at(i)]; };
    const auto less = [&](NodeId a, NodeId b, NodeId then, NodeId otherwise) {
      return program_.real(Operation::select_less, {a, b, then, otherwise});
    };
    switch (condition.operation) {
      case ScalarOperation::less:
        return less(operand(0), operand(1), yes, no);
      case ScalarOperation::less_equal:
        return less(operand(1), operand(0), no, yes);
      case ScalarOperation::equal:
        return less(operand(0), operand(1), no, less(operand(1), operand(0), no, yes));
      default: {  // a number, which holds if it is not 0
        const NodeId size = program_.real(Operation::abs, {derive_scalar(condition)});
        return less(program_.literal(0), size, yes, no);
      }
    }
  }

  NodeId scalar_argument(const LayerNode& layer, std::string_view name) const {
    return scalars_[std::get<ScalarId>(argument(layer, name))];
  }

  // --- layers: one Σ rule and one seed each

  /// Σ' = W_std² Σ + b_std², in any parametrization.
  NodeId dense(const layer_graph::Node& node, const LayerNode& layer, NodeId sigma) {
    NodeId result = program_.multiply(program_.square(scalar_argument(layer, "W_std")), sigma);
    const NodeId bias = scalar_argument(layer, "b_std");
    if (!program_.is_literal(bias, 0)) result = program_.add(result, program_.square(bias));
    if (std::get<bool>(argument(layer, "frozen"))) return result;
    const NodeId rate = scalar_argument(layer, "lr");
    const NodeId seed = standard() ? standard_seed(layer, sigma) : program_.cross(result);
    return program_.trainable(result, program_.is_literal(rate, 1) ? seed : program_.multiply(rate, seed),
                              trainable_.number(node));
  }

  [[nodiscard]] bool standard() const {
    return graph_.parametrization == layer_graph::Parametrization::standard;
  }

  /// What the parameters of `dense` add to Θ. NTK parametrization: ∂f/∂W · ∂f/∂W is W_std²/n h·h', that of b
  /// is b_std², in all Σ' (Jacot et al. 2018, Theorem 1). Standard, f = W h + b: h·h' = n Σ, and 1 if there
  /// is a bias (Sohl-Dickstein et al. 2020, eq. 5), n = the number of units in front.
  NodeId standard_seed(const LayerNode& layer, NodeId sigma) {
    const auto width = graph_.nodes[layer.operand].type.channels.value();
    const NodeId weights =
        program_.multiply(program_.literal(static_cast<double>(width)), program_.cross(sigma));
    const double bias_std = graph_.scalars[std::get<ScalarId>(argument(layer, "b_std"))].value;
    const bool bias = bias_std > 0 || std::get<bool>(argument(layer, "bias"));
    return bias ? program_.add(weights, program_.literal(1)) : weights;
  }

  NodeId layer(const layer_graph::Node& node, const LayerNode& applied) {
    const NodeId sigma = images_[applied.operand];
    switch (applied.builtin) {
      case Builtin::dense:
        return dense(node, applied, sigma);
    }
    return kernel_ir::no_node;
  }

  /// Σ' = E[φ(u)φ(v)].
  NodeId activation(const layer_graph::ActivationNode& node) {
    const NodeId sigma = images_[node.operand];
    const NodeId phi = scalars_[node.function];
    if (phi == program_.variable()) return sigma;
    program_.function_names.emplace(phi, node.name);
    return normalized(program_.dual(sigma, phi), phi);
  }

  /// Under `cntk` a dual is divided by E[φ(z)²], z ~ N(0, 1) (Arora et al. 2019, sections 3.1 and 4: c_σ is 2
  /// for ReLU).
  NodeId normalized(NodeId dual, NodeId phi) {
    if (graph_.parametrization != layer_graph::Parametrization::cntk) return dual;
    const NodeId one = program_.literal(1);
    return program_.multiply(program_.divide(one, program_.moment(one, phi, phi)), dual);
  }

  /// Σ⁰ = x·x'/d, under `cntk` x·x'.
  NodeId input() {
    const NodeId sigma = program_.input_cross();
    if (graph_.parametrization != layer_graph::Parametrization::cntk) return sigma;
    return program_.multiply(program_.literal(static_cast<double>(program_.input_size)), sigma);
  }

  /// Σ' = Σ_i s_i² Σ_i for uncorrelated branches.
  NodeId sum(const layer_graph::SumNode& node) {
    NodeId result = kernel_ir::no_node;
    for (const auto& term : node.terms) {
      const NodeId coefficient = scalars_[term.coefficient];
      const NodeId branch = images_[term.value];
      const NodeId scaled = program_.is_literal(coefficient, 1)
                                ? branch
                                : program_.multiply(program_.square(coefficient), branch);
      result = result == kernel_ir::no_node ? scaled : program_.add(result, scaled);
    }
    return result;
  }

  /// Σ' = Σ_i f_i Σ_i, f_i the part of the channels: a unit of the next layer averages over all of them.
  NodeId concat(const layer_graph::ConcatNode& node) {
    const std::vector<double> fractions = layer_graph::channel_fractions(graph_, node);
    NodeId result = kernel_ir::no_node;
    for (std::size_t i = 0; i < node.values.size(); ++i) {
      const NodeId part = program_.multiply(program_.literal(fractions[i]), images_[node.values[i]]);
      result = result == kernel_ir::no_node ? part : program_.add(result, part);
    }
    return result;
  }

  // --- regions

  /// A carried Σ is two carried values, its self covariance and itself.
  void loop(layer_graph::NodeId id, const layer_graph::LoopNode& node) {
    const auto& body = graph_.regions[node.body];
    std::vector<Carried> carried;
    for (const auto initial : node.initial) {
      const NodeId sigma = images_[initial];
      const auto index = static_cast<std::uint32_t>(carried.size());
      carried.push_back({program_[sigma].self, kernel_ir::Dependence::sample, Carried::no_self});
      carried.push_back({sigma, kernel_ir::Dependence::pair, index});
    }
    const auto region = program_.begin_loop(carried, node.count);
    for (std::size_t i = 0; i < body.arguments.size(); ++i) {
      images_[body.arguments[i]] = program_.regions()[region].arguments[2 * i + 1];
    }
    derive_region(node.body);
    std::vector<NodeId> next;
    for (const auto result : body.results) {
      next.push_back(program_[images_[result]].self);
      next.push_back(images_[result]);
    }
    loop_results_[id] = program_.end_loop(next);
  }

  void derive_region(layer_graph::RegionId region) {
    for (const auto id : graph_.regions[region].nodes) {
      const auto& node = graph_.nodes[id].node;
      if (std::holds_alternative<layer_graph::InputNode>(node)) {
        images_[id] = input();
      } else if (const auto* applied = std::get_if<LayerNode>(&node)) {
        images_[id] = layer(graph_.nodes[id], *applied);
      } else if (const auto* activated = std::get_if<layer_graph::ActivationNode>(&node)) {
        images_[id] = activation(*activated);
      } else if (const auto* terms = std::get_if<layer_graph::SumNode>(&node)) {
        images_[id] = sum(*terms);
      } else if (const auto* product = std::get_if<layer_graph::ProductNode>(&node)) {
        // Σ' = Σ_a Σ_b for independent branches.
        images_[id] = program_.multiply(images_[product->factors[0]], images_[product->factors[1]]);
      } else if (const auto* joined = std::get_if<layer_graph::ConcatNode>(&node)) {
        images_[id] = concat(*joined);
      } else if (const auto* repeated = std::get_if<layer_graph::LoopNode>(&node)) {
        loop(id, *repeated);
      } else if (const auto* result = std::get_if<layer_graph::LoopResultNode>(&node)) {
        images_[id] = loop_results_[result->loop][2 * result->index + 1];
      }
    }
  }

  const LayerGraph& graph_;
  const TrainableLayers trainable_;
  Program program_;
  std::vector<NodeId> scalars_;
  std::vector<NodeId> images_;                     // Σ(x, x') of each value
  std::vector<std::vector<NodeId>> loop_results_;  // by LoopNode
};

}  // namespace

Program derive_sigma(const LayerGraph& graph) { return Derivation(graph).run(); }

Program derive_activation(const LayerGraph& graph, const layer_graph::ActivationNode& activation) {
  return Derivation(graph).run_activation(activation);
}

std::vector<std::string> trainable_layers(const LayerGraph& graph) {
  std::vector<std::string> names;
  std::map<std::string, int> uses;
  const TrainableLayers layers(graph);
  for (const auto id : layers.first_nodes()) {
    const auto& node = graph.nodes[id];
    names.push_back(node.name.empty() ? std::string(info(std::get<LayerNode>(node.node).builtin).name)
                                      : node.name);
    ++uses[names.back()];
  }
  std::map<std::string, int> seen;
  for (std::string& name : names) {
    if (uses[name] > 1) name += fmt::format("[{}]", ++seen[name]);
  }
  return names;
}

}  // namespace ntkc::derivation
