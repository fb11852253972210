#include "compiler/driver/statements.hpp"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <optional>

#include "compiler/derivation/derive.hpp"
#include "compiler/duals/rounding.hpp"
#include "compiler/latex/closed_forms.hpp"
#include "compiler/latex/latex.hpp"

namespace ntkc::driver {

namespace {

using kernel_ir::Node;
using kernel_ir::NodeId;
using kernel_ir::Program;

/// What rounding leaves of a closed form, where that is less than was asked; in f32 it always is.
std::string rounding_of(const Program& kernels, NodeId phi, const CompileOptions& options) {
  if (options.precision == Precision::f32) return {};
  const auto loss = duals::RoundingLoss::find(kernels, phi, options.theta);
  const double tolerance = pipeline_options(options).expansions.tolerance;
  return loss ? duals::describe(duals::find_loss_range(*loss, tolerance), tolerance) : "";
}

/// The expansions of named functions, of each name the one that leaves out most.
std::map<std::string, latex::Expansion> expansions_of(const Program& program, double largest_input) {
  std::map<std::string, latex::Expansion> result;
  for (const Node& node : program.nodes()) {
    if (node.operation != kernel_ir::Operation::hermite_series) continue;
    const auto name = program.function_names.find(node.operands[2]);
    if (name == program.function_names.end()) continue;
    latex::Expansion& expansion = result[name->second];
    const auto& [terms, stated] = program.expansion(node);
    if (stated < expansion.remainder) continue;
    expansion = {terms.count, terms.parity, stated, largest_input};
  }
  return result;
}

}  // namespace

std::string with_names_of_duals(std::string text, const Derived& derived, const CompileOptions& options) {
  const std::size_t input = text.find("\n  input ");
  const std::size_t end = input == std::string::npos ? input : text.find('\n', input + 1);
  if (end == std::string::npos) return text;
  std::string comments;
  for (const auto& [function, name] : derived.kernels.function_names)
    comments += "\n  # " + name + ": " + latex::name_dual(derived.kernels, function) +
                rounding_of(derived.kernels, function, options);
  return text.insert(end, comments);
}

std::string document(const Compilation& compilation, const Optimized& optimized) {
  return latex::document(derivation::derive_sigma(optimized.derived.network.graph),
                         compilation.sources.file(compilation.source).text(),
                         expansions_of(optimized.program, compilation.options.largest_input));
}

void check_expansions(Compilation& compilation, const Network& network, const Program& program) {
  const double tolerance = pipeline_options(compilation.options).expansions.tolerance;
  std::optional<Diagnostic> worst;
  double remainder = tolerance;
  for (const Node& node : program.nodes()) {
    if (node.operation != kernel_ir::Operation::hermite_series) continue;
    const double stated = program.expansion(node).remainder;
    if (stated <= remainder) continue;
    const auto [name, range] = expanded_activation(network, program, node.operands[2]);
    if (std::isnan(stated)) {
      compilation.diagnostics.report(
          {DiagnosticKind::infinite_dual,
           range,
           fmt::format("`{}` or a derivative of it is not finite over inputs with |x|^2/d up to {:.3g}", name,
                       compilation.options.largest_input),
           {},
           "scale the inputs down (`--preprocess`), or W_std; Sigma asks nothing of the derivative"});
      return;
    }
    remainder = stated;
    worst = Diagnostic{
        DiagnosticKind::inexact_dual,
        range,
        fmt::format("the dual of `{}` has no closed form, and its expansion leaves out up to {:.1e} of a "
                    "kernel entry where {:.0e} was asked",
                    name, remainder, tolerance),
        {},
        "without kinks and jumps an activation converges fast"};
  }
  if (worst) compilation.diagnostics.report(std::move(*worst));
}

std::pair<std::string, SourceRange> expanded_activation(const Network& network, const Program& program,
                                                        NodeId function) {
  const auto named = program.function_names.find(function);
  std::optional<std::pair<std::string, SourceRange>> first;
  for (const layer_graph::Node& node : network.graph.nodes) {
    const auto* const activation = std::get_if<layer_graph::ActivationNode>(&node.node);
    if (activation == nullptr) continue;
    if (named != program.function_names.end() && named->second == activation->name)
      return {activation->name, node.range};
    if (!first) first.emplace(activation->name, node.range);
  }
  return first.value_or(std::pair("activation", network.place));
}

}  // namespace ntkc::driver
