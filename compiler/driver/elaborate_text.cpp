#include "compiler/driver/elaborate_text.hpp"

#include <utility>

#include "compiler/checks/activations.hpp"
#include "compiler/driver/stages.hpp"

namespace ntkc::driver {

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
  if (network && !network->graph.nodes[network->graph.input].type.positions.empty()) {
    compilation.diagnostics.report(
        {.kind = DiagnosticKind::unsupported,
         .range = network->place,
         .message = "the analysis of networks on positions is not supported in this version",
         .notes = {},
         .remedy = "`ntkc show --emit=latex` shows the recursion"});
    network.reset();
  }
  if (network) checks::check_activations(network->graph, options.theta, compilation.diagnostics);
  return compilation.require(std::move(network)).graph;
}

}  // namespace ntkc::driver
