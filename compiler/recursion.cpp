// The maps of one iteration of a network, compiled.
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "compiler/analysis/covariance_map.hpp"
#include "compiler/analysis/recursion.hpp"
#include "compiler/derivation/derive.hpp"
#include "compiler/elaborate_text.hpp"
#include "compiler/jit/jit.hpp"
#include "compiler/kernel_ir/interpreter.hpp"
#include "compiler/passes/pipeline.hpp"
#include "ntkc/analysis.hpp"
#include "ntkc/errors.hpp"

namespace ntkc {

Recursion::Recursion(std::string_view arch_text, const CompileOptions& options, const std::string& file_name,
                     Purpose purpose) {
  const layer_graph::LayerGraph graph = elaborate_for_kernels(arch_text, options, file_name);
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
  network_ = graph.network;
  iterations_ = programs.count;
  try {
    step_ = compile(programs.step);
    if (purpose == Purpose::everything) {
      entry_ = compile(programs.entry);
      contribution_ = compile(programs.contribution);
      return;
    }
    std::erase_if(programs.entry.roots, [](const kernel_ir::Root& root) { return root.name == "Theta"; });
    const kernel_ir::Program entry = passes::remove_dead(programs.entry);
    const bool has_loop = std::ranges::any_of(entry.nodes(), [](const kernel_ir::Node& node) {
      return node.operation == kernel_ir::Operation::loop;
    });
    // One number is wanted: not worth a compilation, unless there is a loop to go through.
    if (has_loop)
      entry_ = compile(entry);
    else
      entry_q_ = static_cast<double>(kernel_ir::interpret(entry, {1, 1, 1}).front());
  } catch (const std::range_error&) {
    std::vector<RenderedDiagnostic> diagnostics = check(arch_text, options, file_name);
    if (std::ranges::any_of(diagnostics, &RenderedDiagnostic::error))
      throw CompileError(std::move(diagnostics));
    throw NumericalError(
        fmt::format("{}: the recursion of `{}` has constants beyond the range of double precision; are its "
                    "parameters too "
                    "large?",
                    file_name, graph.network));
  }
}

double Recursion::entry_q() const { return entry_q_ ? *entry_q_ : analysis::CovarianceMap(entry_).sigma(1); }

}  // namespace ntkc
