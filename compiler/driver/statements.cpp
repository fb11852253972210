#include "compiler/driver/statements.hpp"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <stdexcept>
#include <utility>

#include "compiler/derivation/derive.hpp"
#include "compiler/latex/latex.hpp"

namespace ntkc::driver {
namespace {

/// Name and place of the activation that a use is of.
std::pair<std::string, SourceRange> activation_of(const Network& network, const duals::Use& use) {
  const std::map<std::string, layer_graph::NodeId> activations = derivation::activation_names(network.graph);
  for (const std::string& name : use.names) {
    const auto found = activations.find(name);
    if (found == activations.end()) continue;
    const layer_graph::Node& node = network.graph.nodes[found->second];
    return {std::get<layer_graph::ActivationNode>(node.node).name, node.range};
  }
  return {"activation", network.place};
}

std::string with_comments(std::string text, const Derived& derived, const std::vector<duals::Use>& uses) {
  const std::size_t input = text.find("\n  input ");
  const std::size_t end = input == std::string::npos ? input : text.find('\n', input + 1);
  if (end == std::string::npos) return text;
  std::string comments;
  for (const auto& [function, name] : derived.kernels.function_names) {
    for (const std::string& statement : duals::texts_of(uses, name))
      comments += fmt::format("\n  # {}: {}", name, statement);
  }
  return text.insert(end, comments);
}

}  // namespace

std::string print(const Derived& derived, const CompileOptions& options) {
  std::vector<duals::Use> uses = derived.duals;
  try {
    if (uses.empty()) uses = passes::run_stating(derived.program, pipeline_options(options)).duals;
  } catch (const std::range_error&) {
    // A constant is beyond all bounds: nothing can be compiled, and nothing is said.
  } catch (const std::length_error&) {
    // So it is where the formulas would be too large.
  }
  return with_comments(kernel_ir::print(derived.program), derived, uses);
}

std::string print(const Optimized& optimized) {
  return with_comments(kernel_ir::print(optimized.program), optimized.derived, optimized.duals);
}

std::string document(const Compilation& compilation, const Optimized& optimized) {
  return latex::document(derivation::derive_sigma(optimized.derived.network.graph),
                         compilation.sources.file(compilation.source).text(), optimized.duals,
                         compilation.options.largest_input);
}

void check_expansions(Compilation& compilation, const Network& network, const std::vector<duals::Use>& uses) {
  const double tolerance = pipeline_options(compilation.options).expansions.tolerance;
  const duals::Use* worst = nullptr;
  for (const duals::Use& use : uses) {
    const double remainder = use.statement.remainder;
    if (std::isnan(remainder)) {
      const auto [name, range] = activation_of(network, use);
      compilation.diagnostics.report(
          {DiagnosticKind::infinite_dual,
           range,
           fmt::format("`{}` or a derivative of it is not finite over inputs with |x|^2/d up to {:.3g}", name,
                       compilation.options.largest_input),
           {},
           "scale the inputs down (`--preprocess`), or W_std; Sigma asks nothing of the derivative"});
      return;
    }
    if (remainder > (worst == nullptr ? tolerance : worst->statement.remainder)) worst = &use;
  }
  if (worst == nullptr) return;
  const auto [name, range] = activation_of(network, *worst);
  compilation.diagnostics.report(
      {DiagnosticKind::inexact_dual,
       range,
       fmt::format("the dual of `{}` is expanded, which leaves out up to {:.1e} of a kernel entry where "
                   "{:.0e} was asked",
                   name, worst->statement.remainder, tolerance),
       {},
       "without kinks and jumps an activation converges fast"});
}

bool check_derivatives(Compilation& compilation, const Network& network,
                       const std::vector<duals::Use>& uses) {
  for (const duals::Use& use : uses) {
    if (!use.statement.expands_jump) continue;
    const auto [name, range] = activation_of(network, use);
    compilation.diagnostics.report(
        {DiagnosticKind::no_derivative,
         range,
         fmt::format("no derivatives: the dual of `{}`, or the one that Theta takes of its derivative, is an "
                     "expansion of a function that jumps",
                     name),
         {},
         "differentiate Sigma alone if the activation has only a kink, or use activations with a closed "
         "form"});
    return false;
  }
  return true;
}

}  // namespace ntkc::driver
