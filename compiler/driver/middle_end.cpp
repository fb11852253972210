// Layer graph → kernel program → arithmetic on reals.
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "compiler/checks/activations.hpp"
#include "compiler/derivation/derive.hpp"
#include "compiler/driver/stages.hpp"
#include "compiler/driver/statements.hpp"

namespace ntkc::driver {

namespace {

using kernel_ir::Program;

/// With the derivatives of the roots by parameters, as arithmetic in which these are still symbolic.
std::optional<passes::Expanded> differentiated(Compilation& compilation, const Network& network,
                                               const Program& kernels) {
  passes::ExpansionOptions expansions = pipeline_options(compilation.options).expansions;
  expansions.derivatives = network.derivatives;
  passes::Expanded result = passes::expand_stating(kernels, expansions);
  if (!check_derivatives(compilation, network, result.duals)) return std::nullopt;
  for (const std::uint32_t parameter : network.derivatives)
    result.program = passes::differentiate_by(result.program, parameter);
  result.program = passes::simplify(passes::remove_dead(result.program), passes::Folding::exact);
  return result;
}

}  // namespace

std::optional<Derived> derive(Compilation& compilation, Network network) {
  const CompileOptions& options = compilation.options;
  std::vector<std::string> layers;
  if (options.per_layer) layers = derivation::trainable_layers(network.graph);
  Program kernels = derivation::differentiate(derivation::derive_sigma(network.graph), layers.size());
  const std::size_t unwanted = std::erase_if(kernels.roots, [&](const kernel_ir::Root& root) {
    return root.name == "Sigma" ? !options.sigma : root.name == "Theta" && !options.theta;
  });
  // What is not wanted is not decided either.
  if (unwanted > 0) kernels = passes::remove_dead(kernels);
  if (network.derivatives.empty()) {
    Program program = kernels;
    return Derived{std::move(network), std::move(layers), std::move(kernels), std::move(program)};
  }
  std::optional<passes::Expanded> expanded = differentiated(compilation, network, kernels);
  if (!expanded) return std::nullopt;
  return Derived{std::move(network), std::move(layers), std::move(kernels), std::move(expanded->program),
                 std::move(expanded->duals)};
}

std::optional<Optimized> optimize(Compilation& compilation, Derived derived) {
  const Network& network = derived.network;
  checks::check_activations(network.graph, compilation.options.theta, compilation.diagnostics);
  if (compilation.diagnostics.has_errors()) return std::nullopt;
  try {
    passes::Expanded arithmetic = passes::run_stating(derived.program, pipeline_options(compilation.options));
    if (arithmetic.duals.empty()) arithmetic.duals = derived.duals;
    check_expansions(compilation, network, arithmetic.duals);
    return Optimized{std::move(derived), std::move(arithmetic.program), std::move(arithmetic.duals)};
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
