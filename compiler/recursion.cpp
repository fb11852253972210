// The maps of one iteration of a network, compiled.
#include <fmt/format.h>

#include "compiler/analysis/recursion.hpp"
#include "compiler/derivation/derive.hpp"
#include "compiler/elaborate_text.hpp"
#include "compiler/jit/jit.hpp"
#include "compiler/passes/pipeline.hpp"
#include "ntkc/analysis.hpp"
#include "ntkc/errors.hpp"

namespace ntkc {

Recursion::Recursion(std::string_view arch_text, const CompileOptions& options, const std::string& file_name,
                     Purpose purpose) {
  const layer_graph::LayerGraph graph = elaborate_text(arch_text, options, file_name);
  analysis::RecursionPrograms programs = analysis::find_recursion(derivation::derive_sigma(graph));
  if (!programs.obstacle.empty())
    throw InputError(
        fmt::format("{}: `{}` cannot be analysed: {}", file_name, graph.network, programs.obstacle));
  // Two lanes: a few pairs at a time are wanted, and many compilations (sweeps).
  const auto compile = [&](const kernel_ir::Program& program) {
    KernelFunctions kernel =
        jit::compile(passes::run(program, {options.disabled_passes, nullptr}), {.f32 = false, .lanes = 2});
    kernel.name = graph.network;
    return kernel;
  };
  iterations_ = programs.count;
  const bool everything = purpose == Purpose::everything;
  if (!everything)
    std::erase_if(programs.entry.roots, [](const kernel_ir::Root& root) { return root.name == "Theta"; });
  entry_ = compile(programs.entry);
  step_ = compile(programs.step);
  if (everything) contribution_ = compile(programs.contribution);
}

}  // namespace ntkc
