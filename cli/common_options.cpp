#include "cli/common_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/options.hpp"
#include "compiler/diagnostics/suggestion.hpp"
#include "compiler/diagnostics/warnings.hpp"
#include "ntkc/errors.hpp"
#include "ntkc/output_file.hpp"

namespace ntkc::cli {

namespace {

/// More than any network that a person or a program would write; the compiler's own limit is smaller.
constexpr std::size_t max_network_bytes = std::size_t{64} << 20U;

std::string definition_error(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    return fmt::format("`{}` is not a definition; write name=value, as in -D depth=8", text);
  return "";
}

/// What `--limit NAME=N` may set.
struct LimitInfo {
  std::string_view name;
  std::int64_t most;
  void (*set)(SourceLimits& limits, std::int64_t value);
};

constexpr std::array<LimitInfo, 14> limit_table = {{
    {"bytes", static_cast<std::int64_t>(max_network_bytes),
     [](SourceLimits& limits, std::int64_t value) { limits.file_bytes = static_cast<std::uint32_t>(value); }},
    {"nesting", 1024,
     [](SourceLimits& limits, std::int64_t value) { limits.nesting = static_cast<std::uint32_t>(value); }},
    {"integer", std::numeric_limits<std::int32_t>::max(),
     [](SourceLimits& limits, std::int64_t value) { limits.integer = static_cast<std::int32_t>(value); }},
    {"layers", std::numeric_limits<std::int32_t>::max(),
     [](SourceLimits& limits, std::int64_t value) { limits.expanded_layers = value; }},
    {"imports", 64,
     [](SourceLimits& limits, std::int64_t value) {
       limits.import_depth = static_cast<std::uint32_t>(value);
     }},
    {"blocks", 256,
     [](SourceLimits& limits, std::int64_t value) {
       limits.applied_blocks = static_cast<std::uint32_t>(value);
     }},
    {"numbers", std::numeric_limits<std::int32_t>::max(),
     [](SourceLimits& limits, std::int64_t value) { limits.list_numbers = static_cast<std::size_t>(value); }},
    {"parts", 100000,
     [](SourceLimits& limits, std::int64_t value) {
       limits.activation_parts = static_cast<std::size_t>(value);
     }},
    {"statements", std::numeric_limits<std::int32_t>::max(),
     [](SourceLimits& limits, std::int64_t value) { limits.written_out = value; }},
    {"summands", std::numeric_limits<std::int32_t>::max(),
     [](SourceLimits& limits, std::int64_t value) { limits.summands = static_cast<std::size_t>(value); }},
    {"files", 1'000'000,
     [](SourceLimits& limits, std::int64_t value) {
       limits.imported_files = static_cast<std::uint32_t>(value);
     }},
    {"operations", std::numeric_limits<std::int32_t>::max(),
     [](SourceLimits& limits, std::int64_t value) { limits.operations = static_cast<std::size_t>(value); }},
    {"quadrature", std::numeric_limits<std::int32_t>::max(),
     [](SourceLimits& limits, std::int64_t value) { limits.quadrature = value; }},
    {"table", std::numeric_limits<std::int32_t>::max(),
     [](SourceLimits& limits, std::int64_t value) { limits.table = value; }},
}};

/// The entry of the table and the value of "nesting=512"; no entry if it is none.
std::pair<const LimitInfo*, std::int64_t> limit_of(std::string_view text) {
  const std::size_t equals = std::min(text.find('='), text.size());
  const auto* const entry = std::ranges::find(limit_table, text.substr(0, equals), &LimitInfo::name);
  std::int64_t value = 0;
  const std::string_view digits = text.substr(std::min(equals + 1, text.size()));
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool whole = error == std::errc() && end == digits.data() + digits.size();
  if (entry == limit_table.end() || !whole || value < 1 || value > entry->most) return {nullptr, 0};
  return {entry, value};
}

std::string limit_error(const std::string& text) {
  if (limit_of(text).first != nullptr) return "";
  std::string known;
  for (const LimitInfo& limit : limit_table)
    known += fmt::format("{}{} (1 to {})", known.empty() ? "" : ", ", limit.name, limit.most);
  return fmt::format("`{}` is not a limit; write name=value, with {}", text, known);
}

std::string tolerance_error(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (whole && value >= 1e-14 && value <= 0.1) return "";
  return fmt::format("`{}` is not a tolerance; it is a number from 1e-14 to 0.1", text);
}

std::string warning_error(const std::string& text) {
  if (is_warning_switch(text)) return "";
  std::string_view name = text;
  for (const std::string_view prefix : {"no-", "error="})
    if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  std::vector<std::string_view> known = warning_names();
  known.insert(known.end(), {"all", "error"});
  return fmt::format("unknown warning `-W{}`{}; there are {}", text, did_you_mean(name, known),
                     fmt::join(known, ", "));
}

}  // namespace

void CommonOptions::declare_network(const Options& all) {
  Options options = all.in_group("Network");
  options.option("-D", definitions, "sets a network parameter, may be repeated: -D depth=8 -D \"w=sqrt(2)\"")
      .value_name("NAME=VALUE")
      .repeatable()
      .check(definition_error);
  options
      .option("-I", include_directories,
              "look for imports in DIR, after the directory of the importing file; may be repeated")
      .value_name("DIR")
      .repeatable();
  options
      .option("-W", warnings,
              "warnings: -WKIND, -Wno-KIND, -Wall, -Wno-all, -Werror, -Werror=KIND; all are on by default")
      .value_name("WARNING")
      .repeatable()
      .check(warning_error);
  options
      .option(
          "--limit", limits,
          "what a network may need before it is refused, may be repeated: bytes=N of text (default 1048576), "
          "nesting=N (256), integer=N (2147483647), layers=N written out (1000000), imports=N in a chain "
          "(16), blocks=N that apply one another (64), numbers=N of a list (16384), parts=N of activations "
          "(4000), statements=N of blocks "
          "written out (100000), "
          "summands=N of a sum (1024), files=N imported (1000), operations=N of the kernels once all is "
          "written out "
          "(60000), quadrature=N for expansions, in 10^8 products (20), table=N numbers that they keep of "
          "each sample (500000)")
      .value_name("NAME=N")
      .repeatable()
      .check(limit_error);
  options
      .option("--tolerance", tolerance,
              "what expansions of duals without a closed form may leave out of a kernel entry in each "
              "layer, relative to the diagonal: 1e-14 to 0.1 (default: 1e-12; at least 1e-8 with --f32)")
      .value_name("T")
      .check(tolerance_error);
  options
      .option("--max-errors", max_errors,
              "print so many errors and so many warnings and count the rest; 0 prints all (default: 20)")
      .value_name("N")
      .nonnegative();
}

void CommonOptions::declare(const Options& all) {
  Options options = all.in_group("Common options");
  options.option("--threads", threads, "threads to use (default: the CPUs available to the process)")
      .value_name("N")
      .between(1, 4096);
  options.flag("--f32", f32, "compute in single precision");
  options.flag("--json", json, "print one JSON object on standard output instead of text");
  options.flag("--quiet", quiet, "no progress, notes and warnings on standard error, only errors");
  options.choice("--color", color,
                 "diagnostics in colour; auto, the default: on a terminal, unless NO_COLOR is set",
                 {"auto", "always", "never"});
}

SourceLimits CommonOptions::source_limits() const {
  SourceLimits result;
  for (const std::string& text : limits) {
    const auto [entry, value] = limit_of(text);
    entry->set(result, value);
  }
  return result;
}

std::map<std::string, std::string> CommonOptions::definition_map() const {
  std::map<std::string, std::string> map;
  for (const std::string& definition : definitions) {
    const std::size_t equals = definition.find('=');
    map[definition.substr(0, equals)] = definition.substr(equals + 1);
  }
  return map;
}

void require_one_standard_input(const std::vector<std::string>& operands) {
  if (std::count(operands.begin(), operands.end(), "-") > 1)
    throw UsageError("`-` is standard input, which can be read once only");
}

void require_one_standard_output(const CommonOptions& common, const std::string& output) {
  if (common.json && !output.empty() && names_standard_output(output))
    throw UsageError("--json and `-o -` both write to standard output; give -o a file");
}

Option declare_kernel(Options& options, std::string& kernel) {
  return options.choice("--kernel", kernel,
                        "theta or ntk, the tangent kernel (default); sigma or nngp, the NNGP kernel",
                        {"theta", "sigma"}, {{"ntk", "theta"}, {"nngp", "sigma"}});
}

KernelKind kernel_kind(const std::string& name) {
  return name == "sigma" ? KernelKind::sigma : KernelKind::theta;
}

NetworkSource read_network(const std::string& path, const CommonOptions& common) {
  NetworkSource network;
  network.file = path == "-" ? "<stdin>" : path;
  network.definitions = common.definition_map();
  const auto close = [](std::FILE* file) {
    if (file != stdin) std::fclose(file);
  };
  const std::unique_ptr<std::FILE, decltype(close)> file(path == "-" ? stdin : std::fopen(path.c_str(), "rb"),
                                                         close);
  if (!file) throw InputError(fmt::format("{}: cannot be opened: {}", network.file, std::strerror(errno)));
  std::string chunk(std::size_t{1} << 16U, '\0');
  while (const std::size_t count = std::fread(chunk.data(), 1, chunk.size(), file.get())) {
    network.text.append(chunk, 0, count);
    if (network.text.size() > max_network_bytes)
      throw InputError(fmt::format("{}: more than {} MiB is not a network; is it the right file?",
                                   network.file, max_network_bytes >> 20U));
  }
  if (std::ferror(file.get()) != 0)
    throw InputError(fmt::format("{}: cannot be read: {}", network.file, std::strerror(errno)));
  return network;
}

CompileOptions compile_options(const NetworkSource& network, const CommonOptions& common, Console& console) {
  CompileOptions options;
  options.definitions = network.definitions;
  options.precision = common.precision();
  options.warnings = common.warnings;
  options.include_directories = common.include_directories;
  options.limits = common.source_limits();
  options.tolerance = common.tolerance.value_or(options.tolerance);
  options.on_import = [&common](const std::string& path) { common.written.require_other(path); };
  options.on_warning = [&console](const RenderedDiagnostic& warning) { console.diagnose({warning}); };
  return options;
}

void require_input(const std::string& path, const std::vector<std::int64_t>& shape,
                   const NetworkInput& input) {
  if (!input.sized_by_data) require_input_shape(path, shape, input.name, input.shape);
}

NetworkInput input_of(const NetworkSource& network, const CommonOptions& common, Console& console) {
  CompileOptions options = compile_options(network, common, console);
  options.warnings = {"no-all"};  // told, or made errors, when it is compiled
  return network_input(network.text, options, network.file);
}

void suit_warnings(CompileOptions& options) {
  if (!options.theta && !options.per_layer) options.warnings.emplace_back("no-jump");
}

KernelFunctions compile_kernel(const NetworkSource& network, KernelKind kind, CompileOptions options) {
  options.sigma = kind == KernelKind::sigma;
  options.theta = kind == KernelKind::theta;
  suit_warnings(options);
  return compile(network.text, options, network.file);
}

}  // namespace ntkc::cli
