// The maps of one iteration of a network.
#include <fmt/format.h>

#include <stdexcept>

#include "compiler/analysis/maps.hpp"
#include "compiler/analysis/step_program.hpp"
#include "compiler/derivation/derive.hpp"
#include "compiler/driver/elaborate_text.hpp"
#include "compiler/driver/stages.hpp"
#include "ntkc/analysis.hpp"
#include "ntkc/errors.hpp"

namespace ntkc {

namespace {

/// The names of what the last `repeat` outside of all blocks carries.
std::vector<std::string> carried_names(const layer_graph::LayerGraph& graph) {
  std::vector<std::string> names;
  for (const layer_graph::NodeId id : graph.regions[0].nodes) {
    const auto* const loop = std::get_if<layer_graph::LoopNode>(&graph.nodes[id].node);
    if (loop == nullptr) continue;
    names.clear();
    for (const layer_graph::NodeId argument : graph.regions[loop->body].arguments)
      names.push_back(graph.nodes[argument].name);
  }
  return names;
}

/// Says what the kernels are refused for, or else that constants overflow.
[[noreturn]] void refuse(std::string_view arch_text, const CompileOptions& options,
                         const std::string& file_name, const std::string& network) {
  driver::Compilation compilation(arch_text, options, file_name);
  static_cast<void>(driver::optimized_of(compilation));
  if (compilation.diagnostics.has_errors()) throw CompileError(compilation.rendered());
  throw NumericalError(
      fmt::format("{}: the recursion of `{}` has constants beyond the range of double precision; are its "
                  "parameters too large?",
                  file_name, network));
}

}  // namespace

Recursion::Recursion(std::string_view arch_text, const CompileOptions& options,
                     const std::string& file_name) {
  const layer_graph::LayerGraph graph = driver::elaborate_with_loop(arch_text, options, file_name);
  network_ = graph.network;
  iterations_ = graph.iterations_of_endless;
  try {
    analysis::RecursionPrograms programs = analysis::find_recursion(derivation::derive_sigma(graph));
    if (!programs.obstacle.empty())
      throw InputError(
          fmt::format("{}: `{}` cannot be analysed: {}", file_name, network_, programs.obstacle));
    const std::vector<std::string> names = carried_names(graph);
    for (const std::size_t value : programs.followed) values_.push_back(names.at(value));
    maps_ = std::make_unique<analysis::Maps>(
        std::move(programs),
        passes::ExpansionOptions{.tolerance = options.tolerance,
                                 .most_nodes = driver::pipeline_options(options).expansions.most_nodes});
  } catch (const std::range_error&) {
    refuse(arch_text, options, file_name, network_);
  } catch (const std::length_error&) {
    refuse(arch_text, options, file_name, network_);
  }
}

Recursion::Recursion(Recursion&&) noexcept = default;
Recursion& Recursion::operator=(Recursion&&) noexcept = default;
Recursion::~Recursion() = default;

}  // namespace ntkc
