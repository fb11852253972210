#include "compiler/driver/elaborate_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "compiler/checks/activations.hpp"
#include "compiler/driver/stages.hpp"

namespace ntkc::driver {
namespace {

/// What a network has that its analysis does not know; "" if it has nothing of the kind.
std::string_view not_analysed(const layer_graph::LayerGraph& graph) {
  if (!graph.nodes[graph.input].type.positions.empty()) return "on positions";
  // Two samples have different units left out, however near they are: correlations do not tend to 1.
  const bool has_dropout = std::ranges::any_of(graph.nodes, [](const layer_graph::Node& node) {
    return kind_of(node) == layer_graph::LayerKind::dropout;
  });
  return has_dropout ? "with `dropout`" : "";
}

}  // namespace

layer_graph::LayerGraph elaborate_text(std::string_view arch_text, const CompileOptions& options,
                                       const std::string& file_name) {
  Compilation compilation(arch_text, options, file_name);
  return compilation.require(derivable_network_of(compilation)).graph;
}

layer_graph::LayerGraph elaborate_with_loop(std::string_view arch_text, const CompileOptions& options,
                                            const std::string& file_name) {
  CompileOptions silent = options;
  silent.on_warning = {};
  const int last = elaborate_text(arch_text, silent, file_name).outermost_repeats;
  Compilation compilation(arch_text, options, file_name);
  std::optional<Network> network = derivable_network_of(compilation, last);
  if (network) {
    if (const std::string_view what = not_analysed(network->graph); !what.empty()) {
      compilation.diagnostics.report(
          {.kind = DiagnosticKind::unsupported,
           .range = network->place,
           .message = fmt::format("the analysis of networks {} is not supported in this version", what),
           .notes = {},
           .help = "`ntkc show --emit=latex` shows the recursion"});
      network.reset();
    }
  }
  if (network) checks::check_activations(network->graph, options.theta, compilation.diagnostics);
  return compilation.require(std::move(network)).graph;
}

}  // namespace ntkc::driver
