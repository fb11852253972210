// The public interface to the driver.
#include "ntkc/compiler.hpp"

#include <fmt/format.h>

#include <fstream>
#include <utility>

#include "compiler/diagnostics/render.hpp"
#include "compiler/driver/cost.hpp"
#include "compiler/driver/repeat_count.hpp"
#include "compiler/driver/stages.hpp"
#include "compiler/driver/statements.hpp"
#include "compiler/jit/jit.hpp"
#include "compiler/modules/modules.hpp"

namespace ntkc {
namespace {

jit::JitOptions jit_options(const CompileOptions& options) {
  return {.f32 = options.precision == Precision::f32, .lanes = options.lanes};
}

/// At most one byte more than a source file may have: grammar::parse refuses it then.
std::string read_source(const std::string& path, std::size_t limit) {
  std::ifstream file(path, std::ios::binary);
  std::string text(limit + 1, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) {
    throw CompileError({render_for_file(DiagnosticKind::unreadable_file, path, "the file cannot be read")});
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

std::vector<std::int64_t> input_shape(const layer_graph::LayerGraph& graph) {
  const layer_graph::ValueType& type = graph.nodes[graph.input].type;
  std::vector<std::int64_t> shape = type.positions;
  shape.push_back(type.channels.value_or(1));
  return shape;
}

}  // namespace

KernelFunctions compile(std::string_view arch_text, const CompileOptions& options,
                        const std::string& file_name) {
  driver::Compilation compilation(arch_text, options, file_name);
  const driver::Optimized optimized = compilation.require(driver::optimized_of(compilation));
  KernelFunctions kernel = jit::compile(optimized.program, jit_options(options));
  kernel.name = optimized.program.name;
  const driver::Network& network = optimized.derived.network;
  kernel.network = {file_name, modules::self_contained_text(network.sources.modules, compilation.sources),
                    options.definitions};
  for (KernelStack& stack : kernel.kernels)
    if (stack.name == "Theta_by_layer") stack.planes = optimized.derived.layers;
  kernel.input_shape = input_shape(network.graph);
  kernel.tolerance = driver::pipeline_options(options).expansions.tolerance;
  kernel.operations = driver::cost_of(optimized.program).operations;
  return kernel;
}

KernelFunctions compile_file(const std::string& path, const CompileOptions& options) {
  return compile(read_source(path, options.limits.file_bytes), options, path);
}

std::vector<RenderedDiagnostic> check(std::string_view arch_text, const CompileOptions& options,
                                      const std::string& file_name) {
  driver::Compilation compilation(arch_text, options, file_name);
  static_cast<void>(driver::optimized_of(compilation));
  return compilation.rendered();
}

bool has_repeat(std::string_view arch_text, const CompileOptions& options, const std::string& file_name) {
  driver::Compilation compilation(arch_text, options, file_name);
  return driver::last_repeat(compilation.require(driver::parse(compilation))) != nullptr;
}

NetworkInput network_input(std::string_view arch_text, const CompileOptions& options,
                           const std::string& file_name) {
  driver::Compilation compilation(arch_text, options, file_name);
  const driver::Network network = compilation.require(driver::derivable_network_of(compilation));
  return {network.graph.network, input_shape(network.graph), network.graph.sized_by_data};
}

KernelCost kernel_cost(std::string_view arch_text, const CompileOptions& options,
                       const std::string& file_name) {
  driver::Compilation compilation(arch_text, options, file_name);
  return driver::cost_of(compilation.require(driver::optimized_of(compilation)).program);
}

std::string format_text(std::string_view arch_text, const CompileOptions& options,
                        const std::string& file_name) {
  driver::Compilation compilation(arch_text, options, file_name);
  return compilation.require(driver::format(compilation));
}

std::string show(std::string_view arch_text, Stage stage, const CompileOptions& options,
                 const std::string& file_name) {
  driver::Compilation compilation(arch_text, options, file_name);
  const auto graph = [&] { return compilation.require(driver::network_of(compilation)).graph; };
  const auto derived = [&] { return compilation.require(driver::derived_of(compilation)); };
  const auto optimized = [&] { return compilation.require(driver::optimized_of(compilation)); };
  switch (stage) {
    case Stage::ast:
      return ast::print(compilation.require(driver::parse(compilation)));
    case Stage::graph:
      return layer_graph::print(graph());
    case Stage::graph_dot:
      return layer_graph::print_dot(graph());
    case Stage::kernel:
      return driver::print(derived(), options);
    case Stage::kernel_opt:
      return driver::print(optimized());
    case Stage::latex:
      return driver::document(compilation, optimized());
    case Stage::llvm:
      return jit::llvm_text(optimized().program, jit_options(options));
    case Stage::assembly:
      return jit::assembly_text(optimized().program, jit_options(options));
  }
  return {};
}

std::string version_text() {
  return fmt::format("ntkc {}, LLVM {}, {}", NTKC_VERSION, jit::llvm_version(), jit::describe(jit::host()));
}

}  // namespace ntkc
