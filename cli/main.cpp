// The entry point: parse, run, and turn every failure into its exit code.
#include <fmt/format.h>

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/progress.hpp"
#include "cli/usage.hpp"
#include "ntkc/compiler.hpp"
#include "ntkc/errors.hpp"

namespace ntkc::cli {

namespace {

struct Failure {
  const char* kind;
  std::string message;
  int exit;
};

/// The exception in flight as kind, message and exit code.
Failure describe_failure() {
  try {
    throw;
  } catch (const UsageError& error) {
    return {"usage", error.what(), exit_code::wrong_usage};
  } catch (const InputError& error) {
    return {"input", error.what(), exit_code::wrong_input};
  } catch (const NumericalError& error) {
    return {"numerical", error.what(), exit_code::numerical_failure};
  } catch (const Cancelled&) {
    const int signal = Interruptible::signal();
    return {"cancelled", "interrupted", exit_code::signal_base + (signal == 0 ? SIGINT : signal)};
  } catch (const BrokenPipe&) {
    return {"broken-pipe", "", exit_code::signal_base + SIGPIPE};
  } catch (const std::bad_alloc&) {
    return {"input", "out of memory; use fewer samples or --f32", exit_code::wrong_input};
  } catch (const std::exception& error) {
    return {"internal", error.what(), exit_code::internal_error};
  } catch (...) {
    return {"internal", "an exception of unknown type", exit_code::internal_error};
  }
}

void print_failure(const Failure& failure) {
  const std::string_view kind = failure.kind;
  if (kind == "broken-pipe") return;
  fmt::print(stderr, "ntkc: {}: {}\n", kind == "internal" ? "internal error" : "error", failure.message);
  if (kind == "internal")
    fmt::print(stderr,
               "This is a fault of ntkc, not of your input. Please report it together with the command line, "
               "the files and what `ntkc --version` prints.\n");
}

int fail(const Failure& failure, bool json) {
  print_failure(failure);
  if (!json || failure.exit == exit_code::signal_base + SIGPIPE) return failure.exit;
  try {
    print_json({{"schema", json_schema},
                {"error", {{"kind", failure.kind}, {"message", failure.message}, {"exit", failure.exit}}}});
  } catch (const std::exception&) {
    // Standard output cannot be written to either; standard error has the message and the exit code says the
    // rest.
    return failure.exit;
  }
  return failure.exit;
}

/// Whether --json is among the arguments: a command line that cannot be parsed is reported in this form, too.
bool wants_json(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i)
    if (std::string_view(argv[i]) == "--json") return true;
  return false;
}

/// Whether standard error may be coloured: --color, else a terminal that is not dumb, and no NO_COLOR
/// (https://no-color.org: any value that is not empty).
bool wants_color(const std::string& when) {
  if (when != "auto") return when == "always";
  const char* const no_color = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  if (no_color != nullptr && *no_color != '\0') return false;
  return isatty(STDERR_FILENO) == 1 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

int run(Command& command, const std::string& name) {
  const CommonOptions& common = command.common;
  Console console(common.json, common.quiet,
                  {.color = wants_color(common.color), .max_errors = common.max_errors});
  console.report["command"] = name;
  int code = exit_code::wrong_input;
  try {
    code = command.run(console);
  } catch (const CompileError& error) {
    console.diagnose(error.diagnostics());
    console.report["error"] = {{"kind", "compile"}, {"message", error.what()}, {"exit", code}};
  }
  console.finish();
  return code;
}

int run(int argc, const char* const* argv) {
  try {
    auto parsed = parse_command_line(argc, argv);
    if (const Answer* const answer = std::get_if<Answer>(&parsed)) {
      Console console(false, false);
      console.print(answer->text);
      console.finish();
      return exit_code::success;
    }
    const Invocation& invocation = std::get<Invocation>(parsed);
    return run(*invocation.command, invocation.name);
  } catch (...) {
    return fail(describe_failure(), wants_json(argc, argv));
  }
}

}  // namespace

}  // namespace ntkc::cli

int main(int argc, char** argv) {
  // A write to a closed pipe, or beyond `ulimit -f`, then returns an error, after which we remove our files.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  return ntkc::cli::run(argc, argv);
}
