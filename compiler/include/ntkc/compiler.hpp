// ntkc compiler: .arch text in, compiled kernels (or any stage of their making, as text) out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ntkc/compile_options.hpp"
#include "ntkc/diagnostics.hpp"
#include "ntkc/kernel_functions.hpp"

#pragma GCC visibility push(default)
namespace ntkc {

/// Compiles an .arch text. Throws CompileError.
KernelFunctions compile(std::string_view arch_text, const CompileOptions& options = {},
                        const std::string& file_name = "<string>");
/// Compiles an .arch file. Throws CompileError.
KernelFunctions compile_file(const std::string& path, const CompileOptions& options = {});

/// Whether the network has a `repeat` outside of all blocks, whose count CompileOptions::repeat_count may
/// set. Throws CompileError if the text cannot be parsed.
bool has_repeat(std::string_view arch_text, const CompileOptions& options = {},
                const std::string& file_name = "<string>");

/// What a network calls itself and what it takes, without compiling it. Throws CompileError.
struct NetworkInput {
  std::string name;
  std::vector<std::int64_t> shape;  ///< as KernelFunctions::input_shape
  bool sized_by_data = false;       ///< `vector(*)`: the size is that of CompileOptions
};
NetworkInput network_input(std::string_view arch_text, const CompileOptions& options = {},
                           const std::string& file_name = "<string>");

/// `graph_dot` is the graph in the language of Graphviz.
enum class Stage : std::uint8_t { ast, graph, graph_dot, kernel, kernel_opt, latex, llvm, assembly };

/// The diagnostics of a text, errors and warnings, for the kernels that the options ask for. It compiles if
/// there is no error.
std::vector<RenderedDiagnostic> check(std::string_view arch_text, const CompileOptions& options = {},
                                      const std::string& file_name = "<string>");

/// Compiles up to `stage` and prints it. Throws CompileError.
std::string show(std::string_view arch_text, Stage stage, const CompileOptions& options = {},
                 const std::string& file_name = "<string>");

/// An .arch text in its canonical layout (`ntkc fmt`), of a network or of a file to be imported. Throws
/// CompileError.
std::string format_text(std::string_view arch_text, const CompileOptions& options = {},
                        const std::string& file_name = "<string>");

/// "ntkc 0.1.0, LLVM 19.1.7, x86-64 with avx512f …"
std::string version_text();

}  // namespace ntkc
#pragma GCC visibility pop
