#include "cli/failure.hpp"

#include <fmt/format.h>

#include <csignal>
#include <exception>
#include <new>
#include <string_view>

#include "cli/command.hpp"
#include "cli/exit_codes.hpp"
#include "cli/interruption.hpp"
#include "ntkc/errors.hpp"
#include "ntkc/printable.hpp"

namespace ntkc::cli {

Failure describe_failure() {
  try {
    throw;
  } catch (const UsageError& error) {
    return {"usage", error.what(), exit_code::wrong_usage};
  } catch (const BrokenPipe& error) {
    return {"broken-pipe", error.what(), exit_code::signal_base + SIGPIPE};
  } catch (const InputError& error) {
    return {"input", error.what(), exit_code::wrong_input};
  } catch (const NumericalError& error) {
    return {"numerical", error.what(), exit_code::numerical_failure};
  } catch (const Cancelled&) {
    return interrupted(Interruptible::signal());
  } catch (const std::bad_alloc&) {
    return {"input", "out of memory; use fewer samples or --f32", exit_code::wrong_input};
  } catch (const std::exception& error) {
    return {"internal", error.what(), exit_code::internal_error};
  } catch (...) {
    return {"internal", "an exception of unknown type", exit_code::internal_error};
  }
}

Failure interrupted(int signal) {
  return {"cancelled", "interrupted", exit_code::signal_base + (signal == 0 ? SIGINT : signal)};
}

std::string message_of(const Failure& failure) {
  const std::string_view kind = failure.kind;
  if (kind == "broken-pipe") return "";
  const bool internal = kind == "internal";
  return readable(
      fmt::format("ntkc: {}: {}\n{}", internal ? "internal error" : "error", failure.message,
                  internal ? "This is a fault of ntkc, not of your input. Please report it together with "
                             "the command line, the files and what `ntkc --version` prints.\n"
                           : ""));
}

Json json_of(const Failure& failure) {
  return {{"schema", json_schema},
          {"error", {{"kind", failure.kind}, {"message", failure.message}, {"exit", failure.exit}}}};
}

}  // namespace ntkc::cli
