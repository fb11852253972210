// Layer graph → kernel program → arithmetic on reals.
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "compiler/checks/activations.hpp"
#include "compiler/derivation/derive.hpp"
#include "compiler/driver/stages.hpp"
#include "compiler/driver/statements.hpp"
#include "compiler/kernel_ir/function.hpp"

namespace ntkc::driver {

namespace {

using kernel_ir::NodeId;
using kernel_ir::Program;

/// A function that is expanded and jumps: the series of its dual cannot be differentiated term by term,
/// unless it is the part of one that its closed form goes with.
std::optional<NodeId> find_jump(const Program& program) {
  for (const kernel_ir::Node& node : program.nodes()) {
    if (node.operation != kernel_ir::Operation::hermite_series || program.expansion(node).remainder == 0)
      continue;
    if (kernel_ir::Function(program, node.operands[2]).has_jump(40)) return node.operands[2];
  }
  return std::nullopt;
}

/// With the derivatives of the roots by parameters, as arithmetic in which these are still symbolic.
std::optional<Program> differentiated(Compilation& compilation, const Network& network, Program program) {
  passes::ExpansionOptions expansions = pipeline_options(compilation.options).expansions;
  expansions.derivatives = network.derivatives;
  program = passes::expand(passes::remove_dead(program), expansions);
  if (const std::optional<NodeId> jumping = find_jump(program)) {
    const auto [name, range] = expanded_activation(network, program, *jumping);
    compilation.diagnostics.report(
        {DiagnosticKind::no_derivative,
         range,
         fmt::format("no derivatives: the dual of `{}`, or the one that Theta takes of its "
                     "derivative, is an expansion of a function that jumps",
                     name),
         {},
         "differentiate Sigma alone if the activation has only a kink, or use activations "
         "with a closed form"});
    return std::nullopt;
  }
  for (const std::uint32_t parameter : network.derivatives)
    program = passes::differentiate_by(program, parameter);
  return passes::simplify(passes::remove_dead(program), passes::Folding::exact);
}

}  // namespace

std::optional<Derived> derive(Compilation& compilation, Network network) {
  const CompileOptions& options = compilation.options;
  std::vector<std::string> layers;
  if (options.per_layer) layers = derivation::trainable_layers(network.graph);
  Program kernels = derivation::differentiate(derivation::derive_sigma(network.graph), layers.size());
  std::erase_if(kernels.roots, [&](const kernel_ir::Root& root) {
    return root.name == "Sigma" ? !options.sigma : root.name == "Theta" && !options.theta;
  });
  std::optional<Program> program = kernels;
  if (!network.derivatives.empty()) program = differentiated(compilation, network, kernels);
  if (!program) return std::nullopt;
  return Derived{std::move(network), std::move(layers), std::move(kernels), std::move(*program)};
}

std::optional<Optimized> optimize(Compilation& compilation, Derived derived) {
  const Network& network = derived.network;
  checks::check_activations(network.graph, compilation.options.theta, compilation.diagnostics);
  if (compilation.diagnostics.has_errors()) return std::nullopt;
  try {
    Program program = passes::run(derived.program, pipeline_options(compilation.options));
    check_expansions(compilation, network, program);
    return Optimized{std::move(derived), std::move(program)};
  } catch (const std::range_error&) {
    checks::report_overflow(network.graph, network.place, compilation.diagnostics);
    return std::nullopt;
  }
}

std::optional<Derived> derived_of(Compilation& compilation) {
  std::optional<Network> network = derivable_network_of(compilation);
  if (!network) return std::nullopt;
  return derive(compilation, std::move(*network));
}

std::optional<Optimized> optimized_of(Compilation& compilation) {
  std::optional<Derived> derived = derived_of(compilation);
  if (!derived) return std::nullopt;
  return optimize(compilation, std::move(*derived));
}

}  // namespace ntkc::driver
