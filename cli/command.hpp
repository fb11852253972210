// The subcommands of ntkc. Each has a file of its own and a line in the table of command.cpp.
#pragma once

#include <memory>
#include <span>
#include <stdexcept>
#include <string_view>

#include "cli/common_options.hpp"

namespace CLI {
class App;
}

namespace ntkc::cli {

class Console;

/// The command line is wrong in itself: exit code 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Command {
 public:
  Command() = default;
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;
  virtual ~Command() = default;

  /// Whether it compiles a network, and so takes the options about networks and their diagnostics.
  [[nodiscard]] virtual bool reads_network() const { return true; }
  /// Declares options whose values go to members of this object.
  virtual void declare(CLI::App& app) = 0;
  /// Throws UsageError for what the parser cannot see, such as two options that exclude each other. No file
  /// is opened before this returns.
  virtual void validate() const {}
  /// Returns the exit code; throws for every failure that has one of its own (exit_codes.hpp).
  virtual int run(Console& console) = 0;

  CommonOptions common;
};

struct CommandInfo {
  std::string_view name;
  std::string_view purpose;  ///< one line for --help
  std::unique_ptr<Command> (*make)();
};

/// All subcommands in the order of --help.
std::span<const CommandInfo> commands();

std::unique_ptr<Command> make_check();
std::unique_ptr<Command> make_fit();
std::unique_ptr<Command> make_fmt();
std::unique_ptr<Command> make_gram();
std::unique_ptr<Command> make_layers();
std::unique_ptr<Command> make_predict();
std::unique_ptr<Command> make_show();
std::unique_ptr<Command> make_train();
std::unique_ptr<Command> make_verify();

}  // namespace ntkc::cli
