// Layer graph → kernel program → arithmetic on reals.
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "compiler/checks/activations.hpp"
#include "compiler/derivation/derive.hpp"
#include "compiler/driver/stages.hpp"
#include "compiler/driver/statements.hpp"
#include "compiler/hermite/work.hpp"
#include "compiler/kernel_ir/live.hpp"
#include "compiler/kernel_ir/sample_table.hpp"

namespace ntkc::driver {

namespace {

using kernel_ir::Program;

void report_operations(Compilation& compilation, const Network& network) {
  compilation.diagnostics.report(
      {DiagnosticKind::too_many_operations,
       network.place,
       fmt::format("the kernels of `{}` take more than {} operations, once its layers and activations are "
                   "written out",
                   network.graph.network, compilation.options.limits.operations),
       {},
       "write layers that are alike as a `repeat`, and activations in fewer pieces; `--limit operations=N` "
       "allows more"});
}

/// The passes stopped for what they grew to, or for what they took.
void report_length(Compilation& compilation, const Network& network, const std::length_error& error) {
  if (dynamic_cast<const hermite::TooMuchWork*>(&error) == nullptr) {
    report_operations(compilation, network);
    return;
  }
  compilation.diagnostics.report(
      {DiagnosticKind::too_much_quadrature,
       network.place,
       fmt::format("the expansions of the activations of `{}` that have no closed form take more quadrature "
                   "than {}e8 products",
                   network.graph.network, compilation.options.limits.quadrature),
       {},
       "use fewer different ones, with fewer kinks and jumps, or a coarser `--tolerance`; `--limit "
       "quadrature=N` allows more"});
}

/// Told before machine code is made of it.
bool check_size(Compilation& compilation, const Network& network, const Program& program) {
  const std::vector<bool> live = kernel_ir::find_live(program, program.roots);
  if (static_cast<std::size_t>(std::ranges::count(live, true)) > compilation.options.limits.operations) {
    report_operations(compilation, network);
    return false;
  }
  const std::int64_t slots = kernel_ir::assign_slots(program, live).total;
  if (slots <= compilation.options.limits.table) return true;
  compilation.diagnostics.report(
      {DiagnosticKind::table_too_large,
       network.place,
       fmt::format("the kernels of `{}` keep {} numbers of each sample, the limit is {}",
                   network.graph.network, slots, compilation.options.limits.table),
       {},
       "fewer iterations, a coarser `--tolerance` or smaller weights need fewer; `--limit table=N` allows "
       "more"});
  return false;
}

/// With the derivatives of the roots by parameters, as arithmetic in which these are still symbolic.
std::optional<passes::Expanded> differentiated(Compilation& compilation, const Network& network,
                                               const Program& kernels) {
  passes::ExpansionOptions expansions =
      pipeline_options(compilation.options, kernel_ir::position_count(kernels.input_positions)).expansions;
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
  // Equal branches become one node, so that a few times as many may do.
  if (network.graph.nodes.size() > 2 * options.limits.operations) {
    report_operations(compilation, network);
    return std::nullopt;
  }
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
  std::optional<passes::Expanded> expanded;
  try {
    expanded = differentiated(compilation, network, kernels);
  } catch (const std::length_error& error) {
    report_length(compilation, network, error);
  }
  if (!expanded) return std::nullopt;
  return Derived{std::move(network), std::move(layers), std::move(kernels), std::move(expanded->program),
                 std::move(expanded->duals)};
}

std::optional<Optimized> optimize(Compilation& compilation, Derived derived) {
  const Network& network = derived.network;
  checks::check_activations(network.graph, compilation.options.theta, compilation.diagnostics);
  if (compilation.diagnostics.has_errors()) return std::nullopt;
  // What is equal is one node already, so that each takes an operation at least.
  if (derived.program.size() > compilation.options.limits.operations) {
    report_operations(compilation, network);
    return std::nullopt;
  }
  try {
    passes::Expanded arithmetic = passes::run_stating(
        derived.program,
        pipeline_options(compilation.options, kernel_ir::position_count(derived.program.input_positions)));
    if (arithmetic.duals.empty()) arithmetic.duals = derived.duals;
    check_expansions(compilation, network, arithmetic.duals);
    if (!check_size(compilation, network, arithmetic.program)) return std::nullopt;
    return Optimized{std::move(derived), std::move(arithmetic.program), std::move(arithmetic.duals)};
  } catch (const std::length_error& error) {
    report_length(compilation, network, error);
    return std::nullopt;
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
