#include "cli/usage.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "compiler/diagnostics/suggestion.hpp"
#include "ntkc/compiler.hpp"

namespace ntkc::cli {

namespace {

constexpr const char* description =
    "ntkc: kernels of infinitely wide neural networks, compiled.\n"
    "An .arch file describes a network; ntkc derives its two limiting kernels, Sigma (NNGP) and Theta "
    "(NTK),\n"
    "compiles them to machine code and does kernel regression with them.";

constexpr const char* footer =
    "Results go to standard output, all else to standard error; `-` as a file is standard input or output.\n"
    "Exit code: 0 done, 1 the input is wrong, 2 the command line is, 3 numerical failure, 4 undecided "
    "(verify),\n"
    "70 internal error, 130 interrupted. `ntkc COMMAND --help` says more about a command.";

/// Named by the manual of the language, not in this version.
constexpr auto later_commands = std::to_array<std::string_view>({"compile"});

bool is_command(std::string_view name) {
  return std::ranges::any_of(commands(), [&](const CommandInfo& command) { return command.name == name; });
}

[[noreturn]] void refuse_command(const std::string& name) {
  if (std::find(later_commands.begin(), later_commands.end(), name) != later_commands.end())
    throw UsageError(fmt::format("`ntkc {}` is not in this version", name));
  std::vector<std::string_view> known;
  for (const CommandInfo& command : commands()) known.push_back(command.name);
  throw UsageError(
      fmt::format("unknown command `{}`{}; `ntkc --help` lists them", name, did_you_mean(name, known)));
}

[[noreturn]] void refuse_option(const CLI::App& app, const std::string& extra) {
  const std::string given = extra.substr(0, extra.find('='));
  std::vector<std::string> names;
  for (const CLI::Option* const option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  const std::vector<std::string_view> known(names.begin(), names.end());
  throw UsageError(fmt::format("unknown option `{}`{}", given, did_you_mean(given, known)));
}

[[noreturn]] void refuse_operands(const CLI::App& app, const std::string& command,
                                  const std::vector<std::string>& extra) {
  const std::size_t most =
      app.get_options([](const CLI::Option* option) { return option->get_positional(); }).size();
  throw UsageError(fmt::format("{}: expected {}{} operand{}, found {}: `{}`; see `{} --help`", command,
                               most == 0 ? "" : "at most ", most == 0 ? "no" : std::to_string(most),
                               most == 1 ? "" : "s", most + extra.size(), extra.front(), command));
}

/// The parser would take the next argument for the value.
void refuse_empty_values(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument.size() > 3 && argument.starts_with("--") && argument.find('=') == argument.size() - 1)
      throw UsageError(
          fmt::format("`{}` has no value; give one behind the `=`, or leave the option out", argument));
  }
}

std::string help_footer(const std::string& name) {
  if (name == "fit")
    return "Example:  ntkc fit mlp.arch train.csv --target=species --preprocess=standardize -o iris.model";
  if (name == "predict") return "Example:  ntkc predict iris.model test.csv -o predictions.csv";
  if (name == "gram") return "Example:  ntkc gram mlp.arch X.npy --kernel=sigma -o K.npy";
  if (name == "verify") return "Example:  ntkc verify mlp.arch --width=128,256,512 --samples=100 -o mlp.svg";
  if (name == "show") return "Example:  ntkc show mlp.arch --emit=kernel -D depth=3";
  return "";
}

std::vector<Invocation> declare_all(CLI::App& app) {
  app.footer(footer);
  app.require_subcommand(1);
  app.set_version_flag("-V,--version", [] { return version_text(); });
  app.get_formatter()->column_width(34);
  std::vector<Invocation> invocations;
  for (const CommandInfo& info : commands()) {
    CLI::App* const subcommand = app.add_subcommand(std::string(info.name), std::string(info.purpose));
    subcommand->footer(help_footer(std::string(info.name)));
    Invocation invocation{std::string(info.name), info.make()};
    declare(*invocation.command, Options(*subcommand));
    invocations.push_back(std::move(invocation));
  }
  return invocations;
}

}  // namespace

std::string help_text(const std::string& command) {
  if (!command.empty() && !is_command(command)) refuse_command(command);
  CLI::App app(description, "ntkc");
  const std::vector<Invocation> invocations = declare_all(app);
  return command.empty() ? app.help() : app.get_subcommand(command)->help("ntkc");
}

std::variant<Invocation, Answer> parse_command_line(int argc, const char* const* argv) {
  CLI::App app(description, "ntkc");
  std::vector<Invocation> invocations = declare_all(app);
  if (argc > 1 && argv[1][0] != '-' && !is_command(argv[1])) refuse_command(argv[1]);
  if (argc < 2) throw UsageError("no command; `ntkc --help` lists them");
  refuse_empty_values(argc, argv);

  const auto chosen = [&] {
    const std::vector<CLI::App*> parsed = app.get_subcommands();
    return parsed.empty() ? &app : parsed.front();
  };
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return Answer{chosen() == &app ? app.help() : chosen()->help("ntkc")};
  } catch (const CLI::CallForVersion& version) {
    return Answer{fmt::format("{}\n", version.what())};
  } catch (const CLI::ParseError& error) {
    // A misspelt option is the better news than the operand that is missing because of it.
    for (const std::string& extra : app.remaining(true))
      if (extra.size() > 1 && extra.front() == '-') refuse_option(*chosen(), extra);
    const std::string command = chosen() == &app ? "ntkc" : fmt::format("ntkc {}", chosen()->get_name());
    if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr)
      refuse_operands(*chosen(), command, app.remaining(true));
    throw UsageError(fmt::format("{}: {}; see `{} --help`", command, error.what(), command));
  }
  for (Invocation& invocation : invocations) {
    if (invocation.name != chosen()->get_name()) continue;
    validate(*invocation.command);
    return std::move(invocation);
  }
  throw std::logic_error("a command was parsed that is not in the table");
}

}  // namespace ntkc::cli
