// The entry point: parse, run, and turn every failure into its exit code.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "cli/console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/failure.hpp"
#include "cli/interruption.hpp"
#include "cli/standard_descriptors.hpp"
#include "cli/usage.hpp"
#include "ntkc/compiler.hpp"

namespace ntkc::cli {

namespace {

int fail(const Failure& failure, bool json) {
  claim_last_word();
  tell(message_of(failure));
  if (!json || failure.exit == exit_code::signal_base + SIGPIPE) return failure.exit;
  try {
    print_json(json_of(failure));
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
  CommonOptions& common = command.common;
  common.written = WrittenFiles(command.output());
  for (const std::string& input : command.inputs()) common.written.require_other(input);
  Console console(common.json, common.quiet,
                  {.color = wants_color(common.color), .max_errors = common.max_errors});
  console.report["command"] = name;
  int code = exit_code::wrong_input;
  try {
    code = command.run(console);
    Interruptible::check();  // what was done in time may be complete, but it was asked to stop, and says so
  } catch (const CompileError& error) {
    console.diagnose(error.diagnostics());
    console.report["error"] = {{"kind", "compile"}, {"message", error.what()}, {"exit", code}};
  }
  console.finish();
  return code;
}

int run(int argc, const char* const* argv) {
  const bool json = wants_json(argc, argv);
  const Interruptible interruptible(json);
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
    return fail(describe_failure(), json);
  }
}

}  // namespace

}  // namespace ntkc::cli

int main(int argc, char** argv) {
  ntkc::cli::reserve_standard_descriptors();
  // A write to a closed pipe, or beyond `ulimit -f`, then returns an error, after which we remove our files.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  const int code = ntkc::cli::run(argc, argv);
  // What was said before a failure. (A failure to say it has been told where there was no other.) What libraries do at
  // exit is not waited for.
  (void)std::fflush(stdout);
  _exit(code);
}
