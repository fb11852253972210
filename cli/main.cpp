// The entry point: parse, run, and turn every failure into its exit code.
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
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
  } catch (const CompileError& error) {
    return {"compile", error.what(), exit_code::wrong_input};
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
  // Diagnostics are complete as they are: place, severity, source line.
  if (kind == "compile") {
    const bool ends_line = !failure.message.empty() && failure.message.back() == '\n';
    fmt::print(stderr, "{}{}", failure.message, ends_line ? "" : "\n");
    return;
  }
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

/// Before the command line is known to be right, for a failure to be reported in the form that was asked for.
bool wants_json(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i)
    if (std::string_view(argv[i]) == "--json") return true;
  return false;
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
    Console console(invocation.command->common.json, invocation.command->common.quiet);
    console.report["command"] = invocation.name;
    const int code = invocation.command->run(console);
    console.finish();
    return code;
  } catch (...) {
    return fail(describe_failure(), wants_json(argc, argv));
  }
}

}  // namespace

}  // namespace ntkc::cli

int main(int argc, char** argv) {
  // A closed pipe and a file beyond `ulimit -f` are then errors of the write, which leave nothing behind.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  return ntkc::cli::run(argc, argv);
}
