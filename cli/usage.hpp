// The command line: parsed into a command, or refused.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "cli/command.hpp"

namespace ntkc::cli {

/// A command ready to run.
struct Invocation {
  std::string name;
  std::unique_ptr<Command> command;
};
/// --help or --version: text for standard output.
struct Answer {
  std::string text;
};

/// What --help prints, of a command or, without a name, of the program. Throws UsageError for a command there is not.
std::string help_text(const std::string& command);

/// Throws UsageError.
std::variant<Invocation, Answer> parse_command_line(int argc, const char* const* argv);

}  // namespace ntkc::cli
