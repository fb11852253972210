// Text → layer graph.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "compiler/driver/repeat_count.hpp"
#include "compiler/driver/stages.hpp"
#include "grammar/format.hpp"

namespace ntkc::driver {

namespace {

layer_graph::ElaborationLimits elaboration_limits(const CompileOptions& options) {
  const SourceLimits& limits = options.limits;
  return {
      .expanded_layers = limits.expanded_layers,
      .written_out = limits.written_out,
      .applied_blocks = static_cast<int>(std::min(limits.applied_blocks, layer_graph::most_applied_blocks)),
      .list_numbers = limits.list_numbers,
      .activation_parts = limits.activation_parts,
      .summands = limits.summands,
      .all_depths = options.all_depths,
      .input_size = options.input_size};
}

/// The parameters to differentiate with respect to; reports those for which there is no derivative.
std::vector<std::uint32_t> find_derivatives(Compilation& compilation, const layer_graph::LayerGraph& graph,
                                            const SourceRange& network) {
  std::vector<std::uint32_t> derivatives;
  for (const std::string& name : compilation.options.derivatives) {
    const auto found = std::ranges::find(graph.parameters, name, &layer_graph::NetworkParameter::name);
    if (found == graph.parameters.end()) {
      compilation.diagnostics.report(
          {DiagnosticKind::unknown_parameter,
           network,
           fmt::format("network `{}` has no parameter `{}` to differentiate with respect to", graph.network,
                       name),
           {},
           "name one of the parameters in its first line"});
    } else if (found->integer) {
      compilation.diagnostics.report(
          {DiagnosticKind::no_derivative,
           network,
           fmt::format("no derivative with respect to `{}`, which is an integer", name),
           {},
           fmt::format("if it is meant as a real, give its value a point: `{} = {:.1f}`", name,
                       found->value)});
    } else {
      derivatives.push_back(static_cast<std::uint32_t>(found - graph.parameters.begin()));
    }
  }
  return derivatives;
}

void report_no_repeat(Compilation& compilation, const ast::File& network, std::string_view purpose) {
  compilation.diagnostics.report(
      {DiagnosticKind::no_repeat,
       network.network.range,
       fmt::format("network `{}` has no `repeat` {}", network.network.name, purpose),
       {},
       "write the layers that are alike as a `repeat` with at least one iteration"});
}

}  // namespace

std::optional<ast::File> parse(Compilation& compilation) {
  return grammar::parse(compilation.sources, compilation.source, compilation.diagnostics, compilation.limits);
}

std::optional<std::string> format(Compilation& compilation) {
  const std::optional<ast::File> file = grammar::parse_either(compilation.sources, compilation.source,
                                                              compilation.diagnostics, compilation.limits);
  if (!file) return std::nullopt;
  std::string text = grammar::format(*file, compilation.sources.file(compilation.source).text());
  const std::size_t limit = compilation.limits.file_bytes;
  if (text.size() <= limit) return text;
  // Deep blocks: it could not be read back.
  compilation.diagnostics.report(
      {DiagnosticKind::file_too_large,
       {compilation.source, 0, 0},
       fmt::format("the canonical layout has {} bytes, the limit is {}", text.size(), limit)});
  return std::nullopt;
}

std::optional<modules::Modules> load(Compilation& compilation) {
  const modules::Options options = {.include_directories = compilation.options.include_directories,
                                    .import_depth = compilation.options.limits.import_depth,
                                    .imported_files = compilation.options.limits.imported_files,
                                    .source = compilation.limits,
                                    .matrix_numbers = compilation.options.limits.list_numbers,
                                    .on_import = compilation.options.on_import};
  return modules::load(compilation.sources, compilation.source, compilation.diagnostics, options);
}

std::optional<Sources> read(Compilation& compilation) {
  std::optional<modules::Modules> modules = load(compilation);
  std::map<std::string, std::string> values = compilation.options.definitions;
  if (modules && compilation.options.repeat_count) {
    ast::File& network = modules->modules.back().file;
    if (last_repeat(network) == nullptr)
      report_no_repeat(compilation, network, "to change the count of");
    else
      set_repeat_count(network, values, *compilation.options.repeat_count);
  }
  // Also where the network has mistakes, so that those of the definitions are told with them.
  std::vector<layer_graph::Definition> definitions;
  for (const auto& [name, value] : values) {
    const std::uint32_t source = compilation.sources.add("<-D " + name + ">", value);
    std::optional<ast::File> constant =
        grammar::parse_constant(compilation.sources, source, compilation.diagnostics, compilation.limits);
    const std::uint32_t whole = compilation.sources.add("<-D>", name + "=" + value);
    const SourceRange range = {whole, 0, static_cast<std::uint32_t>(name.size())};
    if (constant) definitions.push_back({name, range, std::move(*constant)});
  }
  if (!modules || compilation.diagnostics.has_errors()) return std::nullopt;
  return Sources{std::move(*modules), std::move(definitions)};
}

std::optional<Network> elaborate(Compilation& compilation, Sources sources, int endless_repeat) {
  layer_graph::ElaborationLimits limits = elaboration_limits(compilation.options);
  limits.endless_repeat = endless_repeat;
  std::optional<layer_graph::LayerGraph> graph =
      layer_graph::elaborate(sources.modules, sources.definitions, compilation.diagnostics, limits);
  if (!graph) return std::nullopt;
  const ast::File& file = sources.modules.network();
  if (compilation.options.all_depths && graph->depths.empty()) {
    report_no_repeat(compilation, file, "to take the depths of");
    return std::nullopt;
  }
  const SourceRange place = file.network.range;
  std::vector<std::uint32_t> derivatives = find_derivatives(compilation, *graph, place);
  if (compilation.diagnostics.has_errors()) return std::nullopt;
  return Network{std::move(sources), std::move(*graph), place, std::move(derivatives)};
}

std::optional<Network> network_of(Compilation& compilation, int endless_repeat) {
  std::optional<Sources> sources = read(compilation);
  if (!sources) return std::nullopt;
  return elaborate(compilation, std::move(*sources), endless_repeat);
}

std::optional<Network> derivable_network_of(Compilation& compilation, int endless_repeat) {
  std::optional<Network> network = network_of(compilation, endless_repeat);
  if (!network || !layer_graph::check_derivable(network->graph, compilation.diagnostics)) return std::nullopt;
  return network;
}

}  // namespace ntkc::driver
