// The subcommands of ntkc. Each has a file of its own and a line in the table of command.cpp.
#pragma once

#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "cli/common_options.hpp"
#include "cli/options.hpp"

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
  /// Options that all commands have and this one refuses or has no use for: help leaves them out.
  [[nodiscard]] virtual std::vector<std::string> inapplicable() const { return {}; }
  /// The words that completion offers for its operand. If there are none, it offers files.
  [[nodiscard]] virtual std::vector<std::string> operands() const { return {}; }
  /// Declares options whose values go to members of this object.
  virtual void declare(Options& options) = 0;
  /// Throws UsageError for what the parser cannot see, such as two options that exclude each other. No file
  /// is opened before this returns.
  virtual void validate() const {}
  /// What `-o` names, "" if there is none.
  [[nodiscard]] virtual std::string output() const { return ""; }
  /// The endings of file names that `-o` may have, of those that mean a format.
  [[nodiscard]] virtual std::vector<std::string_view> formats() const { return {}; }
  /// The files that are read, besides what networks import: "-" is standard input, "" none.
  [[nodiscard]] virtual std::vector<std::string> inputs() const { return {}; }
  /// Returns the exit code; throws for every failure that has one of its own (exit_codes.hpp).
  virtual int run(Console& console) = 0;

  CommonOptions common;
};

/// All options of a command, the common ones too.
void declare(Command& command, Options options);
/// Throws UsageError for what is wrong with the values of the options.
void validate(const Command& command);

struct CommandInfo {
  std::string_view name;
  std::string_view purpose;  ///< one line for --help
  std::unique_ptr<Command> (*make)();
};

/// All subcommands in the order of --help.
std::span<const CommandInfo> commands();

std::unique_ptr<Command> make_analyze();
std::unique_ptr<Command> make_check();
std::unique_ptr<Command> make_completion();
std::unique_ptr<Command> make_explain();
std::unique_ptr<Command> make_fit();
std::unique_ptr<Command> make_fmt();
std::unique_ptr<Command> make_gram();
std::unique_ptr<Command> make_help();
std::unique_ptr<Command> make_layers();
std::unique_ptr<Command> make_plot();
std::unique_ptr<Command> make_predict();
std::unique_ptr<Command> make_show();
std::unique_ptr<Command> make_train();
std::unique_ptr<Command> make_verify();

}  // namespace ntkc::cli
