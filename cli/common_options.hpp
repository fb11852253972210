// What all subcommands share: options, and the pieces of work they begin with.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/options.hpp"
#include "cli/written_files.hpp"
#include "ntkc/compiler.hpp"
#include "ntkc/execution.hpp"
#include "ntkc/kernel_functions.hpp"
#include "ntkc/model.hpp"

namespace ntkc::cli {

class Console;

struct CommonOptions {
  std::vector<std::string> definitions;  ///< "name=expression", as given
  std::vector<std::string> warnings;     ///< "no-jump", as given behind -W
  std::vector<std::string> include_directories;
  std::vector<std::string> limits;  ///< "nesting=512", as given
  std::size_t max_errors = 20;
  std::optional<double> tolerance;  ///< of expansions
  int threads = 0;
  bool f32 = false;
  bool json = false;
  bool quiet = false;
  std::string color = "auto";
  WrittenFiles written;  ///< what no input may be

  /// Options of every command.
  void declare(const Options& all);
  /// Options of commands that compile a network.
  void declare_network(const Options& all);
  /// A later `--limit` of a name replaces an earlier one.
  [[nodiscard]] SourceLimits source_limits() const;
  /// A later definition of a name replaces an earlier one.
  [[nodiscard]] std::map<std::string, std::string> definition_map() const;
  [[nodiscard]] Precision precision() const { return f32 ? Precision::f32 : Precision::f64; }
  /// Threads as used: --threads, or the CPUs there are.
  [[nodiscard]] int thread_count() const { return threads > 0 ? threads : available_cpus(); }
};

/// Throws UsageError if more than one of the operands is "-".
void require_one_standard_input(const std::vector<std::string>& operands);
/// Throws UsageError if the result and the JSON object would both go to standard output.
void require_one_standard_output(const CommonOptions& common, const std::string& output);

/// `--kernel=theta|sigma`
Option declare_kernel(Options& options, std::string& kernel);
KernelKind kernel_kind(const std::string& name);

/// Reads an .arch file ("-" is standard input); throws InputError.
NetworkSource read_network(const std::string& path, const CommonOptions& common);
/// What the network takes. Throws CompileError; warnings are told when it is compiled.
NetworkInput input_of(const NetworkSource& network, const CommonOptions& common, Console& console);
/// Throws InputError unless an array of this shape fits the input; any fits `vector(*)`.
void require_input(const std::string& path, const std::vector<std::int64_t>& shape,
                   const NetworkInput& input);
/// What to compile a network with. Its warnings go to the console.
CompileOptions compile_options(const NetworkSource& network, const CommonOptions& common, Console& console);
/// Leaves out the warnings about Theta if it is not compiled.
void suit_warnings(CompileOptions& options);
/// Compiles one of the two kernels; throws CompileError.
KernelFunctions compile_kernel(const NetworkSource& network, KernelKind kind, CompileOptions options);

}  // namespace ntkc::cli
