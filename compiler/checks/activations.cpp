#include "compiler/checks/activations.hpp"

#include <fmt/format.h>

#include <set>
#include <stdexcept>
#include <utility>

#include "compiler/derivation/derive.hpp"
#include "compiler/duals/numeric_function.hpp"
#include "compiler/hermite/integrability.hpp"
#include "compiler/layer_graph/layers/weights.hpp"
#include "compiler/layer_graph/operands.hpp"
#include "compiler/moments/normal_form.hpp"
#include "compiler/passes/pipeline.hpp"

namespace ntkc::checks {
namespace {

using kernel_ir::NodeId;
using kernel_ir::Program;
using layer_graph::ActivationNode;
using layer_graph::LayerGraph;

/// By value: whether parameters that are trained stand at or before it. What loops carry is gone round until
/// nothing changes.
std::vector<bool> find_trained(const LayerGraph& graph) {
  std::vector<bool> trained(graph.nodes.size(), false);
  for (bool changed = true; changed;) {
    changed = false;
    for (std::size_t id = 0; id < graph.nodes.size(); ++id) {
      if (trained[id]) continue;
      bool now = layer_graph::adds_to_theta(graph, graph.nodes[id]);
      for (const auto part : layer_graph::parts_of(graph, graph.nodes[id])) now = now || trained[part];
      if (now) changed = trained[id] = true;
    }
  }
  return trained;
}

/// What keeps a function from being square-integrable; "" if nothing does.
std::string fault_of(const Program& program, NodeId function, const std::string& name) {
  const hermite::IntegrabilityReport report =
      hermite::check_integrability(duals::NumericFunction(program, function));
  switch (report.kind) {
    case hermite::Integrability::integrable:
      return "";
    case hermite::Integrability::undefined:
      return fmt::format("{} has no finite value at z = {:.6g}", name, report.where);
    case hermite::Integrability::singular:
      return fmt::format("the square of {} has no integral around z = {:.6g}", name, report.where);
    case hermite::Integrability::grows_too_fast:
      return fmt::format(
          "{} grows too fast: its square has no mean over a Gaussian variable of large variance", name);
  }
  return "";
}

class ActivationCheck {
 public:
  ActivationCheck(const LayerGraph& graph, DiagnosticList& diagnostics)
      : graph_(graph), diagnostics_(diagnostics) {}

  void check(const layer_graph::Node& node, bool needs_derivative) {
    const auto& activation = std::get<ActivationNode>(node.node);
    Program program = passes::bind_parameters(derivation::derive_activation(graph_, activation));
    const NodeId phi = program[program.root("Dual")].operands[1];
    if (moments::normal_form(program, phi)) return;
    const std::string name = fmt::format("`{}`", activation.name);
    if (const std::string fault = fault_of(program, phi, name); !fault.empty()) {
      report(node, fault, "choose an activation that grows more slowly than e^(az^2) and has no pole");
      return;
    }
    if (!needs_derivative) return;
    const NodeId slope = duals::slope_of(program, phi);
    if (const std::string fault = fault_of(program, slope, "the derivative of " + name); !fault.empty()) {
      report(node, fault + ", which Theta needs",
             "Sigma asks nothing of the derivative: take `--kernel=sigma`, or freeze the layers before it");
    }
  }

 private:
  void report(const layer_graph::Node& node, std::string message, std::string help) {
    const auto& definition = std::get<ActivationNode>(node.node).definition;
    std::vector<Note> notes;
    if (definition) notes.push_back({node.range, "applied here"});
    diagnostics_.report({DiagnosticKind::infinite_dual, definition.value_or(node.range), std::move(message),
                         std::move(notes), std::move(help)});
  }

  const LayerGraph& graph_;
  DiagnosticList& diagnostics_;
};

/// The activations of a graph, each function once.
std::vector<layer_graph::NodeId> different_activations(const LayerGraph& graph) {
  std::set<layer_graph::ScalarId> seen;
  std::vector<layer_graph::NodeId> result;
  for (layer_graph::NodeId id = 0; id < graph.nodes.size(); ++id) {
    const auto* activation = std::get_if<ActivationNode>(&graph.nodes[id].node);
    if (activation != nullptr && seen.insert(activation->function).second) result.push_back(id);
  }
  return result;
}

}  // namespace

void check_activations(const LayerGraph& graph, bool theta, DiagnosticList& diagnostics) {
  const std::vector<bool> trained = find_trained(graph);
  std::set<layer_graph::ScalarId> behind_trained;
  for (std::size_t id = 0; id < graph.nodes.size(); ++id) {
    const auto* activation = std::get_if<ActivationNode>(&graph.nodes[id].node);
    if (activation != nullptr && trained[id]) behind_trained.insert(activation->function);
  }
  ActivationCheck check(graph, diagnostics);
  for (const layer_graph::NodeId id : different_activations(graph)) {
    const auto function = std::get<ActivationNode>(graph.nodes[id].node).function;
    check.check(graph.nodes[id], theta && behind_trained.contains(function));
  }
}

void report_overflow(const LayerGraph& graph, const SourceRange& network, DiagnosticList& diagnostics) {
  for (const layer_graph::NodeId id : different_activations(graph)) {
    const auto& activation = std::get<ActivationNode>(graph.nodes[id].node);
    Program program = derivation::derive_activation(graph, activation);
    program.roots.erase(program.roots.begin());  // "Dual", a part of "Sigma"
    try {
      static_cast<void>(passes::run(passes::remove_dead(program)));
    } catch (const std::range_error&) {
      diagnostics.report({DiagnosticKind::arithmetic_error,
                          graph.nodes[id].range,
                          fmt::format("the dual of `{}` has constants beyond the range of double precision",
                                      activation.name),
                          {},
                          "its parameters are too large, or it is zero everywhere"});
      return;
    }
  }
  diagnostics.report({DiagnosticKind::arithmetic_error,
                      network,
                      "the kernels have constants beyond the range of double precision",
                      {},
                      "the parameters of layers are too large: rescale the inputs"});
}

}  // namespace ntkc::checks
